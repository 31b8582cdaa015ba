class_name FrametalkOverlay
extends PanelContainer
## Shows latency and cost of a session in the running game.
##
## Add [code]res://addons/frametalk/ui/overlay.tscn[/code] to a [CanvasLayer]. [method report] gives the same numbers
## to a test of your own.

## The frame rates whose budgets our cost is compared with.
const RATES_HZ: Array[int] = [72, 90, 120]
const KEPT := 512
const Samples := preload("samples.gd")
const HINTS: Dictionary[String, String] = {
	"mouth to ear": "Last sample of the player's speech to the first sound of the answer: newest, and median",
	"lips": "How far the mouth is from the sound; positive: ahead of it",
	"our frame": "What this addon costs the main thread in a frame: median, 99th percentile, worst",
	"of the budget": "The 99th percentile as a part of a frame at 72, 90 and 120 Hz",
	"buffered": "Sound that waits to be played, and how often it ran out",
	"round trip": "A ping to the server and back, and its jitter",
}

## The session; empty: the first of the scene tree.
@export var session: FrametalkSession
## How often the numbers are renewed.
@export_range(0.05, 5.0, 0.05, "suffix:s") var interval_s: float = 0.25

var _frame_us: Samples = Samples.new(KEPT)
var _drift_ms: Samples = Samples.new(KEPT)
var _next_s := 0.0
var _values: Dictionary[String, Label] = {}
var _dot := ColorRect.new()
var _state := Label.new()
var _waterfall := FrametalkWaterfall.new()


## What a connection's state is called on the screen.
static func state_text(of: FrametalkSession) -> String:
	match of.state:
		FrametalkSession.State.OPEN:
			return "connected"
		FrametalkSession.State.CONNECTING, FrametalkSession.State.JOINING, FrametalkSession.State.WAITING:
			if of.resumable:
				return "reconnecting, nothing is lost"
			return "connecting" if of.welcome.is_empty() else "reconnecting"
		FrametalkSession.State.CLOSED:
			return "closed"
	return "not connected"


## The numbers: [code]frame_us[/code] and [code]lips_ms[/code] with p50, p95, p99, max, n; [code]budget[/code] (the p99
## as a part of a frame, by frame rate); [code]mouth_to_ear_ms[/code]; and the session's [code]stats[/code].
func report() -> Dictionary[String, Variant]:
	var cost := _frame_us.summary()
	var budget: Dictionary[int, float] = {}
	for hz in RATES_HZ:
		budget[hz] = cost["p99"] * hz / 1e6
	return {
		"frame_us": cost,
		"lips_ms": _drift_ms.summary(),
		"budget": budget,
		"mouth_to_ear_ms": session.mouth_to_ear_ms() if session else -1.0,
		"stats": session.stats if session else {},
	}


func _init() -> void:
	# After the session and the face, whose cost it counts.
	process_priority = 200
	process_mode = PROCESS_MODE_ALWAYS
	mouse_filter = MOUSE_FILTER_IGNORE
	_build()


func _ready() -> void:
	if not has_theme_stylebox_override(&"panel"):
		var dark := StyleBoxFlat.new()
		dark.bg_color = Color(0.06, 0.06, 0.08, 0.82)
		dark.set_corner_radius_all(6)
		dark.set_content_margin_all(10.0)
		add_theme_stylebox_override(&"panel", dark)
	if session == null:
		session = FrametalkSession.of(self)
	if session:
		session.trace.connect(_waterfall.add)
		for waterfall in session.traces:
			_waterfall.add(waterfall)
	_show()


func _process(delta: float) -> void:
	if session == null:
		return
	_frame_us.add(session.frame_cost_us)
	if session.reply >= 0:
		_drift_ms.add(session.mouth.drift_ms)
	_next_s -= delta
	if _next_s <= 0.0 and is_visible_in_tree():
		_next_s = interval_s
		_show()


func _show() -> void:
	_state.text = state_text(session) if session else "no FrametalkSession in the scene"
	var open := session != null and session.state == FrametalkSession.State.OPEN
	_dot.color = Color("7ac07a") if open else Color("e0a040")
	if session == null:
		return
	var numbers := report()
	var cost: Dictionary = numbers["frame_us"]
	var lips: Dictionary = numbers["lips_ms"]
	var budget: Dictionary = numbers["budget"]
	var newest: Variant = session.traces[-1].get("mouth_to_ear_ms") if session.traces else null
	_values["mouth to ear"].text = "%s, median %s" % [_ms(newest), _ms(numbers["mouth_to_ear_ms"])]
	_values["lips"].text = "%+.1f ms, p95 %+.1f ms" % [lips["p50"], lips["p95"]]
	_values["our frame"].text = "%.2f / %.2f / %.2f ms" % [cost["p50"] / 1e3, cost["p99"] / 1e3, cost["max"] / 1e3]
	var shares := PackedStringArray()
	for hz in RATES_HZ:
		shares.append("%d Hz %.1f %%" % [hz, 100.0 * budget[hz]])
	_values["of the budget"].text = ", ".join(shares)
	_values["buffered"].text = (
		"%s, %d underruns" % [_ms(session.stats.get("buffered_now_ms")), session.stats.get("underruns", 0)]
	)
	_values["round trip"].text = (
		"%s, jitter %s" % [_ms(session.stats.get("round_trip_ms")), _ms(session.stats.get("jitter_ms"))]
	)


static func _ms(value: Variant) -> String:
	return "-" if value == null or float(value) < 0.0 else "%d ms" % roundi(float(value))


func _build() -> void:
	var box := VBoxContainer.new()
	box.mouse_filter = MOUSE_FILTER_IGNORE
	box.custom_minimum_size.x = 320.0
	add_child(box)
	var head := HBoxContainer.new()
	_dot.custom_minimum_size = Vector2(10.0, 10.0)
	_dot.size_flags_vertical = SIZE_SHRINK_CENTER
	head.add_child(_dot)
	head.add_child(_state)
	box.add_child(head)
	box.add_child(_waterfall)
	var grid := GridContainer.new()
	grid.columns = 2
	box.add_child(grid)
	for title: String in HINTS:
		var name_label := Label.new()
		name_label.text = title
		name_label.tooltip_text = HINTS[title]
		name_label.modulate.a = 0.7
		var value := Label.new()
		value.text = "-"
		_values[title] = value
		for label: Label in [name_label, value]:
			label.add_theme_font_size_override(&"font_size", 12)
			grid.add_child(label)
