extends "codec.gd"
## Decodes the wire's control messages (protocols/wire.md): MessagePack, and JSON in text frames.
##
## Nothing is kept between messages; one object belongs to one thread. [method decode] and [method decode_text] return
## an empty dictionary on an error, which [member error_code] and [member error_text] describe.

const Utf8 := preload("utf8.gd")

var _in := PackedByteArray()
var _at: int = 0
var _bytes_at_top: bool = false


## The control message of a binary frame. The marks of reply.marks stay packed.
func decode(frame: PackedByteArray) -> Dictionary:
	_begin()
	_bytes_at_top = false
	if frame.size() > MAX_BYTES:
		_bad("message_too_large", "%d bytes" % frame.size())
		return {}
	_in = frame
	_at = 0
	var value: Variant = _read(1)
	if not error_code and _at != _in.size():
		_bad("message_malformed", "bytes after the end")
	_in = PackedByteArray()
	return _checked(value)


## The control message of a text frame, whose UTF-8 bytes these are.
func decode_text(frame: PackedByteArray) -> Dictionary:
	_begin()
	_bytes_at_top = false
	if frame.size() > MAX_BYTES:
		_bad("message_too_large", "%d bytes" % frame.size())
		return {}
	var text := Utf8.text_of(frame)
	if text.is_empty() or _depth_of(frame) > MAX_DEPTH:
		var deep := not text.is_empty()
		_bad("message_too_deep" if deep else "message_malformed", "not JSON, or nested too deeply")
		return {}
	var json := JSON.new()
	if json.parse(text) != OK:
		_bad("message_malformed", "a text frame that is not JSON")
		return {}
	return _checked(_whole(json.data))


func _checked(value: Variant) -> Dictionary:
	if error_code:
		return {}
	if not value is Dictionary:
		_bad("message_invalid", "a message that is not a map")
		return {}
	var message: Dictionary = value
	if not message.get("type") is String:
		_bad("message_invalid", "a message without a type")
		return {}
	if _bytes_at_top and message["type"] != "reply.marks":
		_bad("message_invalid", "%s contains bytes" % message["type"])
		return {}
	return message


# ---- MessagePack ----


func _read(depth: int) -> Variant:
	if _at >= _in.size():
		return _bad("message_malformed", "truncated, or empty")
	var lead := _in[_at]
	_at += 1
	if lead < 0x80:
		return lead
	if lead < 0x90:
		return _read_map(lead & 0x0f, depth)
	if lead < 0xa0:
		return _read_list(lead & 0x0f, depth)
	if lead < 0xc0:
		return _read_text(lead & 0x1f)
	if lead >= 0xe0:
		return lead - 0x100
	match lead:
		0xc0:
			return null
		0xc2:
			return false
		0xc3:
			return true
		0xca, 0xcb:
			return _read_number(lead)
		0xcc, 0xcd, 0xce, 0xcf:
			return _limited(_read_count(1 << (lead - 0xcc)))
		0xd0, 0xd1, 0xd2, 0xd3:
			return _limited(_read_signed(1 << (lead - 0xd0)))
		0xd9, 0xda, 0xdb:
			return _read_text(_read_count(1 << (lead - 0xd9)))
		0xdc, 0xdd:
			return _read_list(_read_count(2 << (lead - 0xdc)), depth)
		0xde, 0xdf:
			return _read_map(_read_count(2 << (lead - 0xde)), depth)
		0xc4, 0xc5, 0xc6:
			return _read_bytes(_read_count(1 << (lead - 0xc4)), depth)
		0xc1:
			return _bad("message_malformed", "the byte 0xc1")
	return _bad("message_invalid", "an extension type")


func _take(count: int) -> bool:
	if count > _in.size() - _at:
		_bad("message_malformed", "truncated")
		return false
	_at += count
	return true


func _read_count(size: int) -> int:
	if not _take(size):
		return 0
	var value := 0
	for i in range(_at - size, _at):
		value = (value << 8) | _in[i]
	return value


func _read_signed(size: int) -> int:
	var value := _read_count(size)
	var half := 1 << (8 * size - 1)
	return value if size == 8 or value < half else value - 2 * half


func _limited(value: int) -> int:
	if absi(value) > MAX_WHOLE or value == -MAX_WHOLE - 1:
		_bad("message_invalid", "a whole number beyond 2^53")
	return value


func _read_number(lead: int) -> float:
	var size := 4 if lead == 0xca else 8
	if not _take(size):
		return 0.0
	var bytes := _in.slice(_at - size, _at)
	bytes.reverse()
	var value := bytes.decode_float(0) if size == 4 else bytes.decode_double(0)
	if not is_finite(value):
		_bad("number_not_finite", "NaN or infinity")
	return value


func _read_text(size: int) -> Variant:
	if size == 0 or not _take(size):
		return ""
	var bytes := _in.slice(_at - size, _at)
	if not Utf8.is_utf8(bytes):
		return _bad("message_malformed", "text that is not UTF-8")
	for i in bytes.count(0):
		bytes[bytes.find(0)] = 0x20  # Godot's texts cannot hold the character 0
	var text := bytes.get_string_from_utf8()
	# Godot takes a byte order mark at the beginning of a text away.
	return "\ufeff" + text if size >= 3 and bytes[0] == 0xef and bytes[1] == 0xbb and bytes[2] == 0xbf else text


func _read_bytes(size: int, depth: int) -> Variant:
	if depth != 2:
		return _bad("message_invalid", "bytes in free data")
	_bytes_at_top = true
	return _in.slice(_at - size, _at) if _take(size) else PackedByteArray()


func _read_list(count: int, depth: int) -> Variant:
	if count > _in.size() - _at:
		return _bad("message_malformed", "truncated")
	if not _enter(depth):
		return null
	var list := []
	for i in count:
		list.append(_read(depth + 1))
		if error_code:
			return null
	return list


func _read_map(count: int, depth: int) -> Variant:
	if count > _in.size() - _at:
		return _bad("message_malformed", "truncated")
	if not _enter(depth):
		return null
	var map := {}
	for i in count:
		var key: Variant = _read(depth + 1)
		if error_code:
			return null
		if not key is String:
			return _bad("message_invalid", "a key that is not text")
		if map.has(key):
			return _bad("message_invalid", "the key %s twice" % key)
		map[key] = _read(depth + 1)
		if error_code:
			return null
	return map


# ---- JSON ----


## Godot's JSON makes every number a float; on the wire one without a fraction is whole.
func _whole(value: Variant) -> Variant:
	if value is float:
		var number: float = value
		if not is_finite(number):
			return _bad("message_invalid", "a number that is too large")
		return int(number) if number == floorf(number) and absf(number) <= MAX_WHOLE else value
	if value is Dictionary:
		var map: Dictionary = value
		for key: String in map:
			map[key] = _whole(map[key])
	elif value is Array:
		var list: Array = value
		for i in list.size():
			list[i] = _whole(list[i])
	return value


## How deep the brackets of a JSON text go; those within texts do not count.
static func _depth_of(bytes: PackedByteArray) -> int:
	var depth := 0
	var deepest := 0
	var quoted := false
	var at := 0
	while at < bytes.size():
		var byte := bytes[at]
		if byte == 0x5c:  # a backslash
			at += 1
		elif byte == 0x22:
			quoted = not quoted
		elif not quoted and (byte == 0x5b or byte == 0x7b):
			depth += 1
			deepest = maxi(deepest, depth)
		elif not quoted and (byte == 0x5d or byte == 0x7d):
			depth -= 1
		at += 1
	return deepest
