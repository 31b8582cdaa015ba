extends RefCounted
## One reply: its sound on the way to the generator, its clock, and what waits for a sample to be heard.

const Media := preload("media.gd")
const Sink := preload("sink.gd")
const LONGEST_HOLE_MS := 1000
const SILENCE_DB := -96.0
const MOST_FRAMES := 1024  # at once into the generator

## From reply.begin.
var id: int
var turn: int
var stream: int
var rate_hz: int
var character: String
## Samples that have arrived; from reply.end: its length, else -1.
var received: int = 0
var total: int = -1
## How it ended: finished, the reason of a cut, or disconnected; empty: it has not.
var how: String = ""
var underruns: int = 0
var arrived_us: int = -1
## The newest report: when, and the highest sample reported.
var reported_us: int = 0
var reported: int = 0
var rendered: bool = false
var sounding: bool = false
var paused: bool = false
## The level of the newest sound that was pushed, in dB of full scale.
var level_db: float = SILENCE_DB

var _sink: Sink
var _queue: Array[PackedVector2Array] = []
var _base: int = 0  # the generator's position of this reply's first sample
var _pushed: int = 0  # frames pushed of it
var _started: bool = false
var _dry: bool = false
var _fraction: float = 0.0  # of the resampler, in frames of the reply
var _before := Vector2.ZERO
var _waiting: Array[Array] = []  # [sample, event], in order


func _init(begin: Dictionary, sink: Sink) -> void:
	id = begin["reply"]
	turn = begin["turn"]
	stream = begin["stream"]
	rate_hz = begin["rate_hz"]
	character = begin.get("character", "")
	_sink = sink


## Take a media frame; what came already is skipped, a hole is filled with silence.
func feed(frame: PackedByteArray) -> void:
	var sample := Media.sample_of(frame)
	if total >= 0 or sample + Media.count_of(frame) <= received:
		return
	if sample > received:
		var hole := PackedVector2Array()
		hole.resize(mini(sample - received, LONGEST_HOLE_MS * rate_hz / 1000))
		_append(hole)
		received = sample
	var first := received - sample
	_append(Media.stereo_of(frame, first))
	received = sample + Media.count_of(frame)


## Push what the generator may have; returns whether the reply has just run out of sound.
func push() -> bool:
	if paused or how or _sink.rate_hz == 0 or not _may_start():
		return false
	while not _queue.is_empty() and _sink.room() > 0:
		if not _started:
			_started = true
			_base = _sink.pushed
		var frames: PackedVector2Array = _queue.pop_front()
		if rate_hz != _sink.rate_hz:
			frames = _resampled(frames)
		_sink.push(frames)
		_pushed += frames.size()
		level_db = _level(frames)
		_dry = false
	if _dry or not _started or total >= 0 or not _queue.is_empty() or _sink.taken() < _base + _pushed:
		return false
	_dry = true
	underruns += 1
	return true


## The generator has been replaced: what it had not played is lost.
func rebase() -> void:
	_base = _sink.pushed - _pushed


## The sample that leaves the loudspeaker at this time, with fractions; below 0 before the first.
func position(at_us: int) -> float:
	return (_sink.heard(at_us) - _base) * _ratio() if _started else -INF


## The same, as it is reported: whole, never below what was reported, never beyond what came.
func heard(at_us: int) -> int:
	if finished(at_us):
		return maxi(reported, mini(total, received))
	var at := position(at_us)
	return clampi(floori(at), reported, received) if at > 0.0 else reported


## The end of what can be heard without another block of the mixer.
func limit() -> float:
	return (_sink.taken() - _base) * _ratio()


## The anchor of its clock: the sample of [member Sink.anchor_us].
func anchor() -> float:
	return (_sink.anchor_at - _base) * _ratio()


## Whether it has sound in the generator.
func started() -> bool:
	return _started


## Whether all of it was heard.
func finished(at_us: int) -> bool:
	if total < 0 or not _queue.is_empty():
		return false
	if not _started:
		return received == 0 or total == 0
	return _sink.heard(at_us) >= _base + _pushed - 0.5


## How much sound waits, in milliseconds.
func buffered_ms(at_us: int) -> float:
	return maxf(0.0, received - maxf(0.0, position(at_us))) * 1000.0 / rate_hz


## Keep an event until [param sample] is heard.
func wait_for(sample: int, event: Dictionary) -> void:
	var place := _waiting.size()
	while place > 0 and _waiting[place - 1][0] > sample:
		place -= 1
	_waiting.insert(place, [sample, event])


## Take the events whose sample was heard.
func take_due(sample: int) -> Array[Dictionary]:
	var due: Array[Dictionary] = []
	while not _waiting.is_empty() and _waiting[0][0] <= sample:
		due.append(_waiting.pop_front()[1])
	return due


## It ends here: discard what waits.
func discard() -> void:
	_queue.clear()
	_waiting.clear()


func _may_start() -> bool:
	if _started or total >= 0:
		return true
	return received * 1_000_000.0 / rate_hz >= _sink.prime_us()


func _ratio() -> float:
	return float(rate_hz) / _sink.rate_hz if _sink.rate_hz > 0 else 1.0


func _append(frames: PackedVector2Array) -> void:
	if frames.size() <= MOST_FRAMES:
		if not frames.is_empty():
			_queue.append(frames)
		return
	for from in range(0, frames.size(), MOST_FRAMES):
		_queue.append(frames.slice(from, from + MOST_FRAMES))


## Linear interpolation, for a reply whose rate is not the generator's.
func _resampled(frames: PackedVector2Array) -> PackedVector2Array:
	var step := float(rate_hz) / _sink.rate_hz
	var out := PackedVector2Array()
	var at := _fraction  # between -1 (the frame before these) and their last
	var last := frames.size() - 1
	while at <= last - 1e-9:
		var whole := floori(at)
		var left := frames[whole] if whole >= 0 else _before
		out.append(left.lerp(frames[whole + 1], at - whole))
		at += step
	_before = frames[last]
	_fraction = at - frames.size()
	return out


static func _level(frames: PackedVector2Array) -> float:
	var power := 0.0
	for i in range(0, frames.size(), 4):
		power += frames[i].x * frames[i].x
	return maxf(SILENCE_DB, 10.0 * log(power * 4.0 / maxi(1, frames.size()) + 1e-12) / log(10.0))
