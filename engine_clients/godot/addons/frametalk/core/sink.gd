extends RefCounted
## The generator that the voice plays: takes samples, and says which one leaves the loudspeaker now.
##
## Positions are frames that were pushed since [method attach]. A generator fetches its samples in pieces, and the audio
## server holds some back, so that what was taken out of the ring has not been heard yet. All of it follows from how
## many pieces were fetched: see docs/decisions/0036-godot-client.md.

const Mixer := preload("mixer.gd")
const PIECE := 128  # frames that a generator fetches at once
const STEP := 512  # frames that the audio server mixes at once
const HELD_BACK := 64  # frames of its output that it keeps for a fade
const INTERPOLATION := 2.0  # frames by which its interpolation is late
const LEAST_LEAD_US := 60_000
const SAFETY_US := 20_000

## The generator's rate; 0: there is none.
var rate_hz: int = 0
## Frames that were pushed.
var pushed: int = 0
## How many frames should lie ready.
var lead: int = 0
## The line that [method heard] follows: at this time, in microseconds, this position leaves the loudspeaker.
var anchor_us: int = 0
var anchor_at: float = 0.0

var _playback: Object
var _mixer: Mixer
var _capacity: int = 0
var _fetched: int = -1  # by the generator, silence included
var _taken: int = 0  # of what was pushed
var _silence: int = 0  # fetched in all, and before the newest frame that was taken
var _silence_before: int = 0


func _init(mixer: Mixer) -> void:
	_mixer = mixer


## Push into this playback from now on; it is empty.
func attach(playback: Object, playback_hz: int, capacity: int) -> void:
	_playback = playback
	_capacity = capacity
	rate_hz = playback_hz
	pushed = 0
	anchor_us = 0
	anchor_at = 0.0
	_fetched = -1
	_taken = 0
	_silence = 0
	_silence_before = 0


## There is no playback any more.
func detach() -> void:
	_playback = null
	rate_hz = 0


## How many frames may be pushed now.
func room() -> int:
	if _playback == null:
		return 0
	return clampi(lead - (pushed - _taken), 0, _capacity - (pushed - _taken))


## How long sound should lie ready before a reply begins: 40 ms, or two blocks.
func prime_us() -> int:
	return maxi(40_000, 2 * _mixer.block_us)


## What the system says of the way from the mixer to the loudspeaker, in milliseconds; null: nothing.
func output_ms() -> Variant:
	if _mixer.latency_us > 0:
		return _mixer.latency_us / 1000.0
	return null


func push(frames: PackedVector2Array) -> void:
	measure()
	@warning_ignore("unsafe_method_access")
	_playback.push_buffer(frames)
	pushed += frames.size()


## Look how far the generator is.
func measure() -> void:
	if _playback == null:
		return
	@warning_ignore("unsafe_method_access")
	var seconds: float = _playback.get_playback_position()
	if roundi(seconds * rate_hz) == _fetched:
		return
	_mixer.lock()
	_mixer.read()
	@warning_ignore_start("unsafe_method_access")
	var fetched := roundi(_playback.get_playback_position() * rate_hz / PIECE) * PIECE
	var gone: int = pushed - (_capacity - _playback.get_frames_available())
	@warning_ignore_restore("unsafe_method_access")
	_mixer.unlock()
	_take(fetched, gone)


## The position that leaves the loudspeaker at this time; below 0 before the first sound, never beyond what was taken.
func heard(at_us: int) -> float:
	return minf(anchor_at + (at_us - anchor_us) * rate_hz / 1e6, _taken) if anchor_us > 0 else -INF


## The end of what can be heard without another block.
func taken() -> int:
	return _taken


func _take(fetched: int, gone: int) -> void:
	if gone > _taken:
		_silence_before = _silence
	_fetched = fetched
	_taken = gone
	_silence = fetched - gone
	var ratio := floorf(rate_hz / _mixer.rate_hz * 65_536.0) / 65_536.0
	var step := STEP * ratio
	var mixed := ceilf(fetched / step - 1e-6) * step
	var unmixed := PIECE - fposmod(mixed, PIECE)
	anchor_at = fetched - unmixed - HELD_BACK * ratio - INTERPOLATION - _silence_before
	anchor_us = _mixer.mixed_us + _mixer.block_us + _mixer.latency_us
	lead = int(maxi(LEAST_LEAD_US, 2 * _mixer.block_us + SAFETY_US) * rate_hz / 1_000_000.0)
