extends "res://tests/case.gd"
## The nodes: what they warn of, how they find each other, what a face does with weights.

const Faces := preload("res://addons/frametalk/core/faces.gd")
const Greeting := preload("res://addons/frametalk/core/greeting.gd")
const Head := preload("res://tests/head.gd")
const Visemes := preload("res://addons/frametalk/core/visemes.gd")


## A session that does not connect.
func _session() -> FrametalkSession:
	var session := FrametalkSession.new()
	session.auto_connect = false
	return session


class Door:
	extends Node3D

	var open: bool = false
	var owner_name: StringName = &"smith"


class Waving:
	extends FrametalkTool

	func _run(_args: Dictionary, _call: FrametalkCall) -> Variant:
		return "waved"


func test_nodes_find_the_session_above_them() -> void:
	var session := _session()
	var microphone := FrametalkMicrophone.new()
	microphone.auto_start = false
	session.add_child(microphone)
	add_child(session)
	same(microphone.session, session)
	same(session.link.microphone, microphone)


func test_nodes_find_the_session_of_the_tree() -> void:
	var session := _session()
	var door := Door.new()
	door.name = "RedDoor"
	door.add_child(FrametalkSceneObject.new())
	add_child(session)
	add_child(door)
	same(session.scene.ids(), PackedStringArray(["red_door"]))
	same(session.node_of("red_door"), door)


func test_an_object_describes_its_parent() -> void:
	var session := _session()
	add_child(session)
	var door := Door.new()
	door.position = Vector3(1, 2, 3)
	var object := FrametalkSceneObject.new()
	object.id = "door"
	object.entity_name = "red door"
	object.kind = "door"
	object.aliases = ["front door"]
	object.affordances = ["open"]
	object.state = {"locked": true}
	object.watched = ["open", "owner_name"]
	door.add_child(object)
	add_child(door)
	same(
		session.scene.entity("door"),
		{
			"id": "door",
			"name": "red door",
			"kind": "door",
			"aliases": ["front door"],
			"affordances": ["open"],
			"state": {"locked": true, "open": false, "owner_name": "smith"},
			"position": [1.0, 2.0, 3.0],
		}
	)
	door.open = true
	door.position.x = 5.0
	await until(func() -> bool: return session.scene.state("door", "open") == true, "the property is seen", 1000)
	same(session.scene.entity("door")["position"], [5.0, 2.0, 3.0])
	remove_child(door)
	same(session.scene.ids(), PackedStringArray())
	add_child(door)
	same(session.scene.ids(), PackedStringArray(["door"]))


func test_an_object_keeps_its_state() -> void:
	var session := _session()
	add_child(session)
	var object := FrametalkSceneObject.new()
	object.id = "thing"
	object.entity_name = "thing"
	add_child(object)
	object.set_state("lit", true)
	same(object.get_state("lit"), true)
	same(session.scene.state("thing", "lit"), true)
	object.set_state("lit", null)
	same(object.get_state("lit", "no"), "no")


func cases_values_of_a_state() -> Dictionary:
	return {
		"truth": [true, true],
		"text": ["a", "a"],
		"a name": [&"a", "a"],
		"a whole number": [3, 3],
		"a fraction": [0.5, 0.5],
		"NaN": [NAN, null],
		"a vector": [Vector2(1, 2), "(1.0, 2.0)"],
	}


func test_values_of_a_state(pair: Array) -> void:
	same(FrametalkSceneObject.value_of(pair[0]), pair[1])


func test_a_tool_node_is_declared() -> void:
	var session := _session()
	add_child(session)
	var tool := Waving.new()
	tool.name = "Wave"
	tool.session = session
	add_child(tool)
	same(session.tool_names(), PackedStringArray(["wave"]))


