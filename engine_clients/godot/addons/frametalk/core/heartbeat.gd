extends RefCounted
## Pings and pongs: whether the server is still there, and how far its clock is from ours.

const ClockEstimate := preload("clock_estimate.gd")
const FIRST_PINGS_US: Array[int] = [0, 250_000, 250_000]  # then every second
const PING_EVERY_US := 1_000_000
const SILENT_US := 15_000_000  # pongs come every second, so after this the server is gone
const RESUMABLE_SILENT_US := 5_000_000  # a session that can be resumed loses nothing by a mistake
const KEPT_PINGS := 8
const NEVER := 0x7fffffffffffffff

var estimate := ClockEstimate.new()
var ping_at_us: int = NEVER
## When the newest frame came, of any kind.
var newest_frame_us: int = 0

var _pings: Dictionary[int, int] = {}  # id -> when it was sent
var _ping_id: int = 0


## The server has answered hello.
func start(now_us: int) -> void:
	_ping_id = 0
	ping_at_us = now_us


## The connection is lost.
func stop() -> void:
	ping_at_us = NEVER
	_pings.clear()


## Whether nothing has come for too long.
func is_silent(resumable: bool, now_us: int) -> bool:
	return now_us - newest_frame_us > (RESUMABLE_SILENT_US if resumable else SILENT_US)


## The ping that is due.
func ping(now_us: int) -> Dictionary:
	_ping_id += 1
	_pings[_ping_id] = now_us
	_pings.erase(_ping_id - KEPT_PINGS)
	ping_at_us = now_us + (FIRST_PINGS_US[_ping_id] if _ping_id < FIRST_PINGS_US.size() else PING_EVERY_US)
	return {"type": "ping", "id": _ping_id, "t_us": now_us}


## The answer to the server's ping.
static func pong_to(message: Dictionary, now_us: int) -> Dictionary:
	return {"type": "pong", "id": message["id"], "t_us": message["t_us"], "received_us": now_us, "sent_us": now_us}


## The server answers a ping; pongs to no ping are ignored.
func pong(message: Dictionary, now_us: int) -> void:
	var sent_us: int = _pings.get(message["id"], -1)
	if sent_us < 0 or sent_us != message["t_us"]:
		return
	_pings.erase(message["id"])
	estimate.add(sent_us, message["received_us"], message["sent_us"], now_us)
