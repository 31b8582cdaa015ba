@tool
extends ScrollContainer
## The dock: the server's state and characters, a line to say to one, and what the project lacks.

const Setup := preload("setup.gd")
const SayThis := preload("say_this.gd")
const REFRESH_S := 5.0
const START := "Start it with: frametalk serve"

var _url := LineEdit.new()
var _state := Label.new()
var _characters := OptionButton.new()
var _line := LineEdit.new()
var _say := Button.new()
var _answer := Label.new()
var _checks := VBoxContainer.new()
var _health := HTTPRequest.new()
var _probe := SayThis.new()
var _voice := AudioStreamPlayer.new()
var _next_s := 0.0


## The server's address over HTTP: [code]/healthz[/code] is on the same port as the WebSocket.
static func health_url(url: String) -> String:
	return url.strip_edges().rstrip("/").replace("wss://", "https://").replace("ws://", "http://") + "/healthz"


## What [code]/healthz[/code] says, in one line. A server on another machine only says whether it is well.
static func health_text(health: Dictionary) -> String:
	if not health.has("sessions"):
		return str(health.get("status", "?"))
	var engines: Dictionary = health.get("engines", {})
	return (
		"%s, version %s, %d of %d sessions%s\n%s"
		% [
			health.get("status", "?"),
			health.get("version", "?"),
			health.get("sessions", 0),
			health.get("max_sessions", 0),
			", stopping" if health.get("draining", false) else "",
			", ".join(engines.values()),
		]
	)


func _init() -> void:
	custom_minimum_size = Vector2(220.0, 0.0)
	horizontal_scroll_mode = ScrollContainer.SCROLL_MODE_DISABLED
	_url.text = "ws://localhost:8765"
	_url.text_submitted.connect(func(_text: String) -> void: refresh())
	_line.text = "who are you"
	_line.text_submitted.connect(func(_text: String) -> void: say())
	_say.text = "Say this"
	_say.pressed.connect(say)
	for label: Label in [_state, _answer]:
		label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_health.timeout = 3.0
	_health.request_completed.connect(_on_health)
	_probe.clause.connect(func(text: String) -> void: _answer.text += text + " ")
	_probe.answered.connect(_on_answered)
	_probe.failed.connect(_on_failed)
	_build()


func _ready() -> void:
	show_checks()


func _build() -> void:
	var box := VBoxContainer.new()
	box.size_flags_horizontal = SIZE_EXPAND_FILL
	add_child(box)
	var again := Button.new()
	again.text = "Check again"
	again.pressed.connect(show_checks)
	for part: Control in [
		_heading("Server"),
		_url,
		_state,
		_heading("Say this"),
		_characters,
		_line,
		_say,
		_answer,
		_heading("Setup"),
		_checks,
		again
	]:
		box.add_child(part)
	for helper: Node in [_health, _probe, _voice]:
		add_child(helper)


func _process(delta: float) -> void:
	_next_s -= delta
	if _next_s <= 0.0 and is_visible_in_tree():
		_next_s = REFRESH_S
		refresh()


## Asks the server for its state.
func refresh() -> void:
	if _health.get_http_client_status() == HTTPClient.STATUS_DISCONNECTED:
		if _health.request(health_url(_url.text)) != OK:
			_state.text = "The address cannot be used."


## Says the line to the chosen character.
func say() -> void:
	if _probe.is_busy() or _line.text.strip_edges().is_empty():
		return
	_answer.text = ""
	_say.disabled = true
	var chosen := _characters.get_item_text(_characters.selected) if _characters.selected >= 0 else ""
	_probe.say(_url.text.strip_edges(), chosen, _line.text)


## What was answered, for tests.
func answer() -> String:
	return _answer.text


## What is known of the server, for tests.
func server_state() -> String:
	return _state.text


## Looks at the project again.
func show_checks() -> void:
	for old in _checks.get_children():
		old.queue_free()
	for check in Setup.checks():
		var row := HBoxContainer.new()
		var label := Label.new()
		label.text = "%s: %s" % [check.title, check.note if check.ok else check.problem]
		label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
		label.size_flags_horizontal = SIZE_EXPAND_FILL
		label.modulate = Color.WHITE if check.ok else Color("ffb36b")
		row.add_child(label)
		if check.fix.is_valid():
			var fix := Button.new()
			fix.text = "Fix"
			fix.size_flags_vertical = SIZE_SHRINK_CENTER
			fix.pressed.connect(_mend.bind(check))
			row.add_child(fix)
		_checks.add_child(row)


func _mend(check: Setup.Check) -> void:
	var result: Error = check.fix.call()
	if result != OK:
		_answer.text = "%s could not be changed: %s" % [check.title, error_string(result)]
	show_checks()


func _on_health(result: int, status: int, _headers: PackedStringArray, body: PackedByteArray) -> void:
	var health: Variant = JSON.parse_string(body.get_string_from_utf8()) if body else null
	if result != HTTPRequest.RESULT_SUCCESS or status != 200 or not health is Dictionary:
		_state.text = "No server answers at this address. %s" % START
		return
	_state.text = health_text(health)
	var names: Array = health.get("characters", [])
	var chosen := maxi(0, _characters.selected)
	_characters.clear()
	for name_of_character: Variant in names:
		_characters.add_item(str(name_of_character))
	if chosen < _characters.item_count:
		_characters.select(chosen)


func _on_answered(sound: AudioStreamWAV, first_ms: float) -> void:
	_say.disabled = false
	if first_ms < 0.0:
		_answer.text += "\n(no sound)"
		return
	_answer.text += "\n(first sound after %d ms)" % roundi(first_ms)
	_voice.stream = sound
	_voice.play()


func _on_failed(why: String) -> void:
	_say.disabled = false
	_answer.text = why


static func _heading(text: String) -> Label:
	var label := Label.new()
	label.text = text
	label.theme_type_variation = &"HeaderSmall"
	return label