func cases_warnings() -> Dictionary:
	return {
		"a session without ws": ["url", "ws://"],
		"a microphone without a session": ["microphone", "FrametalkSession"],
		"a microphone without its action": ["action", "no_such_action"],
		"a voice that is no player": ["voice", "AudioStreamPlayer"],
		"a bus that is not there": ["bus", "no audio bus NoBus"],
		"a face without a mesh": ["face", "no mesh"],
		"an object whose parent lacks a property": ["object", "no property"],
		"a tool with a bad name": ["tool", "letters"],
		"a tool without a handler": ["handler", "no method"],
	}


func test_warnings(expected: Array) -> void:
	var node: Node
	match expected[0]:
		"url":
			node = _session()
			node.url = "http://localhost"
		"microphone":
			node = FrametalkMicrophone.new()
		"action":
			node = FrametalkMicrophone.new()
			node.mode = FrametalkMicrophone.Mode.PUSH_TO_TALK
			node.action = &"no_such_action"
		"voice":
			node = FrametalkCharacter.new()
			node.voice = self
		"bus":
			node = FrametalkCharacter.new()
			node.bus = &"NoBus"
		"face":
			node = FrametalkFace.new()
		"object":
			node = FrametalkSceneObject.new()
			node.watched = ["no_such_property"]
			var parent := Node3D.new()
			parent.add_child(node)
		"tool":
			node = FrametalkTool.new()
			node.tool_name = "open the door"
		"handler":
			node = FrametalkTool.new()
			node.tool_name = "open"
			node.target = self
	var warnings := " ".join(node._get_configuration_warnings())
	check((expected[1] as String) in warnings, "%s: %s" % [expected[1], warnings])
	if node.get_parent():
		node.get_parent().free()
	else:
		node.free()


func cases_faces() -> Dictionary:
	var arkit: Dictionary[String, bool] = {}
	for shape: String in Visemes.ARKIT:
		for name: String in Visemes.ARKIT[shape]:
			arkit[name] = true
	var own := Array(Visemes.NAMES).map(func(name: StringName) -> String: return str(name))
	var aliases := own.map(func(name: String) -> String: return Visemes.ALIASES[name][0])
	return {
		"the shapes' names": [own, {}, FrametalkFace.Kind.VISEMES],
		"aliases": [aliases, {}, FrametalkFace.Kind.VISEMES],
		"aliases among others": [["blink"] + aliases, {}, FrametalkFace.Kind.VISEMES],
		"ARKit": [arkit.keys(), {}, FrametalkFace.Kind.ARKIT],
		"VRM": [["aa", "ih", "ou", "ee", "oh"], {}, FrametalkFace.Kind.VRM],
		"others": [["smile", "blink"], {}, FrametalkFace.Kind.NONE],
		"none": [[], {}, FrametalkFace.Kind.NONE],
		"names of the game's own": [["Open", "Closed"], {"aa": "Open", "PP": "Closed"}, FrametalkFace.Kind.VISEMES],
	}


func test_faces(expected: Array) -> void:
	var map: Faces = Faces.of(PackedStringArray(expected[0]), expected[1])
	same(map.kind as int, expected[2] as int)


func test_an_arkit_face_opens_its_jaw() -> void:
	var map: Faces = Faces.of(PackedStringArray(["jawOpen", "mouthFunnel", "mouthPucker"]), {"aa": "jawOpen"})
	check(map.kind != Faces.Kind.ARKIT, "three names are too few")
	var weights := PackedFloat32Array()
	weights.resize(15)
	weights[10] = 1.0
	near(Faces.translate(Visemes.ARKIT, weights)["jawOpen"], 0.6, 0.0001)
	near(Faces.translate(Visemes.VRM, weights)["aa"], 1.0, 0.0001)


