extends RefCounted
## A recorded session: its frames in order, and the same frames with other numbers to play them again.

const Decoder := preload("../core/decoder.gd")
## Keys whose numbers grow when the recording is played again.
const IDS: Array[String] = ["turn", "reply", "call"]

var _highest: Dictionary[String, int] = {}


## The frames of a file: [code]{from, name, frame, message}[/code]; the message of media is empty. None if it cannot be
## read.
func load_from(path: String) -> Array[Dictionary]:
	var frames: Array[Dictionary] = []
	_highest.clear()
	var parsed: Variant = JSON.parse_string(FileAccess.get_file_as_string(path))
	if not parsed is Array:
		push_error("frametalk: %s is no recorded session" % path)
		return frames
	var decoder := Decoder.new()
	var entries: Array = parsed
	for entry: Dictionary in entries:
		var frame := str(entry["hex"]).hex_decode()
		var message := decoder.decode(frame) if frame[0] >= 0x80 else {}
		frames.append({"from": entry["from"], "name": entry["name"], "frame": frame, "message": message})
		for key in IDS:
			_highest[key] = maxi(_highest.get(key, 0), _count_of(message.get(key)))
	return frames


## A control frame with this count, and with ids that are higher for each time that the recording was [param played].
func renumbered(frame: PackedByteArray, seq: int, played: int) -> PackedByteArray:
	var out := _replaced(frame, "seq", func(_old: int) -> int: return seq)
	for key in IDS:
		var more: int = played * _highest.get(key, 0)
		out = _replaced(out, key, func(old: int) -> int: return old + more if old else 0)
	return out


static func _count_of(value: Variant) -> int:
	return value if value is int else 0


## The MessagePack frame with another number for a key; unchanged if it has no such number.
static func _replaced(frame: PackedByteArray, key: String, number: Callable) -> PackedByteArray:
	var name_bytes := PackedByteArray([0xa0 | key.length()])
	name_bytes.append_array(key.to_ascii_buffer())
	var at := _find(frame, name_bytes)
	if at < 0 or at >= frame.size():
		return frame
	var lead := frame[at]
	var old := lead
	var size := 1
	if lead >= 0xcc and lead <= 0xce:
		size += 1 << (lead - 0xcc)
		old = frame.slice(at + 1, at + size).hex_encode().hex_to_int()
	elif lead >= 0x80:
		return frame
	var value: int = number.call(old)
	var put := PackedByteArray([0xce, value >> 24 & 0xff, value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff])
	return frame.slice(0, at) + put + frame.slice(at + size)


## The place after the first occurrence of these bytes; -1 if they do not occur.
static func _find(frame: PackedByteArray, bytes: PackedByteArray) -> int:
	var at := frame.find(bytes[0])
	while at >= 0:
		if frame.slice(at, at + bytes.size()) == bytes:
			return at + bytes.size()
		at = frame.find(bytes[0], at + 1)
	return -1
