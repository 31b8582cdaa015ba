class_name FrametalkCaptions
extends VBoxContainer
## Captions: what the character says, lit up word by word as it is heard, and what the player was understood to say.
##
## Add [code]res://addons/frametalk/ui/captions.tscn[/code] to a [CanvasLayer], or to a [SubViewport] for a panel in a
## headset. Style it with a theme: both lines are [RichTextLabel]s.

## The session; empty: the first of the scene tree.
@export var session: FrametalkSession
## Whether the player's own words are shown.
@export var show_player: bool = true
## How long a line stays after it was spoken.
@export_range(0.0, 30.0, 0.5, "suffix:s") var linger_s: float = 2.5
## The colour of words that are not heard yet.
@export var ahead: Color = Color(1.0, 1.0, 1.0, 0.45)

var _character := _line()
var _lit := _line()  # the same text over it, of which the words that were heard are visible
var _player := _line()
var _clause := ""
var _heard := 0
var _hide_at_s := 0.0
var _now_s := 0.0


func _init() -> void:
	alignment = ALIGNMENT_END
	mouse_filter = MOUSE_FILTER_IGNORE
	add_theme_constant_override(&"separation", 8)
	_lit.set_anchors_preset(PRESET_FULL_RECT)
	_lit.visible_characters_behavior = TextServer.VC_CHARS_AFTER_SHAPING
	_lit.show()
	_character.add_child(_lit)
	add_child(_character)
	add_child(_player)


func _ready() -> void:
	if session == null:
		session = FrametalkSession.of(self)
	if session == null:
		return
	session.caption.connect(_on_caption)
	session.word.connect(_on_word)
	session.transcript.connect(_on_transcript)
	session.reply_ended.connect(_on_ended)
	session.reply_cut.connect(_on_cut)


func _process(delta: float) -> void:
	_now_s += delta
	if _hide_at_s and _now_s >= _hide_at_s:
		_hide_at_s = 0.0
		_character.hide()
		_player.hide()


## The text of both lines, for tests: the character's, the player's; empty where a line is hidden.
func shown() -> PackedStringArray:
	return PackedStringArray(
		[
			_character.get_parsed_text() if _character.visible else "",
			_player.get_parsed_text() if _player.visible else "",
		]
	)


## How many characters of the clause are lit up.
func heard_characters() -> int:
	return _heard


func _on_caption(text: String, _reply: int) -> void:
	_clause = text
	_heard = 0
	_hide_at_s = 0.0
	_write()


func _on_word(text: String, _reply: int) -> void:
	# A word is written in the clause as its mark says; one that is not found changes nothing.
	var at := _clause.find(text, _heard)
	if at >= 0:
		_heard = at + text.length()
		_lit.visible_characters = _heard


## Lays the clause out, which takes long: once, not for each word.
func _write() -> void:
	for line: RichTextLabel in [_character, _lit]:
		line.clear()
		line.push_paragraph(HORIZONTAL_ALIGNMENT_CENTER)
		if line == _character:
			line.push_color(ahead)
		line.add_text(_clause)
		line.pop_all()
	_lit.visible_characters = _heard
	_character.show()


func _on_transcript(text: String, stable: int, final: bool) -> void:
	if not show_player or text.is_empty():
		return
	_hide_at_s = 0.0
	_player.clear()
	_player.push_paragraph(HORIZONTAL_ALIGNMENT_CENTER)
	_player.add_text(text if final else text.left(stable))
	if not final:
		_player.push_color(ahead)
		_player.add_text(text.substr(stable))
	_player.pop_all()
	_player.show()


func _on_ended(_reply: int) -> void:
	_heard = _clause.length()
	_lit.visible_characters = _heard
	_hide_at_s = _now_s + linger_s


func _on_cut(_reply: int, _reason: String, _sample: int) -> void:
	# What was not heard was not said.
	_clause = _clause.left(_heard)
	_write()
	_hide_at_s = _now_s + linger_s


static func _line() -> RichTextLabel:
	var line := RichTextLabel.new()
	line.fit_content = true
	line.scroll_active = false
	line.mouse_filter = MOUSE_FILTER_IGNORE
	line.add_theme_constant_override(&"outline_size", 8)
	line.add_theme_color_override(&"font_outline_color", Color(0.0, 0.0, 0.0, 0.85))
	line.add_theme_font_size_override(&"normal_font_size", 26)
	line.hide()
	return line
