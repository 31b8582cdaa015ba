extends "res://addons/frametalk/core/socket.gd"
## The addon's WebSocket, noting the sound of every reply as the server sent it.

const Decoder := preload("res://addons/frametalk/core/decoder.gd")
const Media := preload("res://addons/frametalk/core/media.gd")

## Reply -> its samples, and their rate.
static var sounds: Dictionary[int, PackedFloat32Array] = {}
static var rates: Dictionary[int, int] = {}

var _decoder := Decoder.new()
var _streams: Dictionary[int, int] = {}


func take_frame() -> PackedByteArray:
	var frame := super()
	if was_text() or frame.is_empty():
		return frame
	if frame[0] < 0x80:
		_note(frame)
	elif frame.size() > 20 and frame.slice(0, 24).hex_encode().contains("7265706c792e626567696e"):
		var begin := _decoder.decode(frame)  # a reply.begin
		_streams[begin["stream"]] = begin["reply"]
		rates[begin["reply"]] = begin["rate_hz"]
		sounds[begin["reply"]] = PackedFloat32Array()
	return frame


func _note(frame: PackedByteArray) -> void:
	var reply: int = _streams.get(Media.stream_of(frame), -1)
	if reply < 0 or Media.sample_of(frame) != sounds[reply].size():
		return
	for at in range(Media.HEADER_BYTES, frame.size(), 2):
		sounds[reply].append(frame.decode_s16(at) / Media.FULL_SCALE)