func test_a_face_moves_a_mesh_with_gains() -> void:
	var session := _session()
	add_child(session)
	var head := Head.new(session)
	add_child(head)
	head.face.gains = {"aa": 0.5}
	var weights := PackedFloat32Array()
	weights.resize(15)
	weights[10] = 0.8
	weights[1] = 0.2
	head.face.apply(weights)
	near(head.mesh.get_blend_shape_value(10), 0.4, 0.0001, "aa")
	near(head.mesh.get_blend_shape_value(1), 0.2, 0.0001, "PP")
	same(head.face.validate(), PackedStringArray())
	head.face.tracker = &"/user/test_face"
	head.face.apply(weights)
	var tracker: XRFaceTracker = XRServer.get_tracker(&"/user/test_face")
	near(tracker.get_blend_shape(XRFaceTracker.FT_JAW_OPEN), 0.4 * 0.6, 0.0001, "tracker")


func test_what_a_mesh_lacks_is_said() -> void:
	var session := _session()
	add_child(session)
	var names: Array = Array(Visemes.NAMES).map(func(name: StringName) -> String: return "viseme_%s" % name)
	names.erase("viseme_RR")
	var head := Head.new(session, PackedStringArray(names))
	add_child(head)
	check("RR" in " ".join(head.face.validate()), "%s" % [head.face.validate()])


func cases_addresses() -> Dictionary:
	return {
		"without a path": ["ws://localhost:8765", "ws://localhost:8765/v1"],
		"with a slash": ["ws://localhost:8765/", "ws://localhost:8765/v1"],
		"with a path": ["wss://games.example/talk/v1", "wss://games.example/talk/v1"],
	}


func test_addresses(pair: Array) -> void:
	same(Greeting.address_of(pair[0]), pair[1])


func test_hello_says_what_the_session_is_set_to() -> void:
	var session := _session()
	add_child(session)
	session.token = "secret"
	session.character = "smith"
	session.language = "de"
	session.echo = FrametalkSession.Echo.HALF_DUPLEX
	session.interruptible = FrametalkSession.Interruptible.NEVER
	session.scopes = ["shop"]
	session.child = true
	session.consent = {"store": true}
	var hello := Greeting.hello_of(session, [])
	for pair: Array in [
		["token", "secret"],
		["character", "smith"],
		["language", "de"],
		["echo", "half_duplex"],
		["interruptible", "never"],
		["child", true],
	]:
		same(hello[pair[0]], pair[1], pair[0])
	same(hello["scopes"], PackedStringArray(["shop"]))
	same(hello["consent"], {"store": true} as Dictionary[String, bool])
	check("Godot" in hello["client"]["engine"], "engine")


func test_hello_leaves_out_what_is_not_set() -> void:
	var session := _session()
	add_child(session)
	var hello := Greeting.hello_of(session, [])
	for field: String in ["token", "character", "language", "interruptible", "scopes", "child", "consent"]:
		check(not hello.has(field), field)


func test_focus_is_sent_when_it_changes_and_not_too_often() -> void:
	var sent: Array = []
	var now := [0]
	var focus := FrametalkFocus.new(sent.append, func() -> int: return now[0])
	focus.gaze("door")
	focus.gaze("door")
	focus.gaze("chest")
	same(sent.size(), 1, "too soon")
	now[0] = 100_000
	focus.gaze("chest")
	same(sent[-1], {"type": "focus", "entity": "chest"})
	now[0] = 200_000
	focus.gaze("")
	focus.point("door")
	same(sent.size(), 3)


func test_say_without_a_connection_is_not_sent() -> void:
	var session := _session()
	add_child(session)
	same(session.say("hello"), false)


func test_an_address_without_a_server_is_an_error_with_a_remedy() -> void:
	var session := _session()
	session.url = "ws://127.0.0.1:9"
	var failures: Array = []
	session.error.connect(failures.append)
	add_child(session)
	session.open()
	await until(func() -> bool: return not failures.is_empty(), "an error")
	same(failures[0].code, "cannot_connect")
	check("frametalk serve" in failures[0].remedy, failures[0].remedy)
	await until(func() -> bool: return session.state == FrametalkSession.State.CLOSED, "closed")
