extends "res://tests/case.gd"
## The server for a game's own tests, with the whole client against it.

var server: FrametalkReplayServer
var session: FrametalkSession
var log_of: Array[String] = []


func before_each() -> void:
	log_of = []
	server = FrametalkReplayServer.new()
	add_child(server)
	session = FrametalkSession.new()
	session.auto_connect = false
	add_child(session)
	session.url = server.listen()
	session.add_tool(_open, "open", {"target": {"type": "string"}})
	session.scene.put({"id": "chest", "name": "chest", "state": {"open": false}})
	session.opened.connect(func(_welcome: Dictionary) -> void: log_of.append("opened"))
	session.transcript.connect(
		func(text: String, _stable: int, final: bool) -> void: log_of.append("heard " + text if final else "hears")
	)
	session.caption.connect(func(text: String, _reply: int) -> void: log_of.append("says " + text))
	session.word.connect(func(text: String, _reply: int) -> void: log_of.append("word " + text))
	session.reply_cut.connect(func(_reply: int, reason: String, _at: int) -> void: log_of.append("cut " + reason))
	session.trace.connect(func(trace: Dictionary) -> void: log_of.append("trace %d" % trace["mouth_to_ear_ms"]))
	session.error.connect(func(failure: FrametalkError) -> void: log_of.append(str(failure)))


func after_each() -> void:
	session.close()
	server.stop()
	await get_tree().process_frame


func _open(args: Dictionary) -> String:
	log_of.append("opens " + str(args["target"]))
	session.scene.set_state("chest", {"open": true})
	return "done"


## Waits until the log has a line.
func logged(line: String) -> bool:
	return await until(func() -> bool: return line in log_of, "%s, in %s" % [line, log_of])


func test_a_conversation_needs_no_server() -> void:
	session.open()
	await logged("opened")
	session.say("open the chest")
	await logged("opens chest")
	await logged("says It is open.")
	await logged("word It")
	await logged("trace 808")
	await logged("cut interrupted")
	same(log_of.count("opens chest"), 1, "the call is carried out once")


func test_it_says_what_the_client_sent() -> void:
	session.open()
	await logged("opened")
	session.say("open the chest")
	await logged("cut interrupted")
	var types := server.messages.map(func(message: Dictionary) -> String: return message["type"])
	for type: String in ["hello", "scene.snapshot", "say", "tool.result", "played"]:
		check(type in types, "%s in %s" % [type, types])


func test_a_second_turn_gets_the_answer_again() -> void:
	session.open()
	await logged("opened")
	session.say("open the chest")
	await logged("cut interrupted")
	log_of.clear()
	session.say("open the chest again")
	await logged("cut interrupted")
	same(log_of.count("opens chest"), 1, "another call")
	check(session.turn.get("turn", 0) > 2, "another turn")


func test_without_a_turn_it_waits() -> void:
	session.open()
	await logged("opened")
	for frame in 20:
		await get_tree().process_frame
	same(log_of, ["opened"] as Array[String])


func test_a_dropped_connection_is_opened_again() -> void:
	session.open()
	await logged("opened")
	log_of.clear()
	server.drop()
	await logged("opened")
