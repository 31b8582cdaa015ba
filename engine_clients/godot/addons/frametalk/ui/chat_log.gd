class_name FrametalkChatLog
extends VBoxContainer
## The conversation as text that users can select and copy, with a line to type a turn.
##
## Add [code]res://addons/frametalk/ui/chat_log.tscn[/code]. The character's side has what was heard; of a reply that
## was cut, the words up to the cut.

## The session; empty: the first of the scene tree.
@export var session: FrametalkSession
## The player's name in the log.
@export var player_name: String = "You"
## The character's name in the log; empty: the one of the session.
@export var character_name: String = ""
## Whether tool calls are logged.
@export var show_tools: bool = true
## Whether there is a line to type.
@export var show_input: bool = true:
	set(value):
		show_input = value
		_bottom.visible = value
## How many lines are kept.
@export_range(10, 10_000) var lines: int = 500

var _log := RichTextLabel.new()
var _bottom := HBoxContainer.new()
var _input := LineEdit.new()
var _entries: PackedStringArray = []
var _clauses: PackedStringArray = []
var _words: PackedStringArray = []


func _init() -> void:
	_log.selection_enabled = true
	_log.context_menu_enabled = true
	_log.scroll_following = true
	_log.focus_mode = FOCUS_CLICK
	_log.size_flags_vertical = SIZE_EXPAND_FILL
	var dark := StyleBoxFlat.new()
	dark.bg_color = Color(0.06, 0.06, 0.08, 0.6)
	dark.set_corner_radius_all(6)
	dark.set_content_margin_all(8.0)
	_log.add_theme_stylebox_override(&"normal", dark)
	_log.add_theme_font_size_override(&"normal_font_size", 14)
	_input.placeholder_text = "or type here"
	_input.size_flags_horizontal = SIZE_EXPAND_FILL
	_input.max_length = 2000
	_input.text_submitted.connect(_on_submitted)
	var copy := Button.new()
	copy.text = "Copy"
	copy.tooltip_text = "Copy the whole conversation"
	copy.pressed.connect(copy_all)
	_bottom.add_child(_input)
	_bottom.add_child(copy)
	add_child(_log)
	add_child(_bottom)


func _ready() -> void:
	if session == null:
		session = FrametalkSession.of(self)
	if session == null:
		return
	session.transcript.connect(_on_transcript)
	session.caption.connect(_on_caption)
	session.word.connect(_on_word)
	session.reply_begun.connect(_on_begun)
	session.reply_ended.connect(_on_ended)
	session.reply_cut.connect(_on_cut)
	session.tool_finished.connect(_on_tool)
	session.error.connect(_on_error)


## The whole conversation, a line for each turn.
func text() -> String:
	return "\n".join(_entries)


## Copies the whole conversation to the clipboard.
func copy_all() -> void:
	DisplayServer.clipboard_set(text())


## Forgets the whole conversation.
func clear() -> void:
	_entries.clear()
	_log.clear()


## Adds a line of your own.
func add_line(line: String, colour: Color = Color.WHITE) -> void:
	_entries.append(line)
	_log.push_color(colour)
	_log.add_text(line)
	_log.pop()
	_log.newline()
	while _entries.size() > lines:
		_entries.remove_at(0)
		_log.remove_paragraph(0)


func _on_submitted(typed: String) -> void:
	if typed.strip_edges().is_empty() or session == null:
		return
	if session.say(typed):
		add_line("%s: %s" % [player_name, typed], Color("cfe3ff"))
		_input.clear()
	else:
		add_line("No connection: nothing was sent.", Color("e0a040"))


func _on_transcript(understood: String, _stable: int, final: bool) -> void:
	if final and understood:
		add_line("%s: %s" % [player_name, understood], Color("cfe3ff"))


func _on_begun(_reply: int, _turn: int) -> void:
	_clauses.clear()
	_words.clear()


func _on_caption(clause: String, _reply: int) -> void:
	_clauses.append(clause)


func _on_word(heard: String, _reply: int) -> void:
	_words.append(heard)


func _on_ended(_reply: int) -> void:
	if _clauses:
		add_line("%s: %s" % [_speaker(), " ".join(_clauses)])


func _on_cut(_reply: int, _reason: String, _sample: int) -> void:
	if _words:
		add_line("%s: %s -" % [_speaker(), " ".join(_words)])


func _on_tool(ended: FrametalkCall) -> void:
	if show_tools:
		var how := str(FrametalkCall.State.find_key(ended.state)).to_lower()
		var why := ", " + ended.reason if ended.reason else ""
		add_line("%s %s: %s%s" % [ended.name, " ".join(ended.args.values()), how, why], Color("e8a33d"))


func _on_error(failure: FrametalkError) -> void:
	add_line(str(failure), Color("ff8a7a"))


func _speaker() -> String:
	return character_name if character_name else str(session.welcome.get("character", "character")).capitalize()
