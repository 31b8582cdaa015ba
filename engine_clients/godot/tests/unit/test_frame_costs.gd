extends "res://tests/case.gd"
## What the addon costs in each frame, summed up once a second.

const FrameCosts := preload("res://addons/frametalk/core/frame_costs.gd")
const FRAME_US := 10_000

var costs := FrameCosts.new()
var now_us: int = 50_000_000


func test_each_full_second_is_summed_up() -> void:
	var seconds := _run([2_000, 1_000])
	same(seconds, [{"frames": 100, "p99_ms": 1.0, "max_ms": 2.0}, {"frames": 100, "p99_ms": 0.25, "max_ms": 0.25}])


func test_after_a_stall_it_begins_anew() -> void:
	for i in 50:
		costs.add(3_000, now_us + i * FRAME_US)
	now_us += 60_000_000
	same(_run([])[0], {"frames": 100, "p99_ms": 0.25, "max_ms": 0.25})


## 201 frames, the first of them with these costs, the others with 250 us.
func _run(first: Array[int]) -> Array[Dictionary]:
	var seconds: Array[Dictionary] = []
	costs.add(0, now_us)
	for i in 200:
		now_us += FRAME_US
		var second := costs.add(first[i] if i < first.size() else 250, now_us)
		if not second.is_empty():
			seconds.append(second)
	return seconds
