@tool
@icon("res://addons/frametalk/icons/character.svg")
class_name FrametalkCharacter
extends Node
## The character's voice: an [AudioStreamPlayer3D], [AudioStreamPlayer2D] or [AudioStreamPlayer].
##
## Without [member voice] it makes a player of the kind that fits its parent: 3D below a [Node3D], 2D below a
## [CanvasItem]. A session without a character node makes a plain player.

## The character begins to be heard, or has ended.
signal speaking_changed(speaking: bool)

const USUAL_RATE_HZ := 22_050
const RING_S := 0.5

## The session; empty: the one above it, or the first of the scene tree.
@export var session: FrametalkSession
## The player of the voice; its stream is replaced. Empty: it makes one.
@export var voice: Node:
	set(value):
		voice = value
		update_configuration_warnings()
## The audio bus of a player that it makes.
@export var bus: StringName = &"Master":
	set(value):
		bus = value
		update_configuration_warnings()
## The voice's volume.
@export_range(-80.0, 24.0, 0.1, "suffix:dB") var volume_db: float = 0.0
## By how much the voice is lowered while the player may be speaking over it.
@export_range(-40.0, 0.0, 0.1, "suffix:dB") var duck_db: float = -12.0

## Whether the character is heard.
var speaking: bool = false
## Whether the voice is lowered now.
var ducked: bool = false

var _player: Node = null
var _made: bool = false
var _paused: bool = false
var _rate_hz: int = USUAL_RATE_HZ


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS


func _ready() -> void:
	set_process(false)
	if Engine.is_editor_hint():
		return
	if session == null:
		session = FrametalkSession.of(self)
	if session == null:
		push_warning("%s has no FrametalkSession" % get_path())
		return
	session.reply_sounding.connect(_set_speaking.bind(true).unbind(1))
	session.reply_ended.connect(_set_speaking.bind(false).unbind(1))
	session.reply_cut.connect(_set_speaking.bind(false).unbind(3))
	session.opened.connect(_on_opened)
	session.link.set_voice(self)
	set_process(true)


func _exit_tree() -> void:
	if _made and is_instance_valid(_player):
		_player.queue_free()
	_player = null
	_made = false


func _process(_delta: float) -> void:
	if _player and _player.get(&"volume_db") != _volume():
		_player.set(&"volume_db", _volume())


func _get_configuration_warnings() -> PackedStringArray:
	var warnings := PackedStringArray()
	if FrametalkSession.of(self) == null and session == null:
		warnings.append("It needs a FrametalkSession: above it, or in `session`.")
	if voice and not is_player(voice):
		warnings.append("`voice` must be an AudioStreamPlayer, AudioStreamPlayer2D or AudioStreamPlayer3D.")
	if voice == null and AudioServer.get_bus_index(bus) < 0:
		warnings.append("There is no audio bus %s." % bus)
	return warnings


## The player that plays the voice; null before it is ready.
func player() -> Node:
	return _player


## Whether a node can play a voice.
static func is_player(node: Node) -> bool:
	return node is AudioStreamPlayer or node is AudioStreamPlayer2D or node is AudioStreamPlayer3D


## For the session alone: play its voice.
func plug(to: FrametalkSession) -> void:
	if session == null:
		session = to
	if not is_instance_valid(_player):
		_player = voice if voice and is_player(voice) else _make_player()
	_start()


## For the session alone: lower, pause or silence the voice.
func obey(event: Dictionary) -> void:
	if event["on"] == "flush":
		if session.link.may_flush(event["token"]):
			_start()
		return
	ducked = event["ducked"]
	_paused = event["paused"]
	if _player:
		_player.set(&"volume_db", _volume())
		_player.set(&"stream_paused", _paused)


func _on_opened(welcome: Dictionary) -> void:
	var rate_hz: int = welcome["rate_hz"]
	if rate_hz != _rate_hz:
		_rate_hz = rate_hz
		_start()


func _make_player() -> Node:
	var parent := get_parent()
	if session.get_parent() and parent == session:
		parent = session.get_parent()
	var made: Node
	if parent is Node3D:
		made = AudioStreamPlayer3D.new()
	elif parent is CanvasItem:
		made = AudioStreamPlayer2D.new()
	else:
		made = AudioStreamPlayer.new()
		parent = self
	made.name = "FrametalkVoice"
	made.set(&"bus", bus)
	made.process_mode = Node.PROCESS_MODE_ALWAYS
	_made = true
	# A player has a place only below a node that has one.
	parent.add_child.call_deferred(made, false, Node.INTERNAL_MODE_BACK)
	return made


## Play a new, empty generator; what was in the one before fades out at once.
func _start() -> void:
	if not is_instance_valid(_player):
		return
	if not _player.is_inside_tree():
		if not _player.ready.is_connected(_start):
			_player.ready.connect(_start, CONNECT_ONE_SHOT)
		return
	var generator := AudioStreamGenerator.new()
	generator.mix_rate = _rate_hz
	generator.buffer_length = RING_S
	_player.call(&"stop")
	_player.set(&"stream", generator)
	_player.set(&"volume_db", _volume())
	_player.call(&"play")
	_player.set(&"stream_paused", _paused)
	var playback: AudioStreamGeneratorPlayback = _player.call(&"get_stream_playback")
	if playback:
		session.link.attach_playback(playback, _rate_hz)


func _volume() -> float:
	return volume_db + (duck_db if ducked else 0.0)


func _set_speaking(now: bool) -> void:
	speaking = now
	speaking_changed.emit(now)
