extends RefCounted
## A server for tests, in the place of the addon's WebSocket: it notes what is sent, and sends what a test gives it.

const Decoder := preload("res://addons/frametalk/core/decoder.gd")
const Encoder := preload("res://addons/frametalk/core/encoder.gd")
const WELCOME: Dictionary = {
	"type": "welcome",
	"seq": 1,
	"protocol": 1,
	"session": "s-1",
	"character": "blacksmith",
	"mic_rates_hz": [16_000],
	"rate_hz": 22_050,
	"resume": "token-1",
	"features": ["resume", "floor", "turn_hint"],
	"limits":
	{
		"message_bytes": 61_440,
		"lead_ms": 400.0,
		"played_every_ms": 100.0,
		"mic_frame_ms": 20.0,
		"tools": 64,
		"entities": 512,
		"resume_ms": 60_000.0,
		"pause_ms": 600_000.0,
	},
}

var url: String = ""
## Control messages and media frames that the client has sent, in order.
var sent: Array[Dictionary] = []
var media: Array[PackedByteArray] = []
## Whether the client gave it up without a handshake.
var dropped: bool = false
## Called with each control message that is sent, on the thread that sends.
var answer: Callable = Callable()

var _state: WebSocketPeer.State = WebSocketPeer.STATE_CONNECTING
var _code: int = 1006
var _frames: Array[PackedByteArray] = []
var _mutex := Mutex.new()
var _decoder := Decoder.new()
var _seq: int = 0


func open(address: String) -> void:
	url = address


func poll() -> void:
	if _state == WebSocketPeer.STATE_CLOSING:
		_state = WebSocketPeer.STATE_CLOSED


func state() -> WebSocketPeer.State:
	return _state


func has_frame() -> bool:
	_mutex.lock()
	var has := not _frames.is_empty()
	_mutex.unlock()
	return has


func take_frame() -> PackedByteArray:
	_mutex.lock()
	var frame: PackedByteArray = _frames.pop_front()
	_mutex.unlock()
	return frame


func was_text() -> bool:
	return false


func send(bytes: PackedByteArray) -> void:
	if bytes[0] < 0x80:
		media.append(bytes)
		return
	var message := _decoder.decode(bytes)
	sent.append(message)
	if answer.is_valid():
		answer.call(self, message)


func close() -> void:
	_state = WebSocketPeer.STATE_CLOSING


func drop() -> void:
	dropped = true
	_state = WebSocketPeer.STATE_CLOSED


func close_code() -> int:
	return _code


## The connection is there.
func accept() -> void:
	_state = WebSocketPeer.STATE_OPEN


## Send a control message, with the next `seq` unless it has one (0: none).
func give(message: Dictionary) -> void:
	var out := message.duplicate(true)
	if not out.has("seq"):
		_seq += 1
		out["seq"] = _seq
	elif out["seq"] > 0:
		_seq = out["seq"]
	var bytes := PackedByteArray()
	if out.has("marks") and out["marks"] is Array:
		bytes = JSON.stringify(out).to_utf8_buffer()
		bytes = _packed(out)
	else:
		bytes = Encoder.new().encode(out)
	give_frame(bytes)


func give_frame(bytes: PackedByteArray) -> void:
	_mutex.lock()
	_frames.append(bytes)
	_mutex.unlock()


func welcome(changes: Dictionary = {}) -> void:
	give(WELCOME.merged(changes, true))


## PCM16 samples of a reply.
func give_sound(stream: int, seq: int, sample: int, pcm16: PackedByteArray) -> void:
	var frame := PackedByteArray()
	frame.resize(16)
	frame[0] = 1
	frame.encode_u16(2, stream)
	frame.encode_u32(4, seq)
	frame.encode_u64(8, sample)
	frame.append_array(pcm16)
	give_frame(frame)


## The connection breaks, or is closed.
func end(code: int = 1006) -> void:
	_code = code
	_state = WebSocketPeer.STATE_CLOSED


## Messages of this type that were sent.
func of(type: String) -> Array[Dictionary]:
	return sent.filter(func(message: Dictionary) -> bool: return message["type"] == type)


func last(type: String) -> Dictionary:
	var found := of(type)
	return found[-1] if not found.is_empty() else {}


## A reply.marks with rows, as the JSON form has them.
func _packed(message: Dictionary) -> PackedByteArray:
	var rows: Array = message["marks"]
	var without := message.duplicate()
	without.erase("marks")
	var bytes := Encoder.new().encode(without)
	bytes[0] += 1
	bytes.append_array([0xa5])
	bytes.append_array("marks".to_utf8_buffer())
	bytes.append_array(Encoder.new().encode({"x": rows}).slice(3))
	return bytes
