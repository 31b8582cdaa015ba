extends RefCounted
## The offset between our clock and the server's, from pings. Times are microseconds.

const KEPT := 8
const SMOOTHED := 1.0 / 16.0
const DRIFT := 100e-6  # how far two clocks drift apart at most, as a part of the time passed

## How much round trips differ, smoothed as in RFC 3550; -1 before the second one.
var jitter_us: float = -1.0
## The newest round trip; -1 before the first ping.
var round_trip_us: float = -1.0
## Their clock minus ours, and by how much that may be wrong; 0 and -1 before the first ping.
var offset_us: float = 0.0
var error_us: float = -1.0

var _measured: Array[Dictionary] = []


## Add a ping: sent and returned on our clock, received and answered on theirs.
func add(sent_us: int, received_us: int, answered_us: int, returned_us: int) -> void:
	var trip := float(returned_us - sent_us - (answered_us - received_us))
	if trip < 0.0 or answered_us < received_us:
		return
	if round_trip_us >= 0.0:
		jitter_us = maxf(jitter_us, 0.0)
		jitter_us += (absf(trip - round_trip_us) - jitter_us) * SMOOTHED
	round_trip_us = trip
	var offset := (received_us - sent_us + answered_us - returned_us) / 2.0
	_measured.append({"at": returned_us, "offset": offset, "error": trip / 2.0})
	if _measured.size() > KEPT:
		_measured.pop_front()
	_choose(returned_us)


## Discard all pings: another server has another clock.
func reset() -> void:
	_measured.clear()
	jitter_us = -1.0
	round_trip_us = -1.0
	offset_us = 0.0
	error_us = -1.0


func _choose(now_us: int) -> void:
	var least := INF
	for ping in _measured:
		var error: float = ping["error"]
		var at: int = ping["at"]
		var uncertainty := error + (now_us - at) * DRIFT
		if uncertainty < least:
			least = uncertainty
			offset_us = ping["offset"]
			error_us = error
