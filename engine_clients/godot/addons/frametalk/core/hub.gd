extends RefCounted
## One session without the scene tree: its connection, uplink and downlink. It runs on the session's thread.
##
## Everything happens in [method step], which is called every few milliseconds, and in the commands between two steps.

const Address := preload("address.gd")
const ClockEstimate := preload("clock_estimate.gd")
const Connection := preload("connection.gd")
const Decoder := preload("decoder.gd")
const Downlink := preload("downlink.gd")
const Encoder := preload("encoder.gd")
const Marks := preload("marks.gd")
const Media := preload("media.gd")
const MicSource := preload("mic_source.gd")
const Outgoing := preload("outgoing.gd")
const Shapes := preload("shapes.gd")
const Sink := preload("sink.gd")
const StatsKeeper := preload("stats_keeper.gd")
const Uplink := preload("uplink.gd")

const PINGS_US: Array[int] = [0, 250_000, 250_000]  # the first ones, then every second
const PING_EVERY_US := 1_000_000
const STATS_EVERY_US := 1_000_000
const ACK_EVERY_US := 1_000_000
const SILENT_US := 15_000_000  # pongs come every second, so after this the server is gone
const RESUMABLE_SILENT_US := 5_000_000  # a session that can be resumed loses nothing by a mistake
const JOIN_WITHIN_US := 10_000_000
const KEPT_PINGS := 8
const CLOSE_WITHIN_US := 300_000
const OPEN := WebSocketPeer.STATE_OPEN
const CLOSED := WebSocketPeer.STATE_CLOSED
const NEVER := 0x7fffffffffffffff

var up: Uplink
var down: Downlink
## Our clock, in microseconds; for commands between two steps too.
var now_us: int = 0

var _emit: Callable  # (event: Dictionary)
var _new_socket: Callable  # () -> Object like socket.gd
var _address: Address = null
var _connection: Connection = null
var _socket: Object = null
var _was_open: bool = false
var _closing: Object = null  # until the server has taken what was sent
var _closing_until_us: int = 0
var _encoder := Encoder.new()
var _decoder := Decoder.new()
var _out := Outgoing.new()
var _estimate := ClockEstimate.new()
var _stats: StatsKeeper
var _seq: int = 0
var _acked: int = 0
var _resumable: bool = false
var _kept: bool = false  # the session goes on although there is no connection
var _pause_ms: float = 0.0  # for how long the game stands still, and may at most
var _most_pause_ms: float = 0.0
var _pings: Dictionary[int, int] = {}
var _ping_id: int = 0
var _newest_frame_us: int = 0
var _join_until_us: int = NEVER
var _forget_at_us: int = NEVER
var _ping_at_us: int = NEVER
var _ack_at_us: int = NEVER
var _stats_at_us: int = NEVER
var _onset_until_us: int = NEVER


func _init(sink: Sink, new_socket: Callable, emit: Callable) -> void:
	_emit = emit
	_new_socket = new_socket
	_stats = StatsKeeper.new(_estimate)
	up = Uplink.new(_stats, send, _send_frame, emit)
	down = Downlink.new(sink, _stats, send, emit, up.sample_at)


# ---- commands ----


func open(url: String, hello: Dictionary, reconnect: bool) -> void:
	if _connection:
		_connection.stop()
	_address = Address.new(url)
	_connection = (
		Connection
		. new(
			hello,
			reconnect,
			{
				"open_socket": _open_socket,
				"close_socket": _close_socket,
				"send": send,
				"counts": _counts,
				"changed": _changed,
			}
		)
	)
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
	var connected := _socket != null and (state == Connection.State.OPEN or greets)
	if not connected and not _kept:
		return
	var bytes := _encoder.encode(message)
	if bytes.is_empty():
		_fail(_encoder.error_code, "%s: %s" % [type, _encoder.error_text], "send what the wire can hold", "client")
		return
	if _resumable:
		_out.message(type, bytes)
	if connected:
		_socket_send(bytes)
	elif _out.overflowed:
		_forget()


## The game stands still for at most [param for_ms] (0: as long as the server allows), or goes on.
func pause(paused: bool, for_ms: float) -> void:
	up.pause(paused, now_us)
	var message := {"type": "pause", "paused": paused}
	if for_ms > 0.0:
		message["for_ms"] = for_ms
	send(message)
	down.pause(paused)
	_pause_ms = (minf(for_ms, _most_pause_ms) if for_ms > 0.0 else _most_pause_ms) if paused else 0.0


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
	if _connection:
		_connection.step(now_us / 1000.0)
	_poll_socket()
	if now_us >= _join_until_us:
		lose()
	if now_us >= _forget_at_us:
		_forget()
	if now_us >= _ping_at_us:
		_ping()
	if now_us >= _ack_at_us:
		_ack()
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
	return (
		_socket == null and _closing == null and (_connection == null or _connection.state == Connection.State.CLOSED)
	)


