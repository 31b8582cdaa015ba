extends Node
## What all nodes between two priorities cost the main thread in a frame, without the time in which it had to wait for
## a processor (Linux says how long that was; elsewhere it counts).

const WAITS := "/proc/thread-self/schedstat"  # nanoseconds: on a processor, waiting for one; times scheduled

## The cost of the frame before, in milliseconds.
var newest_ms: float = 0.0

var _end := End.new()
var _began_us: int = 0
var _waited_us: float = 0.0


## Comes after all other nodes.
class End:
	extends Node

	signal reached

	func _process(_delta: float) -> void:
		reached.emit()


func _init() -> void:
	process_priority = -1000
	process_mode = Node.PROCESS_MODE_ALWAYS
	_end.process_priority = 999
	_end.process_mode = Node.PROCESS_MODE_ALWAYS
	_end.reached.connect(_finish)
	add_child(_end)


func _process(_delta: float) -> void:
	_waited_us = _waits_us()
	_began_us = Time.get_ticks_usec()


func _finish() -> void:
	var passed_us := Time.get_ticks_usec() - _began_us
	newest_ms = maxf(0.0, passed_us - (_waits_us() - _waited_us)) / 1000.0


static func _waits_us() -> float:
	var file := FileAccess.open(WAITS, FileAccess.READ)
	return file.get_line().get_slice(" ", 1).to_float() / 1000.0 if file else 0.0
