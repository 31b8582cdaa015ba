extends RefCounted
## Runs a hub on a thread of its own: commands go in, events come out.
##
## Where the platform has no threads it runs in [method take], once a frame.

const Hub := preload("hub.gd")
const EVERY_US := 2000
const CLOSE_WITHIN_US := 500_000
const MOST_EVENTS := 8192

## Events that were dropped because the main thread did not take them.
var dropped: int = 0

var _hub: Hub
var _thread: Thread = null
var _mutex := Mutex.new()
var _commands: Array[Callable] = []
var _events: Array[Dictionary] = []
var _stop_at_us: int = 0  # 0: it goes on


## Start with a hub that [param make] makes from the function that takes its events.
func start(make: Callable) -> void:
	_hub = make.call(_add)
	if not OS.has_feature("threads"):
		return
	_thread = Thread.new()
	_thread.start(_run, Thread.PRIORITY_HIGH)


## Have the hub's thread call this soon.
func post(command: Callable) -> void:
	_mutex.lock()
	_commands.append(command)
	_mutex.unlock()


## The hub, for commands.
func hub() -> Hub:
	return _hub


## The events since the last call.
func take() -> Array[Dictionary]:
	if _thread == null and _hub:
		_work()
	_mutex.lock()
	var events := _events
	if not events.is_empty():
		_events = []
	_mutex.unlock()
	return events


## Say goodbye and end; waits for the thread, which takes some milliseconds.
func stop(reason: String) -> void:
	if _hub == null:
		return
	post(_hub.close.bind(reason))
	_mutex.lock()
	_stop_at_us = Time.get_ticks_usec() + CLOSE_WITHIN_US
	_mutex.unlock()
	if _thread:
		_thread.wait_to_finish()
		_thread = null
	else:
		_work()
	_hub = null


func _add(event: Dictionary) -> void:
	_mutex.lock()
	if _events.size() >= MOST_EVENTS:
		dropped += 1
		_events.pop_front()
	_events.append(event)
	_mutex.unlock()


func _run() -> void:
	while not _work():
		OS.delay_usec(EVERY_US)


## One round; returns whether it was the last.
func _work() -> bool:
	_mutex.lock()
	var commands := _commands
	var stop_at_us := _stop_at_us
	if not commands.is_empty():
		_commands = []
	_mutex.unlock()
	_hub.now_us = Time.get_ticks_usec()
	for command in commands:
		command.call()
	var now_us := Time.get_ticks_usec()
	_hub.step(now_us)
	return stop_at_us > 0 and (_hub.is_over() or now_us >= stop_at_us)
