extends RefCounted
## Speaks recordings into a microphone in real time, on a thread: a main thread that stands still does not stop it.
##
## The environment's FRAMETALK_SPEECH is a folder of NAME.raw, PCM16 at 16 kHz.

const RATE_HZ := 16_000
const PIECE_MS := 10
const PIECE_BYTES := 320

var _microphone: FrametalkMicrophone
var _thread := Thread.new()
var _mutex := Mutex.new()
var _rest := PackedByteArray()
var _over: bool = false


func _init(microphone: FrametalkMicrophone) -> void:
	_microphone = microphone
	_thread.start(_run)


## Speak a recording now.
func say(name: String) -> void:
	var path := OS.get_environment("FRAMETALK_SPEECH").path_join(name + ".raw")
	var bytes := FileAccess.get_file_as_bytes(path)
	if bytes.is_empty():
		push_error("there is no recording %s" % path)
	_mutex.lock()
	_rest = bytes
	_mutex.unlock()


func is_speaking() -> bool:
	_mutex.lock()
	var speaking := not _rest.is_empty()
	_mutex.unlock()
	return speaking


func stop() -> void:
	_over = true
	_thread.wait_to_finish()


func _run() -> void:
	var began := Time.get_ticks_msec()
	var pieces := 0
	while not _over:
		if Time.get_ticks_msec() - began < pieces * PIECE_MS:
			OS.delay_msec(2)
			continue
		pieces += 1
		_mutex.lock()
		var piece := _rest.slice(0, PIECE_BYTES)
		_rest = _rest.slice(PIECE_BYTES)
		_mutex.unlock()
		piece.resize(PIECE_BYTES)
		_microphone.feed(piece, RATE_HZ)
