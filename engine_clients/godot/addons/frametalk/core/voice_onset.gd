extends RefCounted
## Detects in the client that the player begins to speak over a reply.
##
## A block of 5 ms is loud above -50 dB of full scale, 12 dB above the noise, and 6 dB above the possible echo of what
## was played; the echo's strength is learned while the player is silent.

const SILENCE_DB := -96.0
const BLOCK_MS := 5
const BLOCKS_TO_START := 2  # one loud block is a click
const QUIET_TO_END_MS := 200  # syllables of one sentence are one onset
const LOUDER_DB := -50.0
const ABOVE_NOISE_DB := 12.0
const ABOVE_ECHO_DB := 6.0
const LOWEST_NOISE_DB := -65.0
const NOISE_RISES_DB := 0.03  # each block
const NOISE_FALLS := 0.1  # of the way down, each block
const FIRST_COUPLING_DB := -6.0
const MOST_COUPLING_DB := 6.0
const COUPLING_FALLS_DB := 0.02
const COUPLING_RISES_DB := 0.3  # slow, so that a voice is not learned as echo
const ECHO_BLOCKS := 50  # the longest delay of an echo
const MEASURABLE_DB := -40.0  # the coupling cannot be measured from softer sound

## Whether the server also hears speech; meanwhile nothing is learned.
var confirmed: bool = false

var _noise_db := LOWEST_NOISE_DB
var _coupling_db := FIRST_COUPLING_DB
var _played_db := PackedFloat32Array()
var _slot: int = 0
var _loud: int = 0  # blocks in a row
var _quiet_ms: int = QUIET_TO_END_MS
var _worst_db := SILENCE_DB  # the strongest return since the last onset, if it was echo


func _init() -> void:
	_played_db.resize(ECHO_BLOCKS)
	_played_db.fill(SILENCE_DB)


## Whether a voice begins in this block of the microphone; [param played_db]: the loudspeaker's level then.
func feed(heard_db: float, played_db: float) -> bool:
	_played_db[_slot] = played_db
	_slot = (_slot + 1) % ECHO_BLOCKS
	var echo_db := SILENCE_DB
	for level in _played_db:
		echo_db = maxf(echo_db, level)
	var threshold := maxf(LOUDER_DB, _noise_db + ABOVE_NOISE_DB)
	if echo_db > SILENCE_DB:
		threshold = maxf(threshold, echo_db + _coupling_db + ABOVE_ECHO_DB)
	var loud := heard_db > threshold
	var speaking := _quiet_ms < QUIET_TO_END_MS
	_loud = _loud + 1 if loud else 0
	_quiet_ms = 0 if loud and speaking else _quiet_ms + BLOCK_MS
	_follow_noise(heard_db)
	var starts := _loud >= BLOCKS_TO_START and not speaking
	if starts:
		_quiet_ms = 0
		_worst_db = SILENCE_DB
	if echo_db > MEASURABLE_DB:
		_follow_echo(heard_db - echo_db, speaking or starts, loud)
	return starts


## The last onset was not the player: raise the estimate of the echo.
func false_alarm() -> void:
	_coupling_db = maxf(_coupling_db, minf(_worst_db, MOST_COUPLING_DB))


func _follow_noise(heard_db: float) -> void:
	if heard_db > _noise_db:
		_noise_db += NOISE_RISES_DB
	else:
		_noise_db += (heard_db - _noise_db) * NOISE_FALLS
	_noise_db = maxf(_noise_db, LOWEST_NOISE_DB)


func _follow_echo(back_db: float, speaking: bool, loud: bool) -> void:
	if speaking:
		_worst_db = maxf(_worst_db, back_db)
	elif not loud and not confirmed:
		_coupling_db = minf(_coupling_db + COUPLING_RISES_DB, maxf(_coupling_db - COUPLING_FALLS_DB, back_db))
