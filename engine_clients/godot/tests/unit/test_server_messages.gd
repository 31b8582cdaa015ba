extends "res://tests/case.gd"
## Messages and frames of the server, whole and broken.

const Connection := preload("res://addons/frametalk/core/connection.gd")
const ServerMessages := preload("res://addons/frametalk/core/server_messages.gd")
const World := preload("res://tests/hub_world.gd")

var world := World.new()


func _state() -> Connection.State:
	return world.of("state")[-1]["state"]


func test_an_error_becomes_a_failure() -> void:
	var failure := ServerMessages.failure_of(
		{"type": "error", "code": "server_busy", "remedy": "wait", "fatal": true, "retry_after_ms": 1500.0}
	)
	same(failure.code, "server_busy")
	same(failure.remedy, "wait")
	same(failure.fatal, true)
	same(failure.retry_after_ms, 1500.0)


func test_unknown_messages_are_ignored() -> void:
	world.join()
	world.socket().give({"type": "weather", "rain": true})
	world.run(2)
	same(world.of("failure").size(), 0)


func cases_messages_that_do_not_fit() -> Dictionary:
	return {
		"a field is missing": {"type": "reply.begin", "reply": 1},
		"a field is of another type": {"type": "transcript", "turn": 1, "text": 7},
		"a count below 0": {"type": "reply.end", "reply": 1, "samples": -1},
		"a null": {"type": "turn.state", "state": null, "turn": 1},
		"a rate of 0": {"type": "reply.begin", "reply": 1, "turn": 1, "stream": 1, "rate_hz": 0},
		"marks without marks": {"type": "reply.marks", "reply": 1},
		"limits that are no map": {"type": "welcome", "session": "x", "rate_hz": 22_050, "limits": 3},
		"arguments that are no map": {"type": "tool.call", "call": 1, "name": "x", "deadline_ms": 1, "args": []},
	}


func test_messages_that_do_not_fit(message: Dictionary) -> void:
	world.join()
	world.socket().give(message)
	world.run(4)
	same(world.of("failure")[-1]["failure"].code, "message_invalid")
	same(world.of("failure")[-1]["failure"].fault, "server")
	same(_state(), Connection.State.OPEN)


func test_broken_frames_are_reported_and_the_session_goes_on() -> void:
	world.join()
	for frame: PackedByteArray in [PackedByteArray([0xc1]), PackedByteArray([0x01, 0x00]), PackedByteArray([0x7f])]:
		world.socket().give_frame(frame)
	world.run(4)
	same(world.of("failure").size(), 3)
	same(_state(), Connection.State.OPEN)
