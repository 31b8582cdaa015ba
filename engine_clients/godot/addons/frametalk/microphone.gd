@tool
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

const MicSource := preload("core/mic_source.gd")
const Uplink := preload("core/uplink.gd")
const PERMISSION := "android.permission.RECORD_AUDIO"
const RESTART_MS: Array[int] = [0, 5000, 10_000]
const BUS := &"FrametalkMicrophone"
const CAPTURE_S := 1.0

## The session; empty: the one above it, or the first of the scene tree.
@export var session: FrametalkSession
## The input device, one of [method devices]; empty: the one that the project uses.
@export var device: String = ""
## When sound goes to the server.
@export var mode: Mode = Mode.OPEN:
	set(value):
		mode = value
		update_configuration_warnings()
		if state == State.RUNNING:
			_attach()
## The input action that is held to talk, in [code]PUSH_TO_TALK[/code]; empty: only [method press] and [method release].
@export var action: StringName = &"push_to_talk":
	set(value):
		action = value
		update_configuration_warnings()
## Sends silence.
@export var muted: bool = false
## Whether it starts when it is ready; else call [method start].
@export var auto_start: bool = true
## Whether the sound passes through an audio bus of its own, [code]FrametalkMicrophone[/code], to which you may add
## effects. Before Godot 4.6 it always does.
@export var through_bus: bool = false
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

var _source: MicSource = null
var _player: AudioStreamPlayer = null
var _attempts: int = 0
var _restart_at_ms: int = -1
var _pressed: bool = false


## Names of the input devices.
static func devices() -> PackedStringArray:
	return AudioServer.get_input_device_list()


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
	session.link.set_microphone(self)
	set_process(true)
	if auto_start:
		start()


func _exit_tree() -> void:
	stop()
	if is_instance_valid(session) and not Engine.is_editor_hint():
		session.link.set_microphone(null)


func _process(_delta: float) -> void:
	var began_us := Time.get_ticks_usec()
	var hub := session.link.hub()
	if hub:
		level_db = hub.up.level_db
		hub.up.muted = muted
	if _restart_at_ms >= 0 and Time.get_ticks_msec() >= _restart_at_ms:
		_restart()
	if mode == Mode.PUSH_TO_TALK and action and InputMap.has_action(action):
		if Input.is_action_pressed(action) != _pressed:
			if _pressed:
				release()
			else:
				press()
	session.link.count_cost(began_us)


func _get_configuration_warnings() -> PackedStringArray:
	var warnings := PackedStringArray()
	if FrametalkSession.of(self) == null and session == null:
		warnings.append("It needs a FrametalkSession: above it, or in `session`.")
	if not fed_by_game and not _input_enabled():
		warnings.append("Switch the project setting audio/driver/enable_input on.")
	var known := InputMap.has_action(action) or ProjectSettings.has_setting("input/%s" % action)
	if mode == Mode.PUSH_TO_TALK and action and not known:
		warnings.append("Add the input action %s to the project's input map." % action)
	return warnings


## Start it; on Android this asks for the permission.
func start() -> void:
	if state in [State.RUNNING, State.ASKING, State.LOST]:
		return
	if fed_by_game:
		_source = MicSource.from_game()
		_attach()
		_become(State.RUNNING)
	elif not _input_enabled():
		_fail("mic_disabled", "the project gives no microphone", "switch audio/driver/enable_input on in the project")
	elif OS.get_name() == "Android" and not OS.get_granted_permissions().has(PERMISSION):
		_become(State.ASKING)
		if not get_tree().on_request_permissions_result.is_connected(_on_permission):
			get_tree().on_request_permissions_result.connect(_on_permission)
		OS.request_permission(PERMISSION)
	else:
		_open_device()


## Stop it.
func stop() -> void:
	if state == State.OFF:
		return
	if _pressed:
		release()
	_close_device()
	_source = null
	_attach()
	_restart_at_ms = -1
	_become(State.OFF)


## The talk button goes down. It stops a reply that plays.
func press() -> void:
	_pressed = true
	if is_instance_valid(session):
		session.scene.flush()
		_command(&"press")


