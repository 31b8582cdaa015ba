extends "res://tests/case.gd"
## The codec against the golden bytes of the protocol.

const Codec := preload("res://addons/frametalk/core/codec.gd")
const Media := preload("res://addons/frametalk/core/media.gd")
## Faults that only a server looks for: they are of a message's fields, not of its form.
const OF_FIELDS: Array[String] = [
	"field_missing",
	"field_wrong_type",
	"field_null",
	"text_empty",
	"text_long",
	"count_negative",
	"count_fraction",
	"rate_fraction",
	"rate_whole_float",
	"enum_unknown",
	"position_of_two",
	"text_fraction",
	"text_key_twice",  # Godot's JSON keeps the last
]

var _codec := Codec.new()


static func _golden(folder: String) -> Dictionary:
	var cases := {}
	var path := protocols().path_join("golden").path_join(folder)
	for file in DirAccess.get_files_at(path):
		if file.ends_with(".msgpack"):
			cases[file.trim_suffix(".msgpack")] = path.path_join(file.trim_suffix(".msgpack"))
	return cases


func cases_full_messages_decode_as_their_json_says() -> Dictionary:
	return _golden("full")


func test_full_messages_decode_as_their_json_says(path: String) -> void:
	_compare(path)


func cases_least_messages_decode_as_their_json_says() -> Dictionary:
	return _golden("least")


func test_least_messages_decode_as_their_json_says(path: String) -> void:
	_compare(path)


func cases_encoded_messages_are_the_golden_bytes() -> Dictionary:
	var cases := _golden("full")
	cases.erase("reply.marks")
	return cases


func test_encoded_messages_are_the_golden_bytes(path: String) -> void:
	var bytes := FileAccess.get_file_as_bytes(path + ".msgpack")
	var message := _codec.decode(bytes)
	var again := _codec.encode(message)
	# The server writes some maps in a longer form than necessary.
	if bytes[0] == 0xde and bytes[2] < 16:
		bytes = _short(bytes)
	same(again.hex_encode(), bytes.hex_encode(), _codec.error_text)


func _compare(path: String) -> void:
	var packed := _codec.decode(FileAccess.get_file_as_bytes(path + ".msgpack"))
	same(_codec.error_text, "", "binary")
	var text := _codec.decode_text(FileAccess.get_file_as_bytes(path + ".json"))
	same(_codec.error_text, "", "text")
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


## Maps of 8 to 15 entries that were written with 16 bits of length, in the short form.
func _short(bytes: PackedByteArray) -> PackedByteArray:
	var out := PackedByteArray([0x80 | bytes[2]])
	out.append_array(bytes.slice(3))
	return out


func cases_broken_frames_are_refused() -> Dictionary:
	var cases := {}
	for item: Dictionary in protocol("golden/bad.json"):
		if item["name"] not in OF_FIELDS:
			cases["%s %s" % [item["frame"], item["name"]]] = item
	return cases


func test_broken_frames_are_refused(item: Dictionary) -> void:
	var frame := PackedByteArray()
	for part: Dictionary in item["parts"]:
		var piece: PackedByteArray = part["hex"].hex_decode() if part.has("hex") else part["text"].to_utf8_buffer()
		for i: int in part["times"]:
			frame.append_array(piece)
	var code: String
	if item["frame"] == "text":
		_codec.decode_text(frame)
		code = _codec.error_code
	elif not frame.is_empty() and frame[0] < 0x80:
		code = Media.fault(frame)
	else:
		_codec.decode(frame)
		code = _codec.error_code
	same(code, item["code"], _codec.error_text)


func cases_media_frames() -> Dictionary:
	var cases := {}
	for item: Dictionary in protocol("golden/media.json"):
		cases[item["name"]] = item
	return cases


func test_media_frames(item: Dictionary) -> void:
	var frame: PackedByteArray = item["hex"].hex_decode()
	same(Media.fault(frame), "", "fault")
	same(Media.stream_of(frame), int(item["stream"]), "stream")
	same(Media.sample_of(frame), int(item["sample"]), "sample")
	same(frame.slice(Media.HEADER_BYTES).hex_encode(), item["payload_hex"], "payload")
	if item["kind"] == 1.0:
		var made := frame.slice(0)
		made.fill(0)
		Media.write_header(made, int(item["flags"]), int(item["stream"]), int(item["seq"]), int(item["sample"]))
		same(made.slice(0, 16).hex_encode(), frame.slice(0, 16).hex_encode(), "header")


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
		var message := _codec.decode(_codec.encode({"type": "x", "value": value}))
		same(message.get("value"), value, _codec.error_text)


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
	same(_codec.decode(_codec.encode({"type": "x", "value": pair[0]})).get("value"), pair[1], _codec.error_text)


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
	same(_codec.encode({"type": "x", "value": pair[0]}).size(), 0, "bytes")
	same(_codec.error_code, pair[1], _codec.error_text)


func cases_utf8() -> Dictionary:
	return {
		"ascii": ["68656c6c6f2c20776f726c6421", true],
		"two bytes": ["c3a4", true],
		"three bytes": ["e697a5e69cac", true],
		"four bytes": ["f09f918d", true],
		"the last character": ["f48fbfbf", true],
		"a zero": ["610062", true],
		"beyond the last": ["f4908080", false],
		"a continuation alone": ["80", false],
		"after eight letters": ["6161616161616161ff", false],
		"truncated": ["e697", false],
		"overlong of two": ["c0af", false],
		"overlong of three": ["e08080", false],
		"overlong of four": ["f0808080", false],
		"a surrogate": ["eda080", false],
		"ff": ["ff", false],
	}


func test_utf8(pair: Array) -> void:
	same(Codec.is_utf8((pair[0] as String).hex_decode()), pair[1], pair[0])


func test_a_text_with_a_zero_keeps_its_other_characters() -> void:
	var bytes := _codec.encode({"type": "x", "value": "aXb"})
	bytes[bytes.find(0x58)] = 0
	same(_codec.decode(bytes).get("value"), "a b")


func test_a_message_after_a_broken_one_is_read() -> void:
	_codec.decode(PackedByteArray([0xc1]))
	same(_codec.decode(_codec.encode({"type": "bye"})), {"type": "bye"})
	same(_codec.error_code, "")
