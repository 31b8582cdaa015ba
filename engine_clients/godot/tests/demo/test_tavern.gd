extends "res://tests/case.gd"
## The whole demo against the recorded session.

const TavernScene := preload("res://demo/tavern.tscn")
const Tavern := preload("res://demo/tavern.gd")
const LIMIT_MS := 8000

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


func wait_for(what: String, condition: Callable) -> void:
	var until := Time.get_ticks_msec() + LIMIT_MS
	while not condition.call() and Time.get_ticks_msec() < until:
		await get_tree().process_frame
	check(condition.call(), what)


func is_open() -> bool:
	return tavern.session.state == FrametalkSession.State.OPEN


func test_what_is_said_is_done_and_seen() -> void:
	await wait_for("connected", is_open)
	tavern.game.object_of("chest").set_state("locked", false)
	tavern.session.say("open the chest")
	await wait_for("the chest is open", func() -> bool: return tavern.game.value("chest", "open") == true)
	await wait_for("captions", func() -> bool: return tavern.hud.captions.shown()[0] != "")
	var lid: Node3D = tavern.stage.nodes["chest"].find_child("Lid", true, false)
	await wait_for("the lid is up", func() -> bool: return lid.rotation.x < -1.8)
	await wait_for("the log has it", func() -> bool: return "open chest: done" in tavern.hud.chat.text())


func test_a_locked_chest_is_refused_and_stays_shut() -> void:
	await wait_for("connected", is_open)
	tavern.session.say("open the chest")
	await wait_for("the refusal", func() -> bool: return "refused, the chest is locked" in tavern.hud.chat.text())
	equal(tavern.game.value("chest", "open"), false)


func test_the_scene_is_sent_with_all_its_things() -> void:
	await wait_for("connected", is_open)
	var snapshots: Array[Dictionary] = []
	var sent := func() -> bool:
		snapshots = server.messages.filter(
			func(message: Dictionary) -> bool: return message["type"] == "scene.snapshot"
		)
		return not snapshots.is_empty()
	await wait_for("the scene", sent)
	var ids: Array = snapshots[0]["entities"].map(func(entity: Dictionary) -> String: return entity["id"])
	for entity in tavern.game.entities:
		check(entity["id"] in ids, "%s in %s" % [entity["id"], ids])


func test_the_overlay_shows_the_turn() -> void:
	await wait_for("connected", is_open)
	tavern.session.say("open the chest")
	await wait_for("the trace", func() -> bool: return not tavern.session.traces.is_empty())
	equal(FrametalkWaterfall.title_of(tavern.session.traces[-1]), "turn 1: 808 ms")
	check(tavern.hud.overlay.report()["frame_us"]["n"] > 0.0, "our cost is counted")


func test_the_player_enters_once() -> void:
	await wait_for("connected", is_open)
	await wait_for(
		"the event",
		func() -> bool:
			return server.messages.any(
				func(message: Dictionary) -> bool: return message.get("name") == "player_entered"
			)
	)
