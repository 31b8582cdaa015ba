extends RefCounted
## One session without the scene tree: its connection, uplink and downlink. It runs on the session's thread.
##
## Everything happens in [method step], which is called every few milliseconds, and in the commands between two steps.

const Connection := preload("connection.gd")
const Downlink := preload("downlink.gd")
const Encoder := preload("encoder.gd")
const Heartbeat := preload("heartbeat.gd")
const MicSource := preload("mic_source.gd")
const Resumption := preload("resumption.gd")
const ServerMessages := preload("server_messages.gd")
const Sink := preload("sink.gd")
const Sockets := preload("sockets.gd")
const StatsKeeper := preload("stats_keeper.gd")
const Uplink := preload("uplink.gd")

const STATS_EVERY_US := 1_000_000
const NEVER := 0x7fffffffffffffff

var up: Uplink
var down: Downlink
## Our clock, in microseconds; for commands between two steps too.
var now_us: int = 0

var _emit: Callable  # (event: Dictionary)
var _connection: Connection = null
var _sockets: Sockets
var _encoder := Encoder.new()
var _messages: ServerMessages
var _resumption := Resumption.new()
var _heartbeat := Heartbeat.new()
var _stats: StatsKeeper
var _stats_at_us: int = NEVER
var _onset_until_us: int = NEVER


func _init(sink: Sink, new_socket: Callable, emit: Callable) -> void:
	_emit = emit
	_sockets = Sockets.new(new_socket, _receive)
	_stats = StatsKeeper.new(_heartbeat.estimate)
	up = Uplink.new(_stats, send, _send_frame, emit)
	down = Downlink.new(sink, _stats, send, emit, up.sample_at)
	_messages = ServerMessages.new(up, down, emit)


# ---- commands ----


func open(url: String, hello: Dictionary, reconnect: bool) -> void:
	if _connection:
		_connection.stop()
	var actions: Dictionary[String, Callable] = {
		"open_socket": _open_socket,
		"close_socket": _close_socket,
		"send": send,
		"counts": _counts,
		"changed": _changed,
	}
	_connection = Connection.new(url, hello, reconnect, actions)
	_sockets.connection = _connection
	_connection.start()


func close(reason: String) -> void:
	if _connection == null:
		return
	if _connection.state == Connection.State.OPEN:
		send({"type": "bye", "reason": reason})
	_connection.stop()


func retry() -> void:
	if _connection:
		_connection.retry()


## Send a control message; while a lost session can be resumed it is kept for then.
func send(message: Dictionary) -> void:
	var state := _connection.state if _connection else Connection.State.IDLE
	var type: String = message["type"]
	var greets := state == Connection.State.JOINING and (type == "hello" or type == "pong")
	var connected := _sockets.current != null and (state == Connection.State.OPEN or greets)
	if not connected and not _resumption.kept:
		return
	var bytes := _encoder.encode(message)
	if bytes.is_empty():
		_messages.fail(
			_encoder.error_code, "%s: %s" % [type, _encoder.error_text], "send what the wire can hold", "client"
		)
		return
	if _resumption.possible:
		_resumption.outgoing.message(type, bytes)
	if connected:
		_sockets.send(bytes)
	elif _resumption.outgoing.overflowed:
		_forget()


## The game stands still for at most [param for_ms] (0: as long as the server allows), or goes on.
func pause(paused: bool, for_ms: float) -> void:
	up.pause(paused, now_us)
	var message := {"type": "pause", "paused": paused}
	if for_ms > 0.0:
		message["for_ms"] = for_ms
	send(message)
	down.pause(paused)
	_resumption.pause(paused, for_ms)


func press() -> void:
	if down.current:
		send({"type": "interrupt"})
	up.press(now_us)


## The microphone's samples come from here; null: there is none.
func attach_mic(source: MicSource) -> void:
	up.attach(source, now_us)


func set_mic_mode(mode: Uplink.Mode) -> void:
	up.set_mode(mode, now_us)


func release() -> void:
	up.release(now_us)


# ---- time ----


## Do what is due.
func step(at_us: int) -> void:
	now_us = at_us
	if _connection and now_us / 1000.0 >= _connection.retry_at_ms:
		_connection.retry()
	_sockets.poll(now_us)
	if now_us >= _resumption.forget_at_us:
		_forget()
	if now_us >= _heartbeat.ping_at_us:
		_ping()
	if now_us >= _resumption.ack_at_us:
		_acknowledge()
	if now_us >= _stats_at_us:
		_stats_at_us = now_us + STATS_EVERY_US
		_emit.call({"on": "stats", "stats": _stats.summary()})
	up.step(now_us)
	if up.voice_began:
		up.voice_began = false
		if down.voice_began(now_us):
			_onset_until_us = now_us + Downlink.UNCONFIRMED_DUCK_US
			_emit.call({"on": "voice_began"})
	if now_us >= _onset_until_us:
		_onset_until_us = NEVER
		if not up.onset.confirmed:
			up.onset.false_alarm()
	up.played_db = down.played_db()
	down.step(now_us)


