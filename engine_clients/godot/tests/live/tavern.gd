extends Node3D
## A small tavern for tests: docs/tavern.md in nodes. Tools change it, and refuse.

const TARGET: Dictionary = {"target": {"type": "string", "x-entity": true}}
const THINGS: Array[Array] = [
	["door", "red door", "door", ["door"], {"open": false, "locked": false}, ["open", "close", "unlock"]],
	["chest", "chest", "container", ["box"], {"open": false, "locked": true}, ["open", "close", "unlock"]],
	["iron_key", "iron key", "key", ["key"], {"holder": "blacksmith"}, ["give", "take", "put"]],
	["golden_key", "golden key", "key", [], {"holder": "blacksmith"}, ["give", "take", "put"]],
	["torch", "torch", "light", [], {"lit": false}, ["light", "extinguish"]],
	["lever", "lever", "mechanism", [], {"pulled": false}, ["pull"]],
	["sword", "sword", "weapon", ["new sword", "blade"], {"holder": "blacksmith"}, ["give", "take", "put"]],
]

var session: FrametalkSession
## Calls as they ended: [tool, target, state].
var calls: Array[Array] = []
## What was understood and said, newest last.
var heard: PackedStringArray = []
var said: PackedStringArray = []
var cuts: PackedStringArray = []
var ends: int = 0
var errors: PackedStringArray = []

var _objects: Dictionary[String, FrametalkSceneObject] = {}


func _init(url: String) -> void:
	session = FrametalkSession.new()
	session.url = url
	add_child(session)
	for thing in THINGS:
		_add(thing)
	session.add_tool(_open, "open", TARGET, {"verbs": ["open"]})
	session.add_tool(_unlock, "unlock", TARGET, {"verbs": ["unlock"]})
	session.add_tool(_give, "give", TARGET, {"verbs": ["give", "bring", "hand", "get", "fetch"]})
	session.add_tool(_switch.bind("lit"), "light", TARGET, {"verbs": ["light", "ignite"]})
	session.add_tool(_switch.bind("pulled"), "pull", TARGET, {"verbs": ["pull"]})
	session.tool_finished.connect(
		func(call: FrametalkCall) -> void: calls.append([call.name, call.args["target"], call.state])
	)
	session.transcript.connect(
		func(text: String, _stable: int, final: bool) -> void:
			if final:
				heard.append(text)
	)
	session.caption.connect(func(text: String, _reply: int) -> void: said.append(text))
	session.reply_cut.connect(func(_reply: int, why: String, _sample: int) -> void: cuts.append(why))
	session.reply_ended.connect(func(_reply: int) -> void: ends += 1)
	session.error.connect(func(failure: FrametalkError) -> void: errors.append(str(failure)))


## The state of a thing.
func state(id: String, key: String) -> Variant:
	return _objects[id].get_state(key)


func _add(thing: Array) -> void:
	var body := Node3D.new()
	body.name = str(thing[0])
	var object := FrametalkSceneObject.new()
	object.session = session
	object.id = thing[0]
	object.entity_name = thing[1]
	object.kind = thing[2]
	object.aliases = thing[3]
	object.state = thing[4].duplicate()
	object.affordances = thing[5]
	body.add_child(object)
	add_child(body)
	_objects[object.id] = object


func _open(args: Dictionary, call: FrametalkCall) -> void:
	var target := _objects[args["target"]]
	if target.get_state("locked"):
		call.refuse("the %s is locked" % target.entity_name)
		return
	await get_tree().create_timer(0.05).timeout  # it takes a moment
	target.set_state("open", true)


func _unlock(args: Dictionary) -> void:
	_objects[args["target"]].set_state("locked", false)


func _give(args: Dictionary) -> void:
	_objects[args["target"]].set_state("holder", "player")


func _switch(args: Dictionary, _call: FrametalkCall, key: String) -> void:
	_objects[args["target"]].set_state(key, true)
