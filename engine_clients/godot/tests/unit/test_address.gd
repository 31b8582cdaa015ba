extends "res://tests/case.gd"
## Where the connection goes after a goaway with a url.

const Connection := preload("res://addons/frametalk/core/connection.gd")
const World := preload("res://tests/hub_world.gd")
const HERE := "ws://test/v1"
const NEXT := "ws://next:9000/v1"

var world := World.new()


func _go_away(url: String) -> void:
	world.socket().give({"type": "goaway", "reason": "restart", "in_ms": 100, "url": url})
	world.run(4)


## The connection breaks, and another one is opened when it is time.
func _break(code: int = 1006) -> void:
	var before := world.sockets.size()
	world.socket().end(code)
	while world.sockets.size() == before:
		world.run(10)


func _welcome(changes: Dictionary) -> void:
	world.socket().accept()
	world.run(4)
	world.socket().welcome(changes)
	world.run(4)


func _urls() -> Array[String]:
	var urls: Array[String] = []
	for socket in world.sockets:
		urls.append(socket.url)
	return urls


func _state() -> Connection.State:
	return world.of("state")[-1]["state"]


func test_the_session_goes_there_with_the_same_hello_and_its_token_to_resume() -> void:
	world.join()
	_go_away("ws://next:9000")
	same(world.sockets.size(), 1, "before the connection ends")
	_break(1012)
	_welcome({"seq": 0, "resumed": true, "received": 0, "resume": "token-2"})
	same(world.socket().url, NEXT)
	same(world.socket().sent[0]["resume"], "token-1")
	same(_state(), Connection.State.OPEN)
	_break()
	same(world.socket().url, NEXT, "and the connection after that")


func test_a_server_that_does_not_know_the_session_begins_a_new_one_and_says_so() -> void:
	world.join()
	_go_away(NEXT)
	_break(1012)
	_welcome({"resumed": false, "not_resumed": "resume_unknown"})
	same(world.of("message")[-1]["message"]["not_resumed"], "resume_unknown")
	same(_state(), Connection.State.OPEN)


func test_a_session_that_has_ended_begins_a_new_one_there() -> void:
	world.join()
	_go_away(NEXT)
	_break(1001)
	_welcome({})
	same(world.socket().url, NEXT)
	check(not world.socket().sent[0].has("resume"), "no token")


func test_after_five_attempts_without_an_answer_the_games_address_is_used_again() -> void:
	world.join()
	_go_away(NEXT)
	for i in 6:
		_break()
	same(_urls(), [HERE, NEXT, NEXT, NEXT, NEXT, NEXT, HERE])


func test_connections_that_break_after_the_answer_do_not_count() -> void:
	world.join()
	_go_away(NEXT)
	for i in 6:
		_break()
		_welcome({"seq": 0, "resumed": true, "received": 0})
	same(world.socket().url, NEXT)


func test_a_server_that_answers_that_it_is_busy_is_asked_again() -> void:
	world.join()
	_go_away(NEXT)
	_break(1012)
	for i in 8:
		world.socket().accept()
		world.run(4)
		world.socket().give({"type": "error", "code": "server_busy", "fatal": true, "retry_after_ms": 1500.0})
		world.run(4)
		var from_us := world.now_us
		_break(1013)
		check(world.now_us - from_us >= 1_500_000, "when the server says")
	same(world.socket().url, NEXT)
	_welcome({"seq": 0, "resumed": true, "received": 0})
	same(_state(), Connection.State.OPEN)


## The server of this connection stops: it answers hello with the next one's address.
func _send_away() -> void:
	world.socket().accept()
	world.run(4)
	world.socket().give({"type": "goaway", "seq": 0, "reason": "server_stopping", "url": "ws://next:9000"})
	world.socket().give({"type": "error", "code": "server_busy", "fatal": true})
	world.run(4)
	_break(1013)


func test_a_server_that_stops_sends_a_session_that_comes_back_to_the_next_one() -> void:
	world.join()
	_break()
	_send_away()
	_welcome({"seq": 0, "resumed": true, "received": 0})
	same(_urls(), [HERE, HERE, NEXT])
	same(world.socket().sent[0]["resume"], "token-1")
	same(_state(), Connection.State.OPEN)
	same(world.of("failure"), [])


func test_a_server_that_stops_sends_a_session_that_begins_to_the_next_one() -> void:
	world.connect_only()
	_send_away()
	_welcome({})
	same(_urls(), [HERE, NEXT])
	same(_state(), Connection.State.OPEN)


func cases_urls() -> Dictionary:
	return {
		"none": ["", HERE, 0],
		"http": ["http://next:9000", HERE, 1],
		"no scheme": ["next:9000", HERE, 1],
		"no host": ["ws://", HERE, 1],
		"without encryption": ["ws://next:9000", "wss://test/v1", 1],
	}


func test_urls(expected: Array) -> void:
	var here: String = expected[1]
	world.hub.open(here, {"type": "hello", "protocol": 1}, true)
	_welcome({})
	_go_away(expected[0])
	var failures := world.of("failure")
	same(failures.size(), expected[2], "failures")
	for event in failures:
		same(event["failure"].code, "message_invalid")
		same(event["failure"].fault, "server")
	_break()
	same(_urls(), [here, here])


func test_the_address_that_the_game_sets_next_counts() -> void:
	world.join()
	_go_away(NEXT)
	world.join()
	_break()
	same(world.socket().url, HERE)
