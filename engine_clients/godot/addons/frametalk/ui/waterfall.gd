@tool
class_name FrametalkWaterfall
extends Control
## Draws the stages of the last turns, from the end of the player's speech to the first sound that is heard.
##
## The latency overlay and the editor's debugger panel use it. Give it waterfalls with [method add].

## A stage's colour, by its name on the wire, in the order in which stages follow each other.
const COLOURS: Dictionary[String, Color] = {
	"input_device": Color("a0522d"),
	"capture": Color("6fa8dc"),
	"endpoint_wait": Color("8e8e93"),
	"recognition": Color("93c47d"),
	"mind_first_token": Color("f6b26b"),
	"tools": Color("c27ba0"),
	"first_clause": Color("ffd966"),
	"voice_first_sound": Color("e06666"),
	"transport": Color("76a5af"),
	"sending": Color("76a5af"),
	"client_buffer": Color("8e7cc3"),
	"output_device": Color("a0522d"),
	"audible_onset": Color("b4a7d6"),
}
const UNKNOWN := Color("d0d0d0")
const ROW := 20.0
const LEGEND_ROW := 15.0
const FONT_SIZE := 12

## How many turns it shows at most.
@export_range(1, 64) var turns: int = 4:
	set(value):
		turns = value
		_fit()

var _shown: Array[Dictionary] = []


## Shows one more turn: a message [code]trace[/code] of the wire.
func add(waterfall: Dictionary) -> void:
	_shown.append(waterfall)
	while _shown.size() > turns:
		_shown.pop_front()
	_fit()


## Shows nothing.
func clear() -> void:
	_shown.clear()
	_fit()


## The shown turns, the newest last.
func shown() -> Array[Dictionary]:
	return _shown


## The stages of one waterfall as [code][name, milliseconds, estimated][/code]; stages that took no time are left out.
static func stages_of(waterfall: Dictionary) -> Array[Array]:
	var stages: Array[Array] = []
	var listed: Array = waterfall.get("stages", [])
	for entry: Variant in listed:
		var stage: Dictionary = entry if entry is Dictionary else {}
		var ms := float(stage.get("ms", 0.0))
		if ms > 0.0:
			stages.append([str(stage.get("stage", "")), ms, stage.get("estimated", false) == true])
	return stages


## How a turn is called in one line: its time, or why there is none.
static func title_of(waterfall: Dictionary) -> String:
	var ms: Variant = waterfall.get("mouth_to_ear_ms")
	if ms == null:
		var why := str(waterfall.get("unmeasured", ""))
		return "turn %d: %s" % [waterfall.get("turn", 0), why if why else "not measured"]
	var draft := ", draft in time" if waterfall.get("ready", false) else ""
	var unseen: Array = waterfall.get("unseen", [])
	var more := ", more in " + " and ".join(unseen).replace("_", " ") if unseen else ""
	return "turn %d: %d ms%s%s" % [waterfall.get("turn", 0), roundi(float(ms)), draft, more]


func _init() -> void:
	mouse_filter = MOUSE_FILTER_IGNORE


func _ready() -> void:
	_fit()


func _get_tooltip(_at_position: Vector2) -> String:
	return "From the end of the player's speech to the first sound that is heard"


func _draw() -> void:
	var font := get_theme_default_font()
	var longest := 1.0
	for waterfall in _shown:
		longest = maxf(longest, _length(waterfall))
	var y := 0.0
	for i in range(_shown.size() - 1, -1, -1):
		_draw_turn(font, _shown[i], y, longest)
		y += ROW + FONT_SIZE
	_draw_legend(font, y + 4.0)


func _draw_turn(font: Font, waterfall: Dictionary, y: float, longest: float) -> void:
	var left := Vector2(0.0, y + FONT_SIZE)
	draw_string(font, left, title_of(waterfall), HORIZONTAL_ALIGNMENT_LEFT, size.x, FONT_SIZE, Color.WHITE)
	var x := 0.0
	for stage: Array in stages_of(waterfall):
		var width: float = float(stage[1]) / longest * size.x
		var colour: Color = COLOURS.get(stage[0], UNKNOWN)
		draw_rect(Rect2(x, y + FONT_SIZE + 4.0, maxf(1.0, width - 1.0), 10.0), colour)
		x += width


func _draw_legend(font: Font, y: float) -> void:
	var newest: Dictionary = _shown[-1] if _shown else {}
	var column := 0
	for stage: Array in stages_of(newest):
		var at := Vector2(column % 2 * size.x / 2.0, y + floorf(column / 2.0) * LEGEND_ROW)
		draw_rect(Rect2(at + Vector2(0.0, 3.0), Vector2(8.0, 8.0)), COLOURS.get(stage[0], UNKNOWN))
		var about := "~" if stage[2] else ""
		var text := "%s %s%.0f" % [str(stage[0]).replace("_", " "), about, stage[1]]
		var width := size.x / 2.0 - 16.0
		draw_string(
			font, at + Vector2(12.0, 11.0), text, HORIZONTAL_ALIGNMENT_LEFT, width, 11, Color(1.0, 1.0, 1.0, 0.75)
		)
		column += 1


func _fit() -> void:
	var legend := ceilf(stages_of(_shown[-1]).size() / 2.0) * LEGEND_ROW + 8.0 if _shown else 0.0
	custom_minimum_size.y = _shown.size() * (ROW + FONT_SIZE) + legend
	queue_redraw()


static func _length(waterfall: Dictionary) -> float:
	var sum := 0.0
	for stage: Array in stages_of(waterfall):
		sum += float(stage[1])
	return sum
