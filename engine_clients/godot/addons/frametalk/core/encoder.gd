extends "codec.gd"
## Encodes the wire's control messages (protocols/wire.md) as MessagePack.
##
## Nothing is kept between messages but a buffer; one object belongs to one thread.

var _out := StreamPeerBuffer.new()


func _init() -> void:
	_out.big_endian = true


## One control message; empty on an error, which [member error_code] and [member error_text] describe.
func encode(message: Dictionary) -> PackedByteArray:
	_begin()
	_out.clear()
	_put(message, 1)
	if not error_code and _out.get_size() > MAX_BYTES:
		_bad("message_too_large", "%s is %d bytes long" % [message.get("type"), _out.get_size()])
	return PackedByteArray() if error_code else _out.data_array


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
