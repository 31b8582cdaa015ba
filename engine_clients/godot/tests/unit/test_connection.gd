extends "res://tests/case.gd"
## The connection: hello, its states, reconnecting, errors.

const Connection := preload("res://addons/frametalk/core/connection.gd")
const World := preload("res://tests/hub_world.gd")

var world := World.new()


func _state() -> Connection.State:
	var states := world.of("state")
	return states[-1]["state"] if not states.is_empty() else Connection.State.IDLE


func test_hello_goes_out_when_the_socket_is_open() -> void:
	world.connect_only({"character": "smith"})
	world.run(10)
	same(world.socket().sent.size(), 0, "before")
	world.socket().accept()
	world.run(4)
	same(world.socket().sent[0]["type"], "hello")
	same(world.socket().sent[0]["character"], "smith")
	same(_state(), Connection.State.JOINING)


func test_it_is_open_after_the_welcome() -> void:
	world.join()
	same(_state(), Connection.State.OPEN)
	same(world.of("message")[0]["message"]["session"], "s-1")


func test_nothing_is_sent_before_the_welcome() -> void:
	world.connect_only()
	world.socket().accept()
	world.run(4)
	world.hub.send({"type": "say", "text": "hi"})
	same(world.socket().of("say").size(), 0)


func test_a_server_that_does_not_answer_is_given_up() -> void:
	world.connect_only()
	world.socket().accept()
	world.run(9_900)
	same(_state(), Connection.State.JOINING)
	world.run(200)
	same(_state(), Connection.State.CLOSED)


func test_no_server_closes_with_a_remedy() -> void:
	world.connect_only()
	world.socket().end()
	world.run(4)
	var event: Dictionary = world.of("state")[-1]
	same(event["state"], Connection.State.CLOSED as int)
	same(event["failure"].code, "cannot_connect")
	check(event["failure"].remedy != "", "remedy")


func cases_close_codes() -> Dictionary:
	return {
		"1000 ends": [1000, Connection.State.CLOSED, ""],
		"1008 ends": [1008, Connection.State.CLOSED, "connection_lost"],
		"1001 comes back": [1001, Connection.State.WAITING, "server_stopped"],
		"1006 comes back": [1006, Connection.State.WAITING, "connection_lost"],
		"1011 comes back": [1011, Connection.State.WAITING, "connection_lost"],
		"1012 comes back": [1012, Connection.State.WAITING, "connection_lost"],
		"1013 comes back": [1013, Connection.State.WAITING, "connection_lost"],
	}


func test_close_codes(expected: Array) -> void:
	world.join()
	world.socket().end(expected[0])
	world.run(2)
	var event: Dictionary = world.of("state").filter(func(e: Dictionary) -> bool: return e["state"] != 1)[-1]
	same(event["state"], expected[1] as int, "state")
	same(event["failure"].code if event["failure"] else "", expected[2], "code")


func test_a_fatal_error_is_the_reason_of_the_close() -> void:
	world.connect_only()
	world.socket().accept()
	world.run(4)
	world.socket().give({"type": "error", "code": "bad_token", "remedy": "correct it", "fatal": true})
	world.run(2)
	world.socket().end(1008)
	world.run(2)
	same(world.of("state")[-1]["failure"].code, "bad_token")
	same(world.of("state")[-1]["failure"].remedy, "correct it")


func test_an_error_that_is_not_fatal_is_an_event() -> void:
	world.join()
	world.socket().give({"type": "error", "code": "mic_rate", "text": "no"})
	world.run(2)
	same(world.of("failure")[0]["failure"].code, "mic_rate")
	same(_state(), Connection.State.OPEN)


func test_the_next_token_is_used_the_next_time() -> void:
	world.join()
	for token: String in ["token-1", "token-2"]:
		world.socket().end()
		world.run(10)
		world.socket().accept()
		world.run(4)
		same(world.socket().sent[0]["resume"], token)
		world.socket().welcome({"seq": 0, "resumed": true, "resume": "token-2"})
		world.run(4)


func cases_waits_between_attempts() -> Dictionary:
	return {
		"to resume": [{}, [0, 100, 250, 500, 1000, 1000]],
		"without resume": [{"resume": "", "features": []}, [250, 500, 1000, 2000, 4000, 5000, 5000]],
	}


func test_waits_between_attempts(pair: Array) -> void:
	world.join(pair[0])
	var waits: Array = []
	for i: int in pair[1].size():
		world.socket().end()
		world.run(2)
		var waiting := world.of("state").filter(func(event: Dictionary) -> bool: return event["state"] == 4)
		waits.append(waiting[-1]["retry_ms"])
		world.run(5_100)
	same(waits, pair[1])


func cases_refusals_for_a_while() -> Dictionary:
	return {
		"busy for 7 s": ["server_busy", 7_000.0, 7_000],
		"full, and it is not known for how long": ["server_full", 0.0, 250],
	}


func test_refusals_for_a_while(refusal: Array) -> void:
	world.connect_only()
	world.socket().accept()
	world.run(4)
	world.socket().give({"type": "error", "code": refusal[0], "fatal": true, "retry_after_ms": refusal[1]})
	world.run(2)
	world.socket().end(1013)
	world.run(2)
	var event: Dictionary = world.of("state")[-1]
	same(event["state"], Connection.State.WAITING as int)
	same(event["failure"].code, refusal[0])
	same(event["retry_ms"], refusal[2])
	world.run(refusal[2] - 100)
	same(world.sockets.size(), 1, "before it is time")
	world.run(200)
	same(world.sockets.size(), 2, "when it is time")


func test_retry_does_not_wait() -> void:
	world.join({"resume": "", "features": []})
	world.socket().end()
	world.run(2)
	world.hub.retry()
	world.run(2)
	same(world.sockets.size(), 2)


func test_close_says_goodbye() -> void:
	world.join()
	world.hub.close("done")
	world.run(10)
	same(world.socket().last("bye").get("reason"), "done")
	same(_state(), Connection.State.CLOSED)
	check(world.hub.is_over(), "over")


func test_what_the_wire_cannot_hold_is_not_sent() -> void:
	world.join()
	world.hub.send({"type": "tool.result", "call": 1, "ok": true, "value": NAN})
	same(world.of("failure")[-1]["failure"].code, "number_not_finite")
	same(world.socket().of("tool.result").size(), 0)
