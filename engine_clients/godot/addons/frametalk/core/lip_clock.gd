extends RefCounted
## Where a reply's clock is: written by the session's thread, read by the mouth on the main thread.

var _mutex := Mutex.new()
var _reply: int = -1
var _rate_hz: float = 1.0
var _at_us: int = 0
var _sample: float = 0.0
var _limit: float = 0.0
var _cut: float = -1.0


## At this time this sample leaves the loudspeaker; the clock goes on to [param limit].
func move(reply: int, rate_hz: float, at_us: int, sample: float, limit: float) -> void:
	_mutex.lock()
	_reply = reply
	_rate_hz = rate_hz
	_at_us = at_us
	_sample = sample
	_limit = limit
	_cut = -1.0
	_mutex.unlock()


## The reply was heard to its end, or cut here: for the mouth its clock runs on.
func end(reply: int, at_us: int, sample: float, cut: bool) -> void:
	_mutex.lock()
	if reply == _reply:
		_at_us = at_us
		_sample = sample
		_limit = INF
		_cut = sample if cut else -1.0
	_mutex.unlock()


## The reply, the sample that leaves the loudspeaker at this time, where it was cut (-1: nowhere), and the sample that
## left at an earlier time.
func read(now_us: int, before_us: int) -> Array:
	_mutex.lock()
	var reply := _reply
	var at_us := _at_us
	var sample := _sample
	var limit := _limit
	var cut := _cut
	var per_us := _rate_hz / 1e6
	_mutex.unlock()
	var now := minf(sample + (now_us - at_us) * per_us, limit)
	return [reply, now, cut, minf(sample + (before_us - at_us) * per_us, limit)]
