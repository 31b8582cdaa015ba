extends RefCounted
## What the addon costs the main thread in each frame, summed up once a second.

const SECOND_US := 1_000_000
const MOST := 512  # frames of a second

var _costs_us := PackedInt32Array()
var _count: int = 0
var _began_us: int = -1
var _frame_us: int = 0


func _init() -> void:
	_costs_us.resize(MOST)


## Add the cost of the frame before [param now_us]. Returns what the wire's [code]played[/code] says of a second when
## one is over, else an empty dictionary. After a stall of a second it begins anew.
func add(cost_us: int, now_us: int) -> Dictionary:
	var stalled := now_us - _frame_us > SECOND_US
	_frame_us = now_us
	if _began_us < 0 or stalled:
		_began_us = now_us
		_count = 0
		return {}
	if _count < MOST:
		_costs_us[_count] = cost_us
		_count += 1
	if now_us - _began_us < SECOND_US:
		return {}
	var sorted := _costs_us.slice(0, _count)
	sorted.sort()
	var second := {
		"frames": _count,
		"p99_ms": sorted[int(0.99 * (_count - 1))] / 1000.0,
		"max_ms": sorted[_count - 1] / 1000.0,
	}
	_began_us = now_us
	_count = 0
	return second
