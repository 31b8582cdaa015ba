extends "res://tests/case.gd"
## Sessions that end, begin again, and talk beside each other.

const Talker := preload("talker.gd")


func test_a_session_that_was_closed_can_be_opened_again() -> void:
	var talker := Talker.new()
	add_child(talker)
	await until(talker.is_open, "open")
	talker.speak(1, 2_000)
	await until(func() -> bool: return talker.session.mouth.sample > 4_000.0, "it speaks")
	var codes := []
	talker.session.closed.connect(func(code: int, _reason: String) -> void: codes.append(code))
	talker.session.close("done")
	same(codes, [1000])
	same(talker.socket().last("bye").get("reason"), "done")
	same(talker.session.state, FrametalkSession.State.CLOSED)
	await frames(5)
	talker.session.open()
	await until(talker.is_open, "open again")
	talker.speak(1, 500)
	await until(func() -> bool: return talker.session.reply == 1, "it begins")
	await until(talker.is_silent, "it ends")
	same(talker.socket().last("played").get("sample"), 11_025)
	talker.queue_free()
	await frames(3)


func test_a_scene_that_is_left_ends_its_session() -> void:
	var talker := Talker.new()
	add_child(talker)
	await until(talker.is_open, "open")
	var socket := talker.socket()
	talker.queue_free()
	await frames(3)
	same(socket.of("bye").size(), 1)


func test_two_characters_talk_at_the_same_time() -> void:
	var talkers: Array[Talker] = [Talker.new(), Talker.new(16_000)]
	for talker in talkers:
		add_child(talker)
		await until(talker.is_open, "open")
		talker.speak(1, 1_500)
	for talker in talkers:
		await until(func() -> bool: return talker.socket().last("played").get("done") == true, "heard")
		same(talker.socket().last("played").get("underruns"), 0)
		talker.queue_free()
	await frames(3)


func test_a_game_may_bring_its_own_player() -> void:
	var talker := Talker.new()
	var player := AudioStreamPlayer.new()
	player.volume_db = -6.0
	talker.add_child(player)
	talker.character.voice = player
	talker.character.volume_db = -6.0
	add_child(talker)
	await until(talker.is_open, "open")
	talker.speak(1, 500)
	await until(func() -> bool: return talker.socket().last("played").get("done") == true, "heard")
	same(talker.character.player(), player)
	talker.socket().give({"type": "turn.state", "turn": 1, "reply": 1, "state": "ducked"})
	await until(func() -> bool: return is_equal_approx(player.volume_db, -18.0), "lowered")
	talker.socket().give({"type": "turn.state", "turn": 1, "reply": 1, "state": "speaking"})
	await until(func() -> bool: return is_equal_approx(player.volume_db, -6.0), "raised")
	talker.queue_free()
	await frames(3)