## The talk button goes up.
func release() -> void:
	_pressed = false
	if is_instance_valid(session):
		_command(&"release")


## Give the microphone sound: PCM16, little-endian, mono, at [param samples_hz]. Only with [member fed_by_game]; from
## any thread.
func feed(pcm16: PackedByteArray, samples_hz: int) -> void:
	rate_hz = samples_hz
	if _source and fed_by_game:
		_source.feed(pcm16, samples_hz)


## For the session alone: the thread has begun.
func plug(to: FrametalkSession) -> void:
	session = to
	_attach()


## For the session alone: what the thread says of the microphone.
func obey(event: Dictionary) -> void:
	match event["on"]:
		"mic":
			is_open = event["open"]
			open_changed.emit(is_open)
		"voice_began":
			voice_began.emit()
		"mic_dead":
			if event["dead"]:
				_become(State.LOST)
				_schedule_restart()
			else:
				_attempts = 0
				_restart_at_ms = -1
				_become(State.RUNNING)


func _become(next: State) -> void:
	if next != state:
		state = next
		state_changed.emit(next)


func _fail(code: String, text: String, remedy: String) -> void:
	_become(State.DENIED if code == "mic_denied" else State.FAILED)
	session.error.emit(FrametalkError.new(code, text, remedy, "hear", "user"))


func _on_permission(permission: String, granted: bool) -> void:
	if permission != PERMISSION or state != State.ASKING:
		return
	if granted:
		_open_device()
	else:
		_fail("mic_denied", "the player did not allow the microphone", "allow it in the system's settings")


static func _input_enabled() -> bool:
	return ProjectSettings.get_setting("audio/driver/enable_input", false)


func _open_device() -> void:
	if device:
		AudioServer.set_input_device(device)
	if MicSource.has_input() and not through_bus:
		var failed: Error = AudioServer.call(&"set_input_device_active", true)
		if failed != OK:
			_fail("mic_failed", "no microphone can be opened (%s)" % error_string(failed), "plug one in")
			return
		_source = MicSource.from_input()
	else:
		_source = MicSource.from_bus(_capture())
		_player = AudioStreamPlayer.new()
		_player.stream = AudioStreamMicrophone.new()
		_player.bus = BUS
		_player.process_mode = Node.PROCESS_MODE_ALWAYS
		add_child(_player)
		_player.play()
	rate_hz = _source.rate_hz
	_attach()
	_become(State.RUNNING)


func _close_device() -> void:
	if _player:
		_player.stop()
		_player.queue_free()
		_player = null
	elif _source and _source.kind == MicSource.Kind.INPUT:
		AudioServer.call(&"set_input_device_active", false)


## The capture effect of the bus, which is made at the first use.
func _capture() -> AudioEffectCapture:
	var index := AudioServer.get_bus_index(BUS)
	if index < 0:
		index = AudioServer.bus_count
		AudioServer.add_bus(index)
		AudioServer.set_bus_name(index, BUS)
		AudioServer.set_bus_mute(index, true)
	for i in AudioServer.get_bus_effect_count(index):
		var effect := AudioServer.get_bus_effect(index, i)
		if effect is AudioEffectCapture:
			return effect
	var capture := AudioEffectCapture.new()
	capture.buffer_length = CAPTURE_S
	AudioServer.add_bus_effect(index, capture)
	return capture


func _attach() -> void:
	if is_instance_valid(session):
		session.link.attach_mic(_source, Uplink.Mode.OPEN if mode == Mode.OPEN else Uplink.Mode.PUSH_TO_TALK)


func _schedule_restart() -> void:
	_restart_at_ms = Time.get_ticks_msec() + RESTART_MS[mini(_attempts, RESTART_MS.size() - 1)]
	_attempts += 1


func _restart() -> void:
	_restart_at_ms = -1
	restarts += 1
	_close_device()
	_open_device()
	if state == State.RUNNING:
		_become(State.LOST)
		# The thread says when sound comes; until then it is tried again.
		_schedule_restart()


## Have the thread call a method of the hub.
func _command(method: StringName) -> void:
	if session.link.is_running():
		session.link.post(Callable(session.link.hub(), method))
