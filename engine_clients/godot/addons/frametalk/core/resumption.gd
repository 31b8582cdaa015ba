extends RefCounted
## What a session needs to go on over another connection: what each side has received, and for how long it is kept.

const Connection := preload("connection.gd")
const Outgoing := preload("outgoing.gd")
const ACK_EVERY_US := 1_000_000
const NEVER := 0x7fffffffffffffff

var outgoing := Outgoing.new()
## Whether this session can be resumed when its connection is lost.
var possible: bool = false
## Whether the session goes on although there is no connection.
var kept: bool = false
## When a session that is kept cannot be resumed any more.
var forget_at_us: int = NEVER
var ack_at_us: int = NEVER

var _received: int = 0  # the highest number of a message
var _acked: int = 0
var _pause_ms: float = 0.0  # for how long the game stands still, and may at most
var _most_pause_ms: float = 0.0


## Whether a message with this number, which has just come, had come before; 0: it has none.
func repeats(seq: int) -> bool:
	if seq > 0 and seq <= _received:
		return true
	_received = maxi(_received, seq)
	return false


## What the server has received, as its message says in [param field] and [code]mic_sample[/code].
func confirm(message: Dictionary, field: String) -> void:
	var heard: Variant = message.get("mic_sample")
	outgoing.confirm(int(message.get(field, 0)), int(heard) if heard != null else -1)


## For hello: how far each side was.
func counts() -> Dictionary:
	return {"received": _received, "sent": outgoing.sent, "mic_sample": outgoing.mic_sample}


## How many messages to acknowledge; -1: the server needs no acknowledgement.
func acknowledge(now_us: int) -> int:
	ack_at_us = now_us + ACK_EVERY_US
	var due := _received > _acked or outgoing.waits()
	_acked = _received
	return _received if due else -1


## The game stands still for at most [param for_ms] (0: as long as the server allows), or goes on.
func pause(paused: bool, for_ms: float) -> void:
	_pause_ms = (minf(for_ms, _most_pause_ms) if for_ms > 0.0 else _most_pause_ms) if paused else 0.0


## The server has answered hello: the session goes on, or another one begins.
func join(welcome: Dictionary, now_us: int) -> void:
	if welcome.get("resumed", false):
		confirm(welcome, "received")
	else:
		outgoing.reset()
		_received = welcome.get("seq", 0)
	kept = false
	forget_at_us = NEVER
	_acked = 0
	possible = "resume" in (welcome.get("features", []) as Array)
	ack_at_us = now_us + ACK_EVERY_US if possible else NEVER
	_most_pause_ms = (welcome["limits"] as Dictionary).get("pause_ms", 0)


## The connection is lost or closed: keep the session, if it can be resumed. Returns whether it can.
func keep(connection: Connection, now_us: int) -> bool:
	ack_at_us = NEVER
	var waiting := connection.state == Connection.State.WAITING
	if waiting and possible and not kept:
		connection.widen(maxf(connection.window_ms(), _pause_ms))
	var resumable := waiting and connection.resumable(now_us / 1000.0)
	if resumable and not kept:
		forget_at_us = now_us + int(connection.window_ms() * 1000.0)
	kept = resumable
	return resumable


## The session cannot be resumed any more.
func end() -> void:
	possible = false
	kept = false
	forget_at_us = NEVER
