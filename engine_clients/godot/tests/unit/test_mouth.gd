extends "res://tests/case.gd"
## Marks and the mouth's curve, against the golden weights of the protocol.

const Decoder := preload("res://addons/frametalk/core/decoder.gd")
const Marks := preload("res://addons/frametalk/core/marks.gd")
const MouthCurve := preload("res://addons/frametalk/core/mouth_curve.gd")
const Visemes := preload("res://addons/frametalk/core/visemes.gd")


func cases_golden_weights() -> Dictionary:
	var cases := {}
	for case: Dictionary in protocol("golden/weights.json")["cases"]:
		cases[case["name"]] = case
	return cases


func _curve_of(case: Dictionary) -> MouthCurve:
	var rows: Array = []
	for row: Array in case["marks"]:
		rows.append([row[0], int(row[1]), int(row[2]), row[3], row[4]])
	var marks: Marks = Marks.read({"marks": rows})
	var curve := MouthCurve.new(case["rate_hz"])
	curve.add(marks)
	return curve


func test_golden_weights(case: Dictionary) -> void:
	var curve := _curve_of(case)
	var cut: float = case["cut_at"] if case["cut_at"] != null else -1.0
	var weights := PackedFloat32Array()
	weights.resize(15)
	for pair: Array in case["values"]:
		curve.weights(pair[0], cut, weights)
		var expected: Dictionary = pair[1]
		for i in 15:
			var name := str(Visemes.NAMES[i])
			near(weights[i], expected.get(name, 0.0), 0.00001, "%s at %s" % [name, pair[0]])


func test_weights_do_not_depend_on_the_order_of_questions() -> void:
	var case: Dictionary = protocol("golden/weights.json")["cases"][0]
	var curve := _curve_of(case)
	var weights := PackedFloat32Array()
	weights.resize(15)
	var values: Array = case["values"]
	values.reverse()
	for pair: Array in values:
		curve.weights(pair[0], -1.0, weights)
		var expected: Dictionary = pair[1]
		near(weights[0], expected.get("sil", 0.0), 0.00001, "sil at %s" % pair[0])


func test_marks_that_come_late_are_put_in_order() -> void:
	var weights := PackedFloat32Array()
	weights.resize(15)
	var curve := MouthCurve.new(16_000)
	for first: int in [3200, 0, 1600]:
		var marks: Marks = Marks.read(
			{"marks": [["viseme", first, first + 1600, "aa" if first == 1600 else "ou", 1.0]]}
		)
		curve.add(marks)
	curve.weights(2400.0, -1.0, weights)
	check(weights[10] > weights[14], "aa is the strongest: %s" % weights)


func test_packed_marks_are_what_the_json_form_says() -> void:
	var decoder := Decoder.new()
	var path := protocols().path_join("golden/full/reply.marks")
	var packed: Marks = Marks.read(decoder.decode(FileAccess.get_file_as_bytes(path + ".msgpack")))
	var rows: Marks = Marks.read(decoder.decode_text(FileAccess.get_file_as_bytes(path + ".json")))
	same(packed.at, rows.at, "at")
	same(packed.end, rows.end, "end")
	same(packed.shape, rows.shape, "shape")
	same(packed.value, rows.value, "value")
	same(packed.others, rows.others, "others")


func cases_marks_that_do_not_fit() -> Dictionary:
	return {
		"half a mark": {"at": 0, "marks": PackedByteArray([1, 2, 3]), "names": []},
		"no start": {"marks": PackedByteArray(), "names": []},
		"no names": {"at": 0, "marks": PackedByteArray()},
		"too few names": {"at": 0, "marks": PackedByteArray([0, 0, 0, 0, 0, 0, 1]), "names": []},
		"a number": {"at": 0, "marks": 7, "names": []},
		"rows that are not rows": {"marks": [1]},
		"a short row": {"marks": [["viseme", 1, 2]]},
	}


func test_marks_that_do_not_fit(message: Dictionary) -> void:
	message["marks"] = message["marks"]
	if message["marks"] is PackedByteArray and message["marks"].size() == 7:
		message["marks"].encode_u32(3, (16 << 12) << 8)
	check(Marks.read(message) == null, "read")


func test_an_unknown_viseme_is_ignored() -> void:
	var marks: Marks = Marks.read({"marks": [["viseme", 0, 10, "xx", 1.0], ["viseme", 0, 10, "aa", 1.0]]})
	same(marks.at.size(), 1)


func test_the_tables_are_those_of_the_protocol() -> void:
	var tables: Dictionary = protocol("visemes.json")
	same(Array(Visemes.NAMES).map(func(name: StringName) -> String: return str(name)), tables["visemes"], "visemes")
	var closures := Visemes.CLOSURES.map(func(i: int) -> String: return str(Visemes.NAMES[i]))
	same(Array(closures), tables["closures"], "closures")
	for pair: Array in [["arkit", Visemes.ARKIT], ["vrm", Visemes.VRM], ["aliases", Visemes.ALIASES]]:
		same(pair[1], tables[pair[0]], pair[0])
	var constants := (Visemes as Script).get_script_constant_map()
	var curve: Dictionary = tables["curve"]
	for name: String in curve:
		same(constants[name.to_upper()], float(curve[name]), name)
