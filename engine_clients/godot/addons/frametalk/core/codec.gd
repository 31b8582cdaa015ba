extends RefCounted
## Encodes and decodes the wire's control messages (protocols/wire.md): MessagePack, and JSON in text frames.
##
## Nothing is kept between messages but buffers; one object belongs to one thread. [method encode] and
## [method decode] return something empty on an error, which [member error_code] and [member error_text] describe.

## The longest message, in bytes.
const MAX_BYTES := 61_440
const MAX_DEPTH := 32
const MAX_CONTAINERS := 8192
const MAX_WHOLE := 9_007_199_254_740_991
const HIGH_BITS := -0x7f7f7f7f7f7f7f80  # 0x8080808080808080

## The wire's code of what is wrong; empty: nothing.
var error_code: String = ""
## What is wrong, for people.
var error_text: String = ""

var _out := StreamPeerBuffer.new()
var _in := PackedByteArray()
var _at: int = 0
var _containers: int = 0
var _bytes_at_top: bool = false


func _init() -> void:
	_out.big_endian = true


## One control message as MessagePack.
func encode(message: Dictionary) -> PackedByteArray:
	error_code = ""
	error_text = ""
	_containers = 0
	_out.clear()
	_put(message, 1)
	if not error_code and _out.get_size() > MAX_BYTES:
		_bad("message_too_large", "%s is %d bytes long" % [message.get("type"), _out.get_size()])
	return PackedByteArray() if error_code else _out.data_array


## The control message of a binary frame. The marks of reply.marks stay packed.
func decode(frame: PackedByteArray) -> Dictionary:
	error_code = ""
	error_text = ""
	_containers = 0
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
	error_code = ""
	error_text = ""
	_bytes_at_top = false
	if frame.size() > MAX_BYTES:
		_bad("message_too_large", "%d bytes" % frame.size())
		return {}
	var text := text_of(frame)
	if text.is_empty() or _depth_of(frame) > MAX_DEPTH:
		var deep := not text.is_empty()
		_bad("message_too_deep" if deep else "message_malformed", "not JSON, or nested too deeply")
		return {}
	var json := JSON.new()
	if json.parse(text) != OK:
		_bad("message_malformed", "a text frame that is not JSON")
		return {}
	return _checked(_whole(json.data))


## Text from UTF-8; empty if the bytes are not UTF-8 (Godot's own conversion replaces them without a word).
static func text_of(bytes: PackedByteArray) -> String:
	return bytes.get_string_from_utf8() if is_utf8(bytes) else ""


## Whether these bytes are UTF-8.
static func is_utf8(bytes: PackedByteArray) -> bool:
	var size := bytes.size()
	var at := 0
	while at < size:
		if at + 8 <= size and not bytes.decode_u64(at) & HIGH_BITS:
			at += 8
			continue
		var length := _sequence_at(bytes, at, size)
		if length == 0:
			return false
		at += length
	return true


## How many bytes the character at this place has; 0: it is not UTF-8.
static func _sequence_at(bytes: PackedByteArray, at: int, size: int) -> int:
	var lead := bytes[at]
	if lead < 0x80:
		return 1
	var length := 2 if lead < 0xe0 else (3 if lead < 0xf0 else 4)
	if lead < 0xc2 or lead > 0xf4 or at + length > size:
		return 0
	for i in range(at + 1, at + length):
		if bytes[i] & 0xc0 != 0x80:
			return 0
	var second := bytes[at + 1]
	var overlong := (lead == 0xe0 and second < 0xa0) or (lead == 0xf0 and second < 0x90)
	var impossible := (lead == 0xed and second > 0x9f) or (lead == 0xf4 and second > 0x8f)
	return 0 if overlong or impossible else length


func _bad(code: String, text: String) -> Variant:
	if not error_code:
		error_code = code
		error_text = text
	return null


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


# ---- MessagePack, out ----


