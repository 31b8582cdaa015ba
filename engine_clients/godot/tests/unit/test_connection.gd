extends "res://tests/case.gd"
## The connection: hello, resume, reconnecting, pings, errors.

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


func test_it_resumes_with_token_and_counts() -> void:
	world.join()
	world.hub.send({"type": "say", "text": "one"})
	world.hub.send({"type": "say", "text": "two"})
	world.socket().end()
	world.run(10)
	same(world.sockets.size(), 2, "connections")
	world.socket().accept()
	world.run(2)
	var hello := world.socket().sent[0]
	same(hello["resume"], "token-1")
	same(hello["resume_from"]["received"], 1)
	same(hello["resume_from"]["sent"], 2)
	same(hello["resume_from"]["reply"], null)


func test_what_was_not_confirmed_is_sent_again_in_order() -> void:
	world.join()
	for text: String in ["one", "two", "three"]:
		world.hub.send({"type": "say", "text": text})
	world.socket().end()
	world.run(4)
	world.hub.send({"type": "say", "text": "four"})
	world.run(4)
	world.socket().accept()
	world.run(2)
	world.socket().welcome({"seq": 0, "resumed": true, "received": 1, "resume": "token-2"})
	world.run(2)
	var texts := world.socket().of("say").map(func(message: Dictionary) -> String: return message["text"])
	same(texts, ["two", "three", "four"])
	same(world.of("state")[-1]["resumable"], false)


func test_what_the_server_has_received_is_not_kept() -> void:
	world.join()
	world.hub.send({"type": "say", "text": "one"})
	world.socket().give({"type": "received", "seq": 0, "messages": 1})
	world.run(2)
	world.socket().end()
	world.run(6)
	world.socket().accept()
	world.run(2)
	world.socket().welcome({"seq": 0, "resumed": true, "received": 1})
	world.run(2)
	same(world.socket().of("say").size(), 0)


func test_a_message_that_comes_again_is_handled_once() -> void:
	world.join()
	world.socket().give({"type": "transcript", "seq": 2, "turn": 1, "rev": 1, "text": "a"})
	world.socket().give({"type": "transcript", "seq": 2, "turn": 1, "rev": 1, "text": "a"})
	world.run(4)
	var texts := world.of("message").filter(
		func(event: Dictionary) -> bool: return event["message"]["type"] == "transcript"
	)
	same(texts.size(), 1)


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


func test_another_session_begins_when_it_cannot_be_resumed() -> void:
	world.join()
	world.hub.send({"type": "say", "text": "lost"})
	world.socket().end()
	world.run(10)
	world.socket().accept()
	world.run(4)
	world.socket().welcome({"resumed": false, "not_resumed": "resume_unknown"})
	world.run(4)
	same(world.socket().of("say").size(), 0, "sent again")
	same(world.of("message")[-1]["message"]["not_resumed"], "resume_unknown")


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


func test_after_the_window_the_session_is_new() -> void:
	world.join({"limits": World.ScriptedSocket.WELCOME["limits"].merged({"resume_ms": 2000.0}, true)})
	world.socket().end()
	world.run(3_000)
	world.socket().accept()
	world.run(4)
	check(not world.socket().sent[0].has("resume"), "no token")


func test_a_paused_session_can_be_resumed_for_longer() -> void:
	world.join({"limits": World.ScriptedSocket.WELCOME["limits"].merged({"resume_ms": 2000.0}, true)})
	world.hub.pause(true, 30_000.0)
	world.run(4)
	world.socket().end()
	world.run(10_000)
	world.socket().accept()
	world.run(4)
	same(world.socket().sent[0].get("resume"), "token-1")


func test_pings_are_answered() -> void:
	world.join()
	world.socket().give({"type": "ping", "seq": 0, "id": 7, "t_us": 123})
	world.run(2)
	var pong := world.socket().last("pong")
	same(pong["id"], 7)
	same(pong["t_us"], 123)
	check(pong["received_us"] <= pong["sent_us"], "times")


func test_it_pings_and_measures_the_round_trip() -> void:
	world.join()
	var ping := world.socket().last("ping")
	world.run(20)
	var pong := {"type": "pong", "seq": 0, "id": ping["id"], "t_us": ping["t_us"]}
	world.socket().give(pong.merged({"received_us": ping["t_us"] + 5_010_000, "sent_us": ping["t_us"] + 5_012_000}))
	world.run(2)
	world.run(1_000)
	var stats: Dictionary = world.of("stats")[-1]["stats"]
	near(stats["round_trip_ms"], 20.0, 2.1, "round trip")
	near(stats["clock_offset_ms"], 5_000.0, 2.1, "offset")


func test_pongs_for_nothing_are_ignored() -> void:
	world.join()
	world.socket().give({"type": "pong", "seq": 0, "id": 99, "t_us": 1, "received_us": 2, "sent_us": 3})
	world.run(1_010)
	same(world.of("stats")[-1]["stats"]["round_trip_ms"], null)


func cases_silence_of_the_server() -> Dictionary:
	return {"that can be resumed": [{}, 5.0], "that cannot": [{"resume": "", "features": []}, 15.0]}


func test_silence_of_the_server(pair: Array) -> void:
	world.join(pair[0])
	var limit: float = pair[1]
	world.run(limit * 1000.0 - 1_500.0)
	same(_state(), Connection.State.OPEN, "before")
	world.run(3_500)
	check(world.of("state").any(func(event: Dictionary) -> bool: return event["state"] == 4), "lost")
	# With a handshake the server would end the session.
	same(world.sockets[0].dropped, true, "without a handshake")


func test_it_acknowledges_once_a_second() -> void:
	world.join()
	world.socket().give({"type": "transcript", "turn": 1, "rev": 1, "text": "a"})
	world.run(1_010)
	same(world.socket().last("ack").get("acked"), 2)
	var count := world.socket().of("ack").size()
	world.socket().give({"type": "ping", "seq": 0, "id": 1, "t_us": 1})
	world.run(1_010)
	same(world.socket().of("ack").size(), count, "nothing new")


func test_close_says_goodbye() -> void:
	world.join()
	world.hub.close("done")
	world.run(10)
	same(world.socket().last("bye").get("reason"), "done")
	same(_state(), Connection.State.CLOSED)
	check(world.hub.is_over(), "over")


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


func test_what_the_wire_cannot_hold_is_not_sent() -> void:
	world.join()
	world.hub.send({"type": "tool.result", "call": 1, "ok": true, "value": NAN})
	same(world.of("failure")[-1]["failure"].code, "number_not_finite")
	same(world.socket().of("tool.result").size(), 0)


func test_an_outbox_that_overflows_cannot_be_resumed() -> void:
	world.join()
	world.socket().end()
	world.run(2)
	for i in 2_010:
		world.hub.send({"type": "say", "text": str(i)})
	world.run(4)
	world.socket().accept()
	world.run(4)
	check(not world.socket().sent[0].has("resume"), "no token")
