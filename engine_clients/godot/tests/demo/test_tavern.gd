extends "res://tests/case.gd"
## The whole demo against the recorded session.

const TavernScene := preload("res://demo/tavern.tscn")
const Tavern := preload("res://demo/tavern.gd")

var tavern: Tavern
var server: FrametalkReplayServer


func before_each() -> void:
	server = FrametalkReplayServer.new()
	add_child(server)
	tavern = TavernScene.instantiate()
	tavern.session.url = server.listen()
	add_child(tavern)


func after_each() -> void:
	tavern.session.close()
	server.stop()
	await get_tree().process_frame


## The scene that the server got; empty before.
func snapshot() -> Dictionary:
	for message in server.messages:
		if message["type"] == "scene.snapshot":
			return message
	return {}


func is_open() -> bool:
	return tavern.session.state == FrametalkSession.State.OPEN


func test_what_is_said_is_done_and_seen() -> void:
	await until(is_open, "connected")
	tavern.game.object_of("chest").set_state("locked", false)
	tavern.session.say("open the chest")
	await until(func() -> bool: return tavern.game.value("chest", "open") == true, "the chest is open")
	await until(func() -> bool: return tavern.hud.captions.shown()[0] != "", "captions")
	var lid: Node3D = tavern.stage.nodes["chest"].find_child("Lid", true, false)
	await until(func() -> bool: return lid.rotation.x < -1.8, "the lid is up")
	await until(func() -> bool: return "open chest: done" in tavern.hud.chat.text(), "the log has it")


func test_a_locked_chest_is_refused_and_stays_shut() -> void:
	await until(is_open, "connected")
	tavern.session.say("open the chest")
	await until(func() -> bool: return "refused, the chest is locked" in tavern.hud.chat.text(), "the refusal")
	same(tavern.game.value("chest", "open"), false)


func test_the_scene_is_sent_with_all_its_things() -> void:
	await until(is_open, "connected")
	await until(func() -> bool: return not snapshot().is_empty(), "the scene")
	var ids: Array = snapshot()["entities"].map(func(entity: Dictionary) -> String: return entity["id"])
	for entity in tavern.game.entities:
		check(entity["id"] in ids, "%s in %s" % [entity["id"], ids])


func test_the_overlay_shows_the_turn() -> void:
	await until(is_open, "connected")
	tavern.session.say("open the chest")
	await until(func() -> bool: return not tavern.session.traces.is_empty(), "the trace")
	same(FrametalkWaterfall.title_of(tavern.session.traces[-1]), "turn 1: 808 ms")
	check(tavern.hud.overlay.report()["frame_us"]["n"] > 0.0, "our cost is counted")


func test_the_player_enters_once() -> void:
	await until(is_open, "connected")
	var entered := func() -> bool:
		return server.messages.any(func(message: Dictionary) -> bool: return message.get("name") == "player_entered")
	await until(entered, "the event")


func press_key(code: Key, pressed: bool) -> void:
	var event := InputEventKey.new()
	event.physical_keycode = code
	event.keycode = code
	event.unicode = code if code == KEY_SPACE else 0
	event.pressed = pressed
	Input.parse_input_event(event)
	Input.flush_buffered_events()


func test_the_space_bar_talks_but_not_while_a_line_is_typed() -> void:
	tavern.microphone.fed_by_game = true
	await until(is_open, "connected")
	press_key(KEY_SPACE, true)
	await until(func() -> bool: return tavern.microphone.is_open, "talking")
	press_key(KEY_SPACE, false)
	await until(func() -> bool: return not tavern.microphone.is_open, "silent again")
	var line: LineEdit = tavern.hud.chat.find_children("*", "LineEdit", true, false)[0]
	line.grab_focus()
	press_key(KEY_SPACE, true)
	await frames(3)
	check(not tavern.microphone.is_open, "typing is not talking")
	press_key(KEY_SPACE, false)


func test_escape_pauses_the_game_and_the_conversation() -> void:
	await until(is_open, "connected")
	press_key(KEY_ESCAPE, true)
	check(get_tree().paused, "paused")
	await until(
		func() -> bool: return server.messages.any(func(sent: Dictionary) -> bool: return sent["type"] == "pause"),
		"the server waits"
	)
	press_key(KEY_ESCAPE, false)
	press_key(KEY_ESCAPE, true)
	check(not get_tree().paused, "goes on")


func test_l_shows_the_latency() -> void:
	press_key(KEY_L, true)
	check(tavern.hud.overlay.visible, "shown")
