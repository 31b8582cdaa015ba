extends "res://tests/case.gd"
## The decoder against the golden bytes of the protocol.

const Decoder := preload("res://addons/frametalk/core/decoder.gd")
const Encoder := preload("res://addons/frametalk/core/encoder.gd")
const Golden := preload("res://tests/golden.gd")

var _decoder := Decoder.new()
var _encoder := Encoder.new()


func cases_full_messages_decode_as_their_json_says() -> Dictionary:
	return Golden.messages("full")


func test_full_messages_decode_as_their_json_says(path: String) -> void:
	_compare(path)


func cases_least_messages_decode_as_their_json_says() -> Dictionary:
	return Golden.messages("least")


func test_least_messages_decode_as_their_json_says(path: String) -> void:
	_compare(path)


func _compare(path: String) -> void:
	var packed := _decoder.decode(FileAccess.get_file_as_bytes(path + ".msgpack"))
	same(_decoder.error_text, "", "binary")
	var text := _decoder.decode_text(FileAccess.get_file_as_bytes(path + ".json"))
	same(_decoder.error_text, "", "text")
	if packed.get("type") == "reply.marks":
		for field: String in ["at", "names", "marks"]:
			packed.erase(field)
			text.erase(field)
	check(_alike(packed, text), "%s is not %s" % [packed, text])


## Equal, where 1 and 1.0 are: JSON does not tell them apart.
func _alike(a: Variant, b: Variant) -> bool:
	if (a is int or a is float) and (b is int or b is float):
		return is_equal_approx(a, b)
	if a is Dictionary and b is Dictionary:
		var left: Dictionary = a
		var right: Dictionary = b
		return (
			left.size() == right.size()
			and left.keys().all(func(key: String) -> bool: return right.has(key) and _alike(left[key], right[key]))
		)
	if a is Array and b is Array:
		var left: Array = a
		var right: Array = b
		return (
			left.size() == right.size()
			and range(left.size()).all(func(i: int) -> bool: return _alike(left[i], right[i]))
		)
	return typeof(a) == typeof(b) and a == b


func cases_broken_frames_are_refused() -> Dictionary:
	return Golden.broken(false)


func test_broken_frames_are_refused(broken: Dictionary) -> void:
	if broken["text"]:
		_decoder.decode_text(broken["frame"])
	else:
		_decoder.decode(broken["frame"])
	same(_decoder.error_code, broken["code"], _decoder.error_text)


func test_a_text_with_a_zero_keeps_its_other_characters() -> void:
	var bytes := _encoder.encode({"type": "x", "value": "aXb"})
	bytes[bytes.find(0x58)] = 0
	same(_decoder.decode(bytes).get("value"), "a b")


func test_a_message_after_a_broken_one_is_read() -> void:
	_decoder.decode(PackedByteArray([0xc1]))
	same(_decoder.decode(_encoder.encode({"type": "bye"})), {"type": "bye"})
	same(_decoder.error_code, "")