## Whether nothing is left to do: the session has ended, and its socket too.
func is_over() -> bool:
	return _sockets.are_gone() and (_connection == null or _connection.state == Connection.State.CLOSED)


# ---- the connection ----


func _open_socket(url: String) -> void:
	_sockets.open(url, now_us)


func _close_socket() -> void:
	_sockets.close(now_us)


## The connection is not worth anything any more.
func lose() -> void:
	_sockets.drop(now_us)


func _counts() -> Dictionary:
	var counts := _resumption.counts()
	counts.merge(down.position())
	return counts


func _changed(state: Connection.State, failure: FrametalkError, retry_ms: int) -> void:
	if state == Connection.State.WAITING or state == Connection.State.CLOSED:
		_disconnected()
	var event := {"on": "state", "state": state, "failure": failure, "retry_ms": retry_ms}
	event["resumable"] = _resumption.kept
	event["code"] = _connection.code
	_emit.call(event)


func _disconnected() -> void:
	_heartbeat.stop()
	_stats_at_us = NEVER
	if not _resumption.keep(_connection, now_us):
		_leave()


## It took too long: the session cannot be resumed any more.
func _forget() -> void:
	_connection.forget()
	_leave()


func _leave() -> void:
	_resumption.end()
	up.leave(now_us)
	down.leave(now_us)


func _join(welcome: Dictionary) -> void:
	_sockets.join_until_us = NEVER
	var resumed: bool = welcome.get("resumed", false)
	if not resumed:
		if _resumption.kept:
			_leave()
		_heartbeat.estimate.reset()
	_resumption.join(welcome, now_us)
	var limits: Dictionary = welcome["limits"]
	down.played_every_us = mini(Downlink.PLAYED_EVERY_US, int(float(limits["played_every_ms"]) * 1000.0))
	if resumed:
		for bytes in _resumption.outgoing.rest():
			_sockets.send(bytes)
	_connection.welcome(welcome)
	_emit.call({"on": "message", "message": welcome})
	if not resumed:
		up.join(float(limits["mic_frame_ms"]), now_us)
	_heartbeat.start(now_us)
	_stats_at_us = now_us + STATS_EVERY_US


func _ping() -> void:
	if _heartbeat.is_silent(_resumption.possible, now_us):
		lose()
	else:
		send(_heartbeat.ping(now_us))


func _acknowledge() -> void:
	var received := _resumption.acknowledge(now_us)
	if received >= 0:
		send({"type": "ack", "acked": received})


func _send_frame(frame: PackedByteArray) -> void:
	if _resumption.possible:
		_resumption.outgoing.frame(frame)
	if _connection and _connection.state == Connection.State.OPEN and _sockets.current:
		_sockets.send(frame)


# ---- what comes ----


func _receive(frame: PackedByteArray, text: bool) -> void:
	_heartbeat.newest_frame_us = now_us
	var message := _messages.read(frame, text, now_us)
	if message.is_empty():
		return
	match message["type"]:
		"ping":
			send(Heartbeat.pong_to(message, now_us))
			return
		"pong":
			_heartbeat.pong(message, now_us)
			return
		"received":
			_resumption.confirm(message, "messages")
			return
		"welcome":
			if _connection.state == Connection.State.JOINING:
				_join(message)
			return
		"error":
			# A refusal; its number is not of the session that was kept.
			if _connection.state == Connection.State.JOINING:
				_failed(message)
				return
	if _resumption.repeats(message.get("seq", 0)):
		return
	match message["type"]:
		"error":
			_failed(message)
			return
		"goaway":
			_go_away(message)
	_messages.act(message, now_us)


func _go_away(message: Dictionary) -> void:
	var wrong := _connection.go_away(message.get("url", ""))
	if wrong:
		_messages.fail("message_invalid", wrong, "see the setting server.successor_url of that server", "server")


func _failed(message: Dictionary) -> void:
	var failure := ServerMessages.failure_of(message)
	if failure.fatal:
		_connection.failed(failure)
	else:
		_emit.call({"on": "failure", "failure": failure})
