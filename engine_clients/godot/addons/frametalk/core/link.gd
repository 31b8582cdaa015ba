extends RefCounted
## Connects a session's nodes with its thread. Everything here is called on the main thread.

const Hub := preload("hub.gd")
const MicSource := preload("mic_source.gd")
const Mixer := preload("mixer.gd")
const Sink := preload("sink.gd")
const Socket := preload("socket.gd")
const Uplink := preload("uplink.gd")
const Worker := preload("worker.gd")

## The nodes of this session.
var voice: FrametalkCharacter = null
var microphone: FrametalkMicrophone = null
## Entity id -> the node that it stands for.
var objects: Dictionary[String, Node] = {}
## Makes a socket; tests and replays have their own.
var new_socket: Callable = Socket.new

var _session: FrametalkSession
var _worker: Worker = null
var _cost_us: int = 0


func _init(session: FrametalkSession) -> void:
	_session = session


## Start the thread, and connect.
func start(url: String, hello: Dictionary, reconnect: bool) -> void:
	_worker = Worker.new()
	_worker.start(_make_hub)
	_session.mouth.follow(_worker.hub().down.lips)
	if voice == null:
		voice = FrametalkCharacter.new()
		voice.name = "Voice"
		voice.session = _session
		_session.add_child(voice)
	else:
		voice.plug(_session)
	if microphone:
		microphone.plug(_session)
	post(_worker.hub().open.bind(url, hello, reconnect))


## End the thread; returns its last events.
func stop(reason: String) -> Array[Dictionary]:
	if _worker == null:
		return []
	var worker := _worker
	worker.stop(reason)
	_worker = null
	return worker.take()


func is_running() -> bool:
	return _worker != null


## The thread's events since the last call.
func take() -> Array[Dictionary]:
	return _worker.take() if _worker else [] as Array[Dictionary]


## Have the thread call a command; without a thread nothing happens.
func post(command: Callable) -> void:
	if _worker:
		_worker.post(command)


## The hub, for commands; null without a thread.
func hub() -> Hub:
	return _worker.hub() if _worker else null


## Send a control message, which belongs to the thread from now on.
func send(message: Dictionary) -> void:
	if _worker:
		_worker.post(_worker.hub().send.bind(message))


## A character plays the voice from now on.
func set_voice(character: FrametalkCharacter) -> void:
	voice = character
	if _worker:
		voice.plug(_session)


## The thread pushes the voice's samples into this playback.
func attach_playback(playback: AudioStreamGeneratorPlayback, rate_hz: int) -> void:
	if _worker:
		var capacity := playback.get_frames_available()
		_worker.post(_worker.hub().down.attach.bind(playback, rate_hz, capacity))


## Whether the voice may still be made silent for this cut.
func may_flush(token: int) -> bool:
	return _worker != null and _worker.hub().down.flush_token == token


## This is the session's microphone; null: it has none.
func set_microphone(node: FrametalkMicrophone) -> void:
	microphone = node
	if _worker and node:
		node.plug(_session)


## The microphone's samples come from here, for this use.
func attach_mic(source: MicSource, mode: Uplink.Mode) -> void:
	if _worker:
		_worker.post(_worker.hub().attach_mic.bind(source))
		_worker.post(_worker.hub().set_mic_mode.bind(mode))


## What a node cost the main thread since this time belongs to this frame.
func count_cost(began_us: int) -> void:
	_cost_us += Time.get_ticks_usec() - began_us


## The cost since the last call.
func take_cost() -> int:
	var cost_us := _cost_us
	_cost_us = 0
	return cost_us


func _make_hub(emit: Callable) -> Hub:
	return Hub.new(Sink.new(Mixer.new()), new_socket, emit)