# ---- the connection ----


func _open_socket() -> void:
	_close_socket()
	_socket = _new_socket.call()
	_was_open = false
	_join_until_us = now_us + JOIN_WITHIN_US
	@warning_ignore("unsafe_method_access")
	_socket.open(_address.next())


func _close_socket() -> void:
	_join_until_us = NEVER
	if _socket == null:
		return
	_closing = _socket
	_closing_until_us = now_us + CLOSE_WITHIN_US
	_socket = null
	@warning_ignore("unsafe_method_access")
	_closing.close()


@warning_ignore_start("unsafe_method_access")


func _socket_send(bytes: PackedByteArray) -> void:
	_socket.send(bytes)


func _poll_socket() -> void:
	if _closing:
		_closing.poll()
		if _closing.state() == CLOSED or now_us >= _closing_until_us:
			_closing = null
	if _socket == null:
		return
	var socket := _socket
	socket.poll()
	if not _was_open and socket.state() == OPEN:
		_was_open = true
		_connection.opened(now_us / 1000.0)
	while socket == _socket and socket.has_frame():
		var frame: PackedByteArray = socket.take_frame()
		_newest_frame_us = now_us
		_receive_frame(frame, socket.was_text())
	if socket == _socket and socket.state() == CLOSED:
		var code: int = socket.close_code()
		_socket = null
		_join_until_us = NEVER
		_connection.lost(code, now_us / 1000.0)


@warning_ignore_restore("unsafe_method_access")


## The connection is not worth anything any more.
func lose() -> void:
	if _socket == null:
		return
	@warning_ignore("unsafe_method_access")
	_socket.drop()
	_socket = null
	_join_until_us = NEVER
	_connection.lost(Connection.BROKEN, now_us / 1000.0)


func _counts() -> Dictionary:
	var counts := {"received": _seq, "sent": _out.sent, "mic_sample": _out.mic_sample}
	counts.merge(down.position())
	return counts


func _changed(state: Connection.State, failure: FrametalkError, retry_ms: int) -> void:
	if state == Connection.State.WAITING or state == Connection.State.CLOSED:
		_disconnected(state)
	var event := {"on": "state", "state": state, "failure": failure, "retry_ms": retry_ms, "resumable": _kept}
	event["code"] = _connection.code if _connection else 0
	_emit.call(event)


func _disconnected(state: Connection.State) -> void:
	_ping_at_us = NEVER
	_ack_at_us = NEVER
	_stats_at_us = NEVER
	_pings.clear()
	if state == Connection.State.WAITING and _resumable and not _kept:
		_connection.widen(maxf(_connection.window_ms(), _pause_ms))
	var resumable := state == Connection.State.WAITING and _connection.resumable(now_us / 1000.0)
	if resumable and not _kept:
		_forget_at_us = now_us + int(_connection.window_ms() * 1000.0)
	if not resumable:
		_leave()
	_kept = resumable


## It took too long: the session cannot be resumed any more.
func _forget() -> void:
	_connection.forget()
	_leave()
	_kept = false


func _leave() -> void:
	_forget_at_us = NEVER
	_resumable = false
	up.leave(now_us)
	down.leave(now_us)


func _join(welcome: Dictionary) -> void:
	_join_until_us = NEVER
	_forget_at_us = NEVER
	_address.answered()
	var resumed: bool = welcome.get("resumed", false)
	if not resumed:
		if _kept:
			_leave()
		_estimate.reset()
		_out.reset()
		_seq = welcome.get("seq", 0)
	_kept = false
	_acked = 0
	_resumable = "resume" in (welcome.get("features", []) as Array)
	var limits: Dictionary = welcome["limits"]
	_most_pause_ms = limits.get("pause_ms", 0)
	down.played_every_us = mini(Downlink.PLAYED_EVERY_US, int(float(limits["played_every_ms"]) * 1000.0))
	if resumed:
		var heard: Variant = welcome.get("mic_sample")
		_out.confirm(int(welcome.get("received", 0)), int(heard) if heard != null else -1)
		for bytes in _out.rest():
			_socket_send(bytes)
	_connection.welcome(welcome)
	_emit.call({"on": "message", "message": welcome})
	if not resumed:
		up.join(float(limits["mic_frame_ms"]), now_us)
	_newest_frame_us = now_us
	_ping_id = 0
	_ping_at_us = now_us
	_stats_at_us = now_us + STATS_EVERY_US
	_ack_at_us = now_us + ACK_EVERY_US if _resumable else NEVER


# ---- what comes ----


