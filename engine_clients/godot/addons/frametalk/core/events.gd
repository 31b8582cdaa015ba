extends RefCounted
## Turns the thread's events into a session's state and signals, on the main thread.

const ToolCalls := preload("tool_calls.gd")
const KEPT_TRACES := 64

var _session: FrametalkSession
var _tools: ToolCalls


func _init(session: FrametalkSession, tools: ToolCalls) -> void:
	_session = session
	_tools = tools


func handle(event: Dictionary) -> void:
	match event["on"]:
		"message":
			_take(event["message"])
		"state":
			_connection(event)
		"sounding":
			_session.reply_sounding.emit(event["reply"])
		"ended":
			_ended(event)
		"caption":
			_session.caption.emit(event["text"], event["reply"])
		"mark":
			_mark(event)
		"marks":
			_session.mouth.add(event["reply"], event["marks"])
		"tool":
			_tools.run(event["call"])
		"voice", "flush":
			if is_instance_valid(_session.link.voice):
				_session.link.voice.obey(event)
		"mic", "mic_dead", "voice_began":
			if is_instance_valid(_session.link.microphone):
				_session.link.microphone.obey(event)
		"stats":
			_session.stats = event["stats"]
			_session.stats_changed.emit(_session.stats)
		"failure":
			_session.error.emit(event["failure"])


## The session is in another state.
func become(next: FrametalkSession.State) -> void:
	if next == _session.state:
		return
	_session.state = next
	if next == FrametalkSession.State.CLOSED or (next == FrametalkSession.State.WAITING and not _session.resumable):
		_lose()
	if next == FrametalkSession.State.CLOSED:
		_tools.undeclare()
	_session.state_changed.emit(next)


func _connection(event: Dictionary) -> void:
	var next: FrametalkSession.State = event["state"]
	var failure: FrametalkError = event["failure"]
	_session.resumable = event["resumable"]
	become(next)
	if failure and not _session.resumable:
		_session.error.emit(failure)
	if next == FrametalkSession.State.WAITING:
		_session.reconnecting.emit(event["retry_ms"], _session.resumable)
	elif next == FrametalkSession.State.CLOSED:
		_session.closed.emit(event["code"], failure.text if failure else "")


func _take(message: Dictionary) -> void:
	match message["type"]:
		"welcome":
			_welcome(message)
		"turn.state":
			_session.turn = message
			_session.turn_state.emit(message["state"], message)
			if message.get("gesture"):
				_session.gesture.emit(message["gesture"], -1)
		"transcript":
			var stable: int = message.get("stable", 0)
			_session.transcript.emit(message["text"], stable, message.get("final", false))
		"reply.begin":
			_session.reply = message["reply"]
			_session.mouth.begin(message["reply"], message["rate_hz"])
			_session.reply_begun.emit(message["reply"], message["turn"])
		"tool.cancel":
			_tools.cancel(message["call"])
		"scene.ack":
			_session.scene.acked(message["rev"])
		"scene.resync":
			_session.scene.resync()
		"trace":
			_trace(message)
		"goaway":
			_session.going_away.emit(message.get("reason", ""), int(message.get("in_ms", 0)))


func _welcome(message: Dictionary) -> void:
	_session.welcome = message
	if not message.get("resumed", false):
		_lose()
		_session.scene.resend()
	_session.opened.emit(message)


## The server's copies of scene and tool calls are gone.
func _lose() -> void:
	_session.turn = {}
	_session.scene.lose()
	_session.focus.reset()
	_tools.reset()


func _ended(event: Dictionary) -> void:
	var reply: int = event["reply"]
	if _session.reply == reply:
		_session.reply = -1
	if event["how"] == "finished":
		_session.reply_ended.emit(reply)
	else:
		_session.reply_cut.emit(reply, event["how"], event["sample"])


func _mark(event: Dictionary) -> void:
	var name: String = event["name"]
	var reply: int = event["reply"]
	match event["kind"]:
		"word":
			_session.word.emit(name, reply)
		"gesture":
			_session.gesture.emit(name, reply)
		"emotion":
			_session.emotion.emit(name, event["value"], reply)
		"gaze":
			_session.gaze.emit(_session.node_of(name), name, reply)


func _trace(message: Dictionary) -> void:
	var waterfall := {
		"turn": message["turn"],
		"reply": message["reply"],
		"mouth_to_ear_ms": message.get("mouth_to_ear_ms"),
		"stages": message.get("stages", []),
		"unmeasured": message.get("unmeasured", ""),
		"unseen": message.get("unseen", []),
		"ready": message.get("ready", false),
		"discarded": message.get("discarded", 0),
	}
	_session.traces.append(waterfall)
	if _session.traces.size() > KEPT_TRACES:
		_session.traces.pop_front()
	_session.trace.emit(waterfall)
