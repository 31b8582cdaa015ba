extends "res://tests/case.gd"
## Push-to-talk by an action, by a button, and by both.

const ACTION := &"push_to_talk"

var server: FrametalkReplayServer
var session: FrametalkSession
var microphone: FrametalkMicrophone


func before_each() -> void:
	server = FrametalkReplayServer.new()
	add_child(server)
	session = FrametalkSession.new()
	session.auto_connect = false
	microphone = FrametalkMicrophone.new()
	microphone.mode = FrametalkMicrophone.Mode.PUSH_TO_TALK
	microphone.action = ACTION
	microphone.fed_by_game = true
	session.add_child(microphone)
	add_child(session)
	session.url = server.listen()
	session.open()
	await until(func() -> bool: return session.state == FrametalkSession.State.OPEN, "connected")


func after_each() -> void:
	Input.action_release(ACTION)
	session.close()
	server.stop()
	await frames(1)


func opens(open: bool) -> void:
	await until(func() -> bool: return microphone.is_open == open, "open: %s" % open)


func test_an_action_opens_it_while_it_is_down() -> void:
	Input.action_press(ACTION)
	await opens(true)
	Input.action_release(ACTION)
	await opens(false)


func test_a_button_opens_it_although_the_action_is_up() -> void:
	microphone.press()
	await opens(true)
	await frames(10)
	check(microphone.is_open, "it stays open")
	microphone.release()
	await opens(false)


func test_an_action_that_is_typed_into_a_field_of_text_is_no_press() -> void:
	var field := LineEdit.new()
	add_child(field)
	field.grab_focus()
	Input.action_press(ACTION)
	await frames(5)
	check(not microphone.is_open, "typing")
	field.queue_free()
	await opens(true)
