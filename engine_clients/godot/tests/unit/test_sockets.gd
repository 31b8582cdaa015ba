extends "res://tests/case.gd"
## The socket in use, and the one that closes.

const Connection := preload("res://addons/frametalk/core/connection.gd")
const Sockets := preload("res://addons/frametalk/core/sockets.gd")
const ScriptedSocket := preload("res://tests/scripted_socket.gd")

var made: Array[ScriptedSocket] = []
var frames_in: Array[PackedByteArray] = []
var sockets := Sockets.new(_make, _take)


func before_each() -> void:
	var nothing := func(_a: Variant = null, _b: Variant = null, _c: Variant = null) -> void: pass
	var actions: Dictionary[String, Callable] = {
		"open_socket": sockets.open.bind(0),
		"close_socket": sockets.close.bind(0),
		"send": nothing,
		"counts": func() -> Dictionary: return {},
		"changed": nothing,
	}
	sockets.connection = Connection.new("ws://test/v1", {"type": "hello"}, false, actions)
	sockets.connection.start()


func _make() -> ScriptedSocket:
	made.append(ScriptedSocket.new())
	return made[-1]


func _take(frame: PackedByteArray, _text: bool) -> void:
	frames_in.append(frame)
	if frame[0] == 0xff:
		sockets.close(0)


func test_hello_is_due_once_the_socket_is_open() -> void:
	sockets.poll(0)
	same(sockets.connection.state, Connection.State.CONNECTING, "before")
	made[0].accept()
	sockets.poll(0)
	same(sockets.connection.state, Connection.State.JOINING, "after")


func test_the_server_has_ten_seconds_to_answer() -> void:
	made[0].accept()
	sockets.poll(9_999_999)
	same(made[0].dropped, false, "before")
	sockets.poll(10_000_000)
	same(made[0].dropped, true, "then")


func test_a_server_that_has_answered_has_all_the_time() -> void:
	made[0].accept()
	sockets.poll(0)
	sockets.join_until_us = Sockets.NEVER
	sockets.poll(20_000_000)
	same(made[0].dropped, false)


func test_all_that_has_come_is_taken_in_order() -> void:
	made[0].accept()
	for i in 3:
		made[0].give_frame(PackedByteArray([i]))
	sockets.poll(0)
	same(frames_in.map(func(frame: PackedByteArray) -> int: return frame[0]), [0, 1, 2])


func test_after_a_frame_that_closes_it_nothing_more_is_taken() -> void:
	made[0].accept()
	made[0].give_frame(PackedByteArray([0xff]))
	made[0].give_frame(PackedByteArray([0x01]))
	sockets.poll(0)
	same(frames_in.size(), 1)


func test_a_socket_that_closes_is_polled_until_it_has_closed() -> void:
	made[0].accept()
	sockets.close(0)
	same(sockets.current, null)
	same(sockets.are_gone(), false, "before the handshake")
	sockets.poll(1)
	same(sockets.are_gone(), true, "after it")


func test_a_server_that_does_not_answer_the_close_is_not_waited_for_long() -> void:
	made[0].accept()
	sockets.close(0)
	made[0].accept()
	sockets.poll(299_000)
	same(sockets.are_gone(), false, "before")
	sockets.poll(300_000)
	same(sockets.are_gone(), true, "after 0.3 s")


func test_a_dropped_socket_is_lost_without_a_handshake() -> void:
	made[0].accept()
	sockets.poll(0)
	sockets.drop(1_000)
	same(made[0].dropped, true)
	same(sockets.are_gone(), true)
	same(sockets.connection.code, Connection.BROKEN)


func test_a_socket_that_the_server_closes_is_lost_with_its_code() -> void:
	made[0].accept()
	sockets.poll(0)
	made[0].end(1011)
	sockets.poll(1_000)
	same(sockets.current, null)
	same(sockets.connection.code, 1011)
