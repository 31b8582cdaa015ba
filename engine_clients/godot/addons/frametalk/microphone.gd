@icon("res://addons/frametalk/icons/microphone.svg")
class_name FrametalkMicrophone
extends Node
## The player's microphone: always open, or push-to-talk on an input action.
##
## Needs the project setting [code]audio/driver/enable_input[/code]. A microphone that gives nothing any more is
## opened again by itself.

## [member state] has changed.
signal state_changed(state: State)
## The stream to the server is open (sound goes out), or closed.
signal open_changed(open: bool)
## The player begins to speak over a reply, as far as this client can tell.
signal voice_began

## When sound goes to the server.
enum Mode { OPEN, PUSH_TO_TALK }
## The microphone's state. [code]LOST[/code]: it gives no sound and is being opened again.
enum State { OFF, ASKING, RUNNING, LOST, DENIED, FAILED }

## The session; empty: the one above it, or the first of the scene tree.
@export var session: FrametalkSession
## The input device, one of [method devices]; empty: the one that the project uses.
@export var device: String = ""
## When sound goes to the server.
@export var mode: Mode = Mode.OPEN:
	set(value):
		mode = value
		update_configuration_warnings()
## The input action that is held to talk, in [code]PUSH_TO_TALK[/code]; empty: only [method press] and [method release].
@export var action: StringName = &"push_to_talk":
	set(value):
		action = value
		update_configuration_warnings()
## Sends silence.
@export var muted: bool = false
## Whether it starts when it is ready; else call [method start].
@export var auto_start: bool = true
## The microphone is [method feed], not a device: for a game with its own capture, and for tests.
@export var fed_by_game: bool = false

## The microphone's state.
var state: State = State.OFF
## Whether sound goes to the server.
var is_open: bool = false
## The sound's level in dB of full scale; -96: silence.
var level_db: float = -96.0
## The rate of its samples.
var rate_hz: int = 0
## How often it was opened again because it gave nothing.
var restarts: int = 0


## Names of the input devices.
static func devices() -> PackedStringArray:
	return AudioServer.get_input_device_list()


## Start it; on Android this asks for the permission.
func start() -> void:
	pass


## Stop it.
func stop() -> void:
	pass


## The talk button goes down. It stops a reply that plays.
func press() -> void:
	pass


## The talk button goes up.
func release() -> void:
	pass


## Give the microphone sound: PCM16, little-endian, mono, at [param samples_hz]. Only with [member fed_by_game].
func feed(_pcm16: PackedByteArray, _samples_hz: int) -> void:
	pass