func _receive_frame(frame: PackedByteArray, text: bool) -> void:
	if not text and not frame.is_empty() and frame[0] < 0x80:
		var fault := Media.fault(frame)
		if fault:
			_fail(fault, "a broken media frame", "", "server")
		elif frame[0] == Media.PCM16:
			down.media(frame, now_us)
		return
	var message := _decoder.decode_text(frame) if text else _decoder.decode(frame)
	if message.is_empty():
		_fail(_decoder.error_code, _decoder.error_text, "", "server")
	elif Shapes.fault(message):
		_fail("message_invalid", Shapes.fault(message), "", "server")
	else:
		_receive(message)


func _receive(message: Dictionary) -> void:
	var seq: int = message.get("seq", 0)
	match message["type"]:
		"ping":
			_pong(message)
			return
		"pong":
			_ponged(message)
			return
		"received":
			var heard: Variant = message.get("mic_sample")
			_out.confirm(int(message["messages"]), int(heard) if heard != null else -1)
			return
		"welcome":
			if _connection.state == Connection.State.JOINING:
				_join(message)
			return
		"error":
			if _connection.state == Connection.State.JOINING:
				_failed(message)  # a refusal; its number is not of the session that was kept
				return
	if seq > 0 and seq <= _seq:
		return  # a repetition after a resume
	_seq = maxi(_seq, seq)
	_act(message)


func _act(message: Dictionary) -> void:
	match message["type"]:
		"error":
			_failed(message)
			return
		"tool.call":
			down.tool(message)
			return
		"reply.marks":
			_take_marks(message)
			return
		"reply.begin":
			_emit.call({"on": "message", "message": message})
			down.begin(message, now_us)
			return
		"reply.text":
			down.text(message)
		"reply.end":
			down.end(message)
		"reply.cut":
			down.cut(message, now_us)
		"turn.state":
			down.turn(message)
			up.onset.confirmed = message["state"] in ["ducked", "hearing", "holding"]
		"goaway":
			_go_away(message)
	_emit.call({"on": "message", "message": message})


func _take_marks(message: Dictionary) -> void:
	var marks: Marks = Marks.read(message)
	if marks == null:
		_fail("message_invalid", "reply.marks: neither packed nor rows", "", "server")
		return
	down.marks(message["reply"], marks)
	if not marks.at.is_empty():
		_emit.call({"on": "marks", "reply": message["reply"], "marks": marks})


## The server is going to stop, and may say where to connect next.
func _go_away(message: Dictionary) -> void:
	var url: String = message.get("url", "")
	var wrong := _address.leave(url)
	if wrong:
		_fail("message_invalid", wrong, "see the setting server.successor_url of that server", "server")


func _failed(message: Dictionary) -> void:
	var failure := FrametalkError.new(
		message["code"],
		message.get("text", ""),
		message.get("remedy", ""),
		message.get("stage", ""),
		message.get("fault", ""),
		message.get("fatal", false)
	)
	failure.retry_after_ms = message.get("retry_after_ms", 0.0)
	if failure.fatal:
		_address.answered()
		_connection.failed(failure)
	else:
		_emit.call({"on": "failure", "failure": failure})


func _fail(code: String, text: String, remedy: String, fault: String) -> void:
	_emit.call({"on": "failure", "failure": FrametalkError.new(code, text, remedy, "wire", fault)})


# ---- clocks ----


func _ping() -> void:
	var silent_us := RESUMABLE_SILENT_US if _resumable else SILENT_US
	if now_us - _newest_frame_us > silent_us:
		lose()
		return
	_ping_id += 1
	_pings[_ping_id] = now_us
	_pings.erase(_ping_id - KEPT_PINGS)
	send({"type": "ping", "id": _ping_id, "t_us": now_us})
	_ping_at_us = now_us + (PINGS_US[_ping_id] if _ping_id < PINGS_US.size() else PING_EVERY_US)


func _pong(ping: Dictionary) -> void:
	var pong := {"type": "pong", "id": ping["id"], "t_us": ping["t_us"], "received_us": now_us, "sent_us": now_us}
	send(pong)


func _ponged(pong: Dictionary) -> void:
	var sent_us: int = _pings.get(pong["id"], -1)
	if sent_us < 0 or sent_us != pong["t_us"]:
		return
	_pings.erase(pong["id"])
	_estimate.add(sent_us, pong["received_us"], pong["sent_us"], now_us)


func _ack() -> void:
	_ack_at_us = now_us + ACK_EVERY_US
	if _seq > _acked or _out.waits():
		send({"type": "ack", "acked": _seq})
	_acked = _seq


func _send_frame(frame: PackedByteArray) -> void:
	if _resumable:
		_out.frame(frame)
	if _connection and _connection.state == Connection.State.OPEN and _socket:
		_socket_send(frame)
