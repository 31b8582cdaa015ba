extends "res://tests/case.gd"
## The waterfall, which overlay and debugger show.

const TRACE := {
	"turn": 3,
	"reply": 2,
	"mouth_to_ear_ms": 412.4,
	"stages":
	[{"stage": "capture", "ms": 12.0}, {"stage": "tools", "ms": 0.0}, {"stage": "endpoint_wait", "ms": 400.4}],
	"ready": true,
}


func test_a_turn_is_titled_by_its_time_and_whether_the_draft_was_in_time() -> void:
	same(FrametalkWaterfall.title_of(TRACE), "turn 3: 412 ms, draft in time")


func test_a_turn_that_was_not_measured_says_why() -> void:
	var trace := {"turn": 4, "mouth_to_ear_ms": null, "unmeasured": "typed"}
	same(FrametalkWaterfall.title_of(trace), "turn 4: typed")


func test_a_turn_without_a_reason_is_not_measured() -> void:
	same(FrametalkWaterfall.title_of({"turn": 4}), "turn 4: not measured")


func test_stages_without_time_are_left_out() -> void:
	var expected: Array[Array] = [["capture", 12.0, false], ["endpoint_wait", 400.4, false]]
	same(FrametalkWaterfall.stages_of(TRACE), expected)


func test_a_stage_that_the_platform_estimates_is_flagged() -> void:
	var trace := {"stages": [{"stage": "output_device", "ms": 40.0, "estimated": true}]}
	same(FrametalkWaterfall.stages_of(trace), [["output_device", 40.0, true]] as Array[Array])


func test_a_turn_says_which_parts_nobody_measured() -> void:
	var trace := {"turn": 3, "mouth_to_ear_ms": 412.4, "unseen": ["input_device", "output_device"]}
	same(FrametalkWaterfall.title_of(trace), "turn 3: 412 ms, more in input device and output device")


func test_only_the_newest_turns_are_shown() -> void:
	var waterfall := FrametalkWaterfall.new()
	add_child(waterfall)
	waterfall.turns = 2
	for turn in 5:
		waterfall.add({"turn": turn})
	var turns := waterfall.shown().map(func(trace: Dictionary) -> int: return trace["turn"])
	same(turns, [3, 4])


func test_it_is_as_high_as_what_it_shows() -> void:
	var waterfall := FrametalkWaterfall.new()
	add_child(waterfall)
	var empty := waterfall.custom_minimum_size.y
	waterfall.add(TRACE)
	check(waterfall.custom_minimum_size.y > empty + FrametalkWaterfall.ROW, "a turn makes it higher")


func test_every_stage_of_the_wire_has_a_colour() -> void:
	var page := FileAccess.get_file_as_string(
		ProjectSettings.globalize_path("res://").path_join("../../protocols/wire.md")
	)
	var section := page.get_slice("## Trace", 1).get_slice("## Errors", 0)
	var rows := RegEx.create_from_string("(?m)^\\| `(\\w+)` \\|").search_all(section)
	check(rows.size() >= 11, "the wire lists its stages")
	for row in rows:
		check(FrametalkWaterfall.COLOURS.has(row.get_string(1)), "%s has a colour" % row.get_string(1))


func test_a_broken_trace_draws_nothing_and_fails_nothing() -> void:
	var waterfall := FrametalkWaterfall.new()
	add_child(waterfall)
	waterfall.add({"stages": [null, "x", {"stage": "capture"}], "turn": 1})
	same(FrametalkWaterfall.stages_of(waterfall.shown()[0]), [] as Array[Array])