func _put(value: Variant, depth: int) -> void:
	match typeof(value):
		TYPE_NIL:
			_out.put_u8(0xc0)
		TYPE_BOOL:
			_out.put_u8(0xc3 if value else 0xc2)
		TYPE_INT:
			_put_whole(value)
		TYPE_FLOAT:
			if not is_finite(value):
				_bad("number_not_finite", "NaN or infinity")
			_out.put_u8(0xcb)
			_out.put_double(value)
		TYPE_STRING, TYPE_STRING_NAME, TYPE_NODE_PATH:
			_put_text(str(value))
		TYPE_DICTIONARY:
			_put_map(value, depth)
		TYPE_VECTOR2, TYPE_VECTOR2I, TYPE_VECTOR3, TYPE_VECTOR3I, TYPE_VECTOR4, TYPE_VECTOR4I:
			_put_list(_parts(value, typeof(value)), depth)
		TYPE_COLOR:
			var color: Color = value
			_put_list([color.r, color.g, color.b, color.a], depth)
		TYPE_QUATERNION:
			var turn: Quaternion = value
			_put_list([turn.x, turn.y, turn.z, turn.w], depth)
		TYPE_ARRAY, TYPE_PACKED_STRING_ARRAY, TYPE_PACKED_INT32_ARRAY, TYPE_PACKED_INT64_ARRAY:
			_put_list(value, depth)
		TYPE_PACKED_FLOAT32_ARRAY, TYPE_PACKED_FLOAT64_ARRAY:
			_put_list(value, depth)
		_:
			_bad("message_invalid", "the wire has no form for a value of type %s" % type_string(typeof(value)))


static func _parts(vector: Variant, type: int) -> Array:
	var count := 2 if type <= TYPE_VECTOR2I else (3 if type <= TYPE_VECTOR3I else 4)
	var parts := []
	for i in count:
		@warning_ignore("unsafe_call_argument")
		parts.append(vector[i])
	return parts


func _enter(depth: int) -> bool:
	_containers += 1
	if depth > MAX_DEPTH:
		_bad("message_too_deep", "deeper than %d" % MAX_DEPTH)
	elif _containers > MAX_CONTAINERS:
		_bad("message_invalid", "more than %d maps and lists" % MAX_CONTAINERS)
	return not error_code


func _put_map(map: Dictionary, depth: int) -> void:
	if not _enter(depth):
		return
	var count := map.size()
	if count < 16:
		_out.put_u8(0x80 | count)
	else:
		_out.put_u8(0xde)
		_out.put_u16(mini(count, 0xffff))
	for key: Variant in map:
		if not (key is String or key is StringName):
			_bad("message_invalid", "a key that is not text")
			return
		_put_text(str(key))
		_put(map[key], depth + 1)


func _put_list(list: Variant, depth: int) -> void:
	if not _enter(depth):
		return
	@warning_ignore("unsafe_method_access")
	var count: int = list.size()
	if count < 16:
		_out.put_u8(0x90 | count)
	else:
		_out.put_u8(0xdc)
		_out.put_u16(mini(count, 0xffff))
	for item: Variant in list:
		_put(item, depth + 1)


func _put_whole(value: int) -> void:
	if absi(value) > MAX_WHOLE:
		_bad("message_invalid", "a whole number beyond 2^53")
	elif value >= 0:
		_put_count(value)
	elif value >= -32:
		_out.put_8(value)
	elif value >= -0x80:
		_out.put_u8(0xd0)
		_out.put_8(value)
	elif value >= -0x8000:
		_out.put_u8(0xd1)
		_out.put_16(value)
	elif value >= -0x80000000:
		_out.put_u8(0xd2)
		_out.put_32(value)
	else:
		_out.put_u8(0xd3)
		_out.put_64(value)


func _put_count(value: int) -> void:
	if value < 0x80:
		_out.put_u8(value)
	elif value < 0x100:
		_out.put_u8(0xcc)
		_out.put_u8(value)
	elif value < 0x10000:
		_out.put_u8(0xcd)
		_out.put_u16(value)
	elif value < 0x100000000:
		_out.put_u8(0xce)
		_out.put_u32(value)
	else:
		_out.put_u8(0xcf)
		_out.put_u64(value)


func _put_text(text: String) -> void:
	var bytes := text.to_utf8_buffer()
	var size := bytes.size()
	if size < 32:
		_out.put_u8(0xa0 | size)
	elif size < 0x100:
		_out.put_u8(0xd9)
		_out.put_u8(size)
	elif size < 0x10000:
		_out.put_u8(0xda)
		_out.put_u16(size)
	else:
		_out.put_u8(0xdb)
		_out.put_u32(size)
	if size > 0:
		_out.put_data(bytes)


# ---- MessagePack, in ----


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
	if not is_utf8(bytes):
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
