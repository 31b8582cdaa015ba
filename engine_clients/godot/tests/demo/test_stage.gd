extends "res://tests/case.gd"
## What the tavern shows of the game's state, on a desktop and in a headset.

const Game := preload("res://demo/game.gd")
const Stage := preload("res://demo/stage.gd")
const Thing := preload("res://demo/world/thing.gd")
const Poses := preload("res://demo/character/poses.gd")

var game: Game
var stage: Stage


func before_each() -> void:
	var session := FrametalkSession.new()
	session.auto_connect = false
	add_child(session)
	game = Game.new()
	stage = Stage.new(game)
	add_child(stage)


func after_each() -> void:
	get_viewport().use_xr = false


func call_tool(tool_name: String, args: Dictionary) -> void:
	var tool_call := FrametalkCall.new()
	tool_call.name = tool_name
	tool_call.args = args
	game.carry_out(args, tool_call)


func test_every_entity_of_the_world_has_a_node() -> void:
	for entity in game.entities:
		check(stage.nodes.has(entity["id"]), entity["id"])


func test_what_the_smith_holds_is_not_seen() -> void:
	for id: String in ["iron_key", "golden_key", "sword"]:
		check(not stage.nodes[id].visible, id)
	check(stage.nodes["map"].visible, "the map lies on the table")


func test_the_door_swings_open() -> void:
	var hinge: Node3D = stage.nodes["door"].find_child("Hinge", true, false)
	same(hinge.rotation.y, 0.0)
	call_tool("open", {"target": "door"})
	await seconds(0.9)
	check(hinge.rotation.y > 1.7, "it is open: %.2f" % hinge.rotation.y)


func test_the_torch_lights_the_room() -> void:
	var light: OmniLight3D = stage.nodes["torch"].find_child("Light", true, false)
	check(not light.visible, "dark at first")
	call_tool("light", {"target": "torch"})
	check(light.visible, "lit")


func test_a_thing_that_is_given_goes_by_the_smiths_hand_to_the_player() -> void:
	call_tool("give", {"target": "iron_key"})
	var key := stage.nodes["iron_key"]
	same(key.get_parent(), stage.blacksmith.body.grip, "in his hand")
	await seconds(Stage.HANDOVER_S + 0.2)
	check(stage.player.is_ancestor_of(key), "with the player")
	check(key.visible, "seen")


func test_a_thing_that_is_put_down_lies_on_the_table() -> void:
	call_tool("take", {"target": "map"})
	check(stage.player.is_ancestor_of(stage.nodes["map"]), "taken")
	call_tool("put", {"target": "map", "place": "table"})
	same(stage.nodes["map"].position, Thing.TABLE["map"][0])


func test_a_thing_can_be_put_on_another_thing() -> void:
	call_tool("take", {"target": "rope"})
	call_tool("put", {"target": "rope", "place": "chest"})
	var rope := stage.nodes["rope"].global_position
	check(rope.distance_to(stage.nodes["chest"].global_position) < 0.8, "near the chest: %s" % rope)
	check(rope.y > 0.4, "on top of it: %s" % rope)


func test_the_player_walks_but_not_through_walls() -> void:
	call_tool("move_player", {"direction": "back", "metres": 1.0})
	await seconds(1.5)
	check(absf(stage.player.position.z - 1.0) < 0.1, "one metre: %.2f" % stage.player.position.z)
	call_tool("move_player", {"direction": "back", "metres": 100.0})
	await seconds(1.5)
	check(stage.player.position.z < 1.9, "the wall: %.2f" % stage.player.position.z)


func test_the_smith_knows_the_gestures_of_the_wire() -> void:
	for word: String in ["nod", "think", "nods", "shake_head", "gives"]:
		check(Poses.gesture_named(word) != "", word)
	same(Poses.gesture_named("twirls_beard"), "", "an unknown one")


func test_an_unknown_gesture_or_emotion_does_nothing() -> void:
	stage.blacksmith.gesture("twirls_beard")
	stage.blacksmith.feel("peckish", 1.0)
	await get_tree().process_frame


func test_the_smith_looks_at_the_player() -> void:
	var at := stage.blacksmith.head.global_position
	stage.player.position = Vector3(1.5, 0.0, 0.0)
	stage.player.walk(Vector3(1.5, 0.0, 0.0))
	await seconds(1.0)
	var forward := stage.blacksmith.head.global_basis.z
	check(forward.x > 0.2, "his head has turned: %s from %s" % [forward, at])


func test_every_mood_and_gesture_is_a_pose_of_known_joints() -> void:
	for mood: StringName in Poses.STANCES:
		for joint: StringName in Poses.STANCES[mood]:
			check(joint in Poses.JOINTS, "%s: %s" % [mood, joint])
	for gesture: String in Poses.GESTURES:
		for part: StringName in [&"pose", &"beat"]:
			for joint: StringName in Poses.GESTURES[gesture].get(part, {}):
				check(joint in Poses.JOINTS, "%s: %s" % [gesture, joint])


func test_without_a_headset_the_tavern_stays_on_the_screen() -> void:
	check(not stage.player.enter_headset("No such interface"), "no interface")
	check(not stage.player.in_headset, "on the screen")


func test_a_headset_shows_the_tavern() -> void:
	if XRServer.find_interface("Native mobile") == null:
		return  # a Godot without it
	check(stage.player.enter_headset("Native mobile"), "entered")
	check(get_viewport().use_xr, "the viewport is the headset's")
	var pulls: Array[String] = []
	stage.player.talk_pressed.connect(func() -> void: pulls.append("pressed"))
	stage.player.talk_released.connect(func() -> void: pulls.append("released"))
	var controller := XRControllerTracker.new()
	controller.name = &"right_hand"
	XRServer.add_tracker(controller)
	controller.set_input(&"grip_click", true)
	controller.set_input(&"trigger_click", true)
	controller.set_input(&"trigger_click", false)
	XRServer.remove_tracker(controller)
	same(pulls, ["pressed", "released"] as Array[String], "the trigger talks")
	var layer := CanvasLayer.new()
	add_child(layer)
	stage.player.show_panel(layer)
	check(layer.get_parent() is SubViewport, "the screen is a panel")
	await get_tree().process_frame
	XRServer.find_interface("Native mobile").uninitialize()
