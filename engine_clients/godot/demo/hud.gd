## What the demo shows over the tavern: captions, what is wrong, a line to type, the latency overlay.
extends CanvasLayer

const HELP := "Hold Space or Talk and speak, or type. Right mouse button: look. Arrows: walk. L: latency. Esc: pause."
const Captions := preload("res://addons/frametalk/ui/captions.tscn")
const Overlay := preload("res://addons/frametalk/ui/overlay.tscn")
const ChatLog := preload("res://addons/frametalk/ui/chat_log.tscn")

var captions: FrametalkCaptions = Captions.instantiate()
var overlay: FrametalkOverlay = Overlay.instantiate()
var chat: FrametalkChatLog = ChatLog.instantiate()

var _session: FrametalkSession
var _microphone: FrametalkMicrophone
var _title := Label.new()
var _problem := Label.new()
var _talk := Button.new()
var _start := Button.new()


func _init(session: FrametalkSession, microphone: FrametalkMicrophone) -> void:
	name = "Hud"
	process_mode = PROCESS_MODE_ALWAYS
	_session = session
	_microphone = microphone
	for part: Node in [captions, overlay, chat]:
		part.set(&"session", session)
	overlay.hide()
	chat.character_name = "Bram"
	session.error.connect(_on_error)
	session.opened.connect(func(_welcome: Dictionary) -> void: _problem.text = "")
	add_child(captions)
	add_child(overlay)
	_place_chat()
	_place_bar()
	for label: Label in [_title, _problem]:
		label.add_theme_constant_override(&"outline_size", 6)
		label.add_theme_color_override(&"font_outline_color", Color(0.0, 0.0, 0.0, 0.8))
		add_child(label)
	_title.position = Vector2(16.0, 10.0)
	_problem.position = Vector2(16.0, 36.0)
	_problem.add_theme_color_override(&"font_color", Color("ffb0a0"))


func _process(_delta: float) -> void:
	_title.text = "Bram, the blacksmith: %s" % FrametalkOverlay.state_text(_session)
	_start.visible = _session.welcome.is_empty()
	_talk.text = "Listening" if _microphone.is_open else "Hold to talk"


func _unhandled_key_input(event: InputEvent) -> void:
	var key: InputEventKey = event
	if key.echo:
		return
	if key.is_action_pressed(&"push_to_talk"):
		_microphone.press()
	elif key.is_action_released(&"push_to_talk"):
		_microphone.release()
	if not key.pressed:
		return
	match key.keycode:
		KEY_L:
			overlay.visible = not overlay.visible
		KEY_ESCAPE:
			get_tree().paused = not get_tree().paused


func _place_chat() -> void:
	chat.position = Vector2(16.0, 470.0)
	chat.size = Vector2(330.0, 234.0)
	add_child(chat)


func _place_bar() -> void:
	var bar := HBoxContainer.new()
	bar.set_anchors_and_offsets_preset(Control.PRESET_CENTER_BOTTOM)
	bar.offset_top = -52.0
	bar.grow_horizontal = Control.GROW_DIRECTION_BOTH
	add_child(bar)
	for button: Button in [_talk, _start]:
		button.custom_minimum_size = Vector2(150.0, 40.0)
	_talk.tooltip_text = HELP
	_talk.focus_mode = Control.FOCUS_NONE
	_talk.button_down.connect(_microphone.press)
	_talk.button_up.connect(_microphone.release)
	bar.add_child(_talk)
	_start.text = "Start the server"
	_start.tooltip_text = "Runs: frametalk serve"
	_start.focus_mode = Control.FOCUS_NONE
	_start.pressed.connect(_start_server)
	bar.add_child(_start)


func _start_server() -> void:
	if OS.create_process("frametalk", ["serve"]) < 0:
		_problem.text = "frametalk is not installed. Run: pip install frametalk[embedded]"
		return
	_problem.text = "The server is starting."
	_session.retry()


func _on_error(failure: FrametalkError) -> void:
	_problem.text = "%s\n%s" % [failure.text, failure.remedy]
