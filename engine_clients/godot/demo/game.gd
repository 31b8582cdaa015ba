## The tavern's rules: what each tool does to which thing, read from [code]tavern.json[/code].
extends RefCounted

## The player walks by this vector, in metres.
signal walked(by: Vector3)
## Something was handed to the player, or put away.
signal moved(id: String)

const STEPS: Dictionary[String, Vector3] = {
	"forward": Vector3.FORWARD, "back": Vector3.BACK, "left": Vector3.LEFT, "right": Vector3.RIGHT
}

## The world's entities, as on the wire.
var entities: Array[Dictionary] = []
## The world's tools, as on the wire, each with its rules.
var tools: Array[Dictionary] = []

var _objects: Dictionary[String, FrametalkSceneObject] = {}


func _init() -> void:
	var file := FileAccess.get_file_as_string("res://demo/tavern.json")
	var world: Dictionary = JSON.parse_string(file)
	entities.assign(world["entity"])
	tools.assign(world["tool"])


## Describes a node to the character as the entity [param entity].
func describe(node: Node, entity: Dictionary) -> FrametalkSceneObject:
	var object := FrametalkSceneObject.new()
	object.name = "SceneObject"
	object.id = entity["id"]
	object.entity_name = entity["name"]
	object.kind = entity["kind"]
	object.aliases = PackedStringArray(entity["aliases"])
	object.affordances = PackedStringArray(entity["affordances"])
	object.state = entity["state"]
	object.send_position = entity["position"] != null
	_objects[object.id] = object
	node.add_child(object)
	return object


## Declares the world's tools.
func declare(session: FrametalkSession) -> void:
	for tool in tools:
		var options := {
			"description": tool["description"],
			"verbs": PackedStringArray(tool["verbs"]),
			"changes_world": tool["changes_world"],
			"deadline_ms": int(tool["deadline_ms"]),
		}
		var tool_name: String = tool["name"]
		var parameters: Dictionary = tool["parameters"]
		session.add_tool(carry_out, tool_name, parameters, options)


## The handler of all tools: the first rule whose condition holds decides.
func carry_out(args: Dictionary, tool_call: FrametalkCall) -> Variant:
	var rule := _rule_for(tool_call.name, args)
	if rule.is_empty():
		tool_call.refuse("there is no way to %s that" % tool_call.name)
		return null
	if rule.get("refuse", ""):
		tool_call.refuse(_filled(rule["refuse"], args))
		return null
	var changes: Dictionary = rule.get("set", {})
	for path: String in changes:
		var object := _object(path.get_slice(".", 0), args)
		var new_value: Variant = changes[path]
		if new_value is String:
			new_value = _filled(new_value, args)
		object.set_state(path.get_slice(".", 1), new_value)
		moved.emit(object.id)
	if rule.get("walk", ""):
		walked.emit(STEPS.get(args.get("direction"), Vector3.ZERO) * float(args.get("metres", 0.0)))
	if rule.get("value", ""):
		return _filled(rule["value"], args)
	return null


## What describes the entity with this id.
func object_of(id: String) -> FrametalkSceneObject:
	return _objects[id]


## A value of an entity's state.
func value(id: String, key: String) -> Variant:
	return _objects[id].get_state(key)


func _rule_for(tool_name: String, args: Dictionary) -> Dictionary:
	for tool in tools:
		if tool["name"] != tool_name:
			continue
		for rule: Dictionary in tool["rules"]:
			var holds := true
			var conditions: Dictionary = rule.get("if", {})
			for path: String in conditions:
				var object := _object(path.get_slice(".", 0), args)
				holds = holds and object.get_state(path.get_slice(".", 1)) == conditions[path]
			if holds:
				return rule
	return {}


## The entity that an argument names, or that has this id.
func _object(owner: String, args: Dictionary) -> FrametalkSceneObject:
	return _objects[args.get(owner, owner)]


## [code]{argument}[/code] is an entity's name, [code]{argument.id}[/code] its id, [code]{argument.key}[/code] a value
## of its state.
func _filled(text: String, args: Dictionary) -> String:
	var filled := text
	for argument: String in args:
		if not _objects.has(str(args[argument])):
			continue
		var object := _object(argument, args)
		filled = filled.replace("{%s}" % argument, object.entity_name)
		filled = filled.replace("{%s.id}" % argument, object.id)
		for key: String in object.state:
			filled = filled.replace("{%s.%s}" % [argument, key], str(object.get_state(key)))
	return filled
