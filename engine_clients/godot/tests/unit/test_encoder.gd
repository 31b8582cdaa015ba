extends "res://tests/case.gd"
## The encoder against the golden bytes of the protocol, and against the decoder.

const Decoder := preload("res://addons/frametalk/core/decoder.gd")
const Encoder := preload("res://addons/frametalk/core/encoder.gd")
const Golden := preload("res://tests/golden.gd")

var _decoder := Decoder.new()
var _encoder := Encoder.new()


func cases_encoded_messages_are_the_golden_bytes() -> Dictionary:
	var cases := Golden.messages("full")
	cases.erase("reply.marks")
	return cases


func test_encoded_messages_are_the_golden_bytes(path: String) -> void:
	var bytes := FileAccess.get_file_as_bytes(path + ".msgpack")
	var message := _decoder.decode(bytes)
	var again := _encoder.encode(message)
	# The server writes some maps in a longer form than necessary.
	if bytes[0] == 0xde and bytes[2] < 16:
		bytes = _short(bytes)
	same(again.hex_encode(), bytes.hex_encode(), _encoder.error_text)


## Maps of 8 to 15 entries that were written with 16 bits of length, in the short form.
func _short(bytes: PackedByteArray) -> PackedByteArray:
	var out := PackedByteArray([0x80 | bytes[2]])
	out.append_array(bytes.slice(3))
	return out


func cases_values_survive() -> Dictionary:
	return {
		"numbers": [0, 1, 127, 128, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, 9_007_199_254_740_991],
		"negative numbers": [-1, -32, -33, -128, -129, -32_768, -32_769, -2_147_483_648, -2_147_483_649],
		"fractions": [0.0, -0.5, 1e300, 0.1],
		"truth": [true, false, null],
		"texts": ["", "a", "ä", "日本語", "👍🏽", "x".repeat(31), "x".repeat(32), "x".repeat(256), "é".repeat(2000)],
		"a byte order mark": ["\ufefftext", "in \ufeff it"],
		"long lists": [range(15), range(16), range(400)],
		"nested": [{"a": {"b": [1, {"c": []}]}}],
	}


func test_values_survive(values: Array) -> void:
	for value: Variant in values:
		var message := _decoder.decode(_encoder.encode({"type": "x", "value": value}))
		same(message.get("value"), value, _decoder.error_text)


func cases_values_of_the_engine_become_lists() -> Dictionary:
	return {
		"Vector2": [Vector2(1, 2), [1.0, 2.0]],
		"Vector3": [Vector3(1, 2, 3.5), [1.0, 2.0, 3.5]],
		"Vector3i": [Vector3i(1, 2, 3), [1, 2, 3]],
		"Vector4": [Vector4(1, 2, 3, 4), [1.0, 2.0, 3.0, 4.0]],
		"Color": [Color(1, 0, 0.5, 1), [1.0, 0.0, 0.5, 1.0]],
		"Quaternion": [Quaternion(0, 0, 0, 1), [0.0, 0.0, 0.0, 1.0]],
		"StringName": [&"name", "name"],
		"NodePath": [^"a/b", "a/b"],
		"PackedStringArray": [PackedStringArray(["a"]), ["a"]],
		"PackedFloat32Array": [PackedFloat32Array([0.5]), [0.5]],
	}


func test_values_of_the_engine_become_lists(pair: Array) -> void:
	same(_decoder.decode(_encoder.encode({"type": "x", "value": pair[0]})).get("value"), pair[1], _decoder.error_text)


func cases_values_that_the_wire_cannot_hold() -> Dictionary:
	var deep: Array = []
	for i in 40:
		deep = [deep]
	return {
		"NaN": [NAN, "number_not_finite"],
		"infinity": [-INF, "number_not_finite"],
		"a number beyond 2^53": [9_007_199_254_740_992, "message_invalid"],
		"an object": [self, "message_invalid"],
		"bytes": [PackedByteArray([1]), "message_invalid"],
		"a key that is a number": [{1: 2}, "message_invalid"],
		"too deep": [deep, "message_too_deep"],
		"too long": ["x".repeat(61_500), "message_too_large"],
		"a callable": [func() -> void: pass, "message_invalid"],
	}


func test_values_that_the_wire_cannot_hold(pair: Array) -> void:
	same(_encoder.encode({"type": "x", "value": pair[0]}).size(), 0, "bytes")
	same(_encoder.error_code, pair[1], _encoder.error_text)
