extends RefCounted
## Where the microphone's samples come from. Read by the session's thread; the game's [method feed] comes from any.

## How the samples come: from the audio server's input (Godot 4.6), from a bus, or from the game.
enum Kind { INPUT, BUS, GAME }

const MOST_FED_BYTES := 1 << 20

var kind: Kind
## The rate of its samples; 0: not known yet.
var rate_hz: int = 0

var _capture: AudioEffectCapture = null
var _mutex := Mutex.new()
var _fed := PackedByteArray()


## Whether the audio server gives its input without a bus.
static func has_input() -> bool:
	return AudioServer.has_method(&"get_input_frames")


static func from_input() -> RefCounted:
	var source := new()
	source.kind = Kind.INPUT
	source.rate_hz = int(AudioServer.call(&"get_input_mix_rate"))
	return source


static func from_bus(capture: AudioEffectCapture) -> RefCounted:
	var source := new()
	source.kind = Kind.BUS
	source._capture = capture
	source.rate_hz = int(AudioServer.get_mix_rate())
	return source


static func from_game() -> RefCounted:
	var source := new()
	source.kind = Kind.GAME
	return source


## Add samples, PCM16; with another rate than before, what has not been read is discarded.
func feed(pcm16: PackedByteArray, samples_hz: int) -> void:
	_mutex.lock()
	if samples_hz != rate_hz:
		_fed.clear()
		rate_hz = samples_hz
	if _fed.size() < MOST_FED_BYTES:
		_fed.append_array(pcm16)
	_mutex.unlock()


## Samples that have come since the last call, as PCM16, at most [param most].
func read(most: int) -> PackedByteArray:
	match kind:
		Kind.INPUT:
			var waiting: int = AudioServer.call(&"get_input_frames_available")
			if waiting <= 0:
				return PackedByteArray()
			var frames: PackedVector2Array = AudioServer.call(&"get_input_frames", mini(waiting, most))
			return _mono(frames)
		Kind.BUS:
			var waiting := mini(_capture.get_frames_available(), most)
			return _mono(_capture.get_buffer(waiting)) if waiting > 0 else PackedByteArray()
	_mutex.lock()
	var bytes := _fed.slice(0, 2 * most)
	_fed = _fed.slice(2 * most) if _fed.size() > 2 * most else PackedByteArray()
	_mutex.unlock()
	return bytes


## Discard what has come so far.
func skip() -> void:
	match kind:
		Kind.INPUT:
			var waiting: int = AudioServer.call(&"get_input_frames_available")
			AudioServer.call(&"get_input_frames", waiting)
		Kind.BUS:
			_capture.clear_buffer()
		Kind.GAME:
			_mutex.lock()
			_fed.clear()
			_mutex.unlock()


static func _mono(frames: PackedVector2Array) -> PackedByteArray:
	var out := PackedByteArray()
	out.resize(2 * frames.size())
	var at := 0
	for frame in frames:
		out.encode_s16(at, clampi(int((frame.x + frame.y) * 16_383.5), -32_768, 32_767))
		at += 2
	return out
