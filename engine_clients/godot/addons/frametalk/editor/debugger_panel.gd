@tool
extends ScrollContainer
## One game's last turns as waterfalls, with the connection's state and our cost of a frame.

var _state := Label.new()
var _numbers := Label.new()
var _waterfall := FrametalkWaterfall.new()


func _init() -> void:
	horizontal_scroll_mode = ScrollContainer.SCROLL_MODE_DISABLED
	_waterfall.turns = 16
	_waterfall.size_flags_horizontal = SIZE_EXPAND_FILL
	var box := VBoxContainer.new()
	box.size_flags_horizontal = SIZE_EXPAND_FILL
	for part: Control in [_state, _numbers, _waterfall]:
		box.add_child(part)
	add_child(box)
	clear()


func clear() -> void:
	_state.text = "No FrametalkSession has reported yet."
	_numbers.text = ""
	_waterfall.clear()


## Takes a message of the running game; false if it is none of ours.
func take(kind: String, data: Array) -> bool:
	match kind:
		"state":
			if data.size() >= 3:
				_state.text = "%s: %s, %s" % data.slice(0, 3)
		"stats":
			if data.size() >= 4 and data[1] is Dictionary:
				var stats: Dictionary = data[1]
				_numbers.text = (
					"our part of a frame %.2f ms, lips %+.1f ms, round trip %s ms, underruns %s"
					% [float(data[2]) / 1e3, float(data[3]), stats.get("round_trip_ms"), stats.get("underruns", 0)]
				)
		"trace":
			if data and data[0] is Dictionary:
				_waterfall.add(data[0])
		_:
			return false
	return true


## What is shown, for tests.
func shown() -> PackedStringArray:
	var lines := PackedStringArray([_state.text, _numbers.text])
	for waterfall in _waterfall.shown():
		lines.append(FrametalkWaterfall.title_of(waterfall))
	return lines
