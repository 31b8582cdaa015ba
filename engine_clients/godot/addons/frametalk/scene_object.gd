@tool
@icon("res://addons/frametalk/icons/scene_object.svg")
class_name FrametalkSceneObject
extends Node
## Makes its parent known to the character: name, kind, position, state, and what can be done with it.
##
## It enters and leaves the scene with the tree. Its position and the watched properties of the parent are sent when
## they change.

const LOOK_EVERY_MS := 100

## The session; empty: the one above it, or the first of the scene tree.
@export var session: FrametalkSession
## The entity's id, never spoken; empty: the parent's name in lower case, joined by [code]_[/code].
@export var id: String = "":
	set(value):
		id = value
		update_configuration_warnings()
## What people call it; empty: made of the parent's name.
@export var entity_name: String = ""
## What it is: [code]door[/code], [code]container[/code], [code]player[/code], ...
@export var kind: String = ""
## Other names for it.
@export var aliases: PackedStringArray = []
## Names of the tools that apply to it.
@export var affordances: PackedStringArray = []
## Its state at the beginning: text, numbers and truth values. Change it with [method set_state].
@export var state: Dictionary = {}
## Properties of the parent that belong to its state: [code]open[/code], [code]locked[/code], ...; they are read ten
## times a second.
@export var watched: PackedStringArray = []:
	set(value):
		watched = value
		update_configuration_warnings()
## Whether its position is sent; changes of less than [member position_step] are not.
@export var send_position: bool = true
## The smallest change of position that is sent, in metres.
@export_range(0.01, 10.0, 0.01, "suffix:m") var position_step: float = 0.25

var _entity: String = ""  # its id in the scene; empty: it is not there
var _placed := Vector3.INF
var _look_at_ms: int = 0


func _ready() -> void:
	set_process(false)
	if not Engine.is_editor_hint():
		_enter()


func _enter_tree() -> void:
	if is_node_ready() and not Engine.is_editor_hint():
		_enter()


func _exit_tree() -> void:
	if _entity and is_instance_valid(session):
		session.scene.remove(_entity)
		session.link.objects.erase(_entity)
	_entity = ""
	set_process(false)


func _process(_delta: float) -> void:
	var now_ms := Time.get_ticks_msec()
	if now_ms < _look_at_ms or not is_instance_valid(session):
		return
	var began_us := Time.get_ticks_usec()
	_look_at_ms = now_ms + LOOK_EVERY_MS
	session.scene.set_state(_entity, _watched_now())
	if send_position:
		var place := _place()
		if place.is_finite() and not place.distance_to(_placed) < position_step:
			_placed = place
			session.scene.move(_entity, place)
	session.link.count_cost(began_us)


func _get_configuration_warnings() -> PackedStringArray:
	var warnings := PackedStringArray()
	if FrametalkSession.of(self) == null and session == null:
		warnings.append("It needs a FrametalkSession: above it, or in `session`.")
	for property in watched:
		if get_parent() and not property in get_parent():
			warnings.append("The parent has no property %s." % property)
	for other in _others():
		if other != self and other.entity_id() == entity_id():
			warnings.append("%s has the id %s too." % [other.get_path(), entity_id()])
	return warnings


## The entity's id in the scene.
func entity_id() -> String:
	if id or get_parent() == null:
		return id
	return str(get_parent().name).to_snake_case()


## Set a key of its state: text, number or truth value; null deletes the key.
func set_state(key: String, value: Variant) -> void:
	if value == null:
		state.erase(key)
	else:
		state[key] = value
	if _entity:
		session.scene.set_state(_entity, {key: value})


## The value of a key of its state, or [param otherwise].
func get_state(key: String, otherwise: Variant = null) -> Variant:
	if _entity:
		return session.scene.state(_entity, key, otherwise)
	return state.get(key, otherwise)


## Report that something happened to it.
func event(event_name: String, text: String = "", data: Dictionary = {}) -> void:
	if _entity:
		session.scene.event(event_name, _entity, text, data)


func _enter() -> void:
	if session == null:
		session = FrametalkSession.of(self)
	if session == null:
		push_warning("%s has no FrametalkSession" % get_path())
		return
	var entity := {"id": entity_id(), "name": entity_name if entity_name else _spoken_name()}
	if kind:
		entity["kind"] = kind
	if not aliases.is_empty():
		entity["aliases"] = Array(aliases)
	if not affordances.is_empty():
		entity["affordances"] = Array(affordances)
	entity["state"] = state.merged(_watched_now(), true)
	_placed = _place()
	if send_position and _placed.is_finite():
		entity["position"] = [_placed.x, _placed.y, _placed.z]
	var failure := session.scene.put(entity)
	if failure:
		session.error.emit(failure)
		return
	_entity = entity["id"]
	session.link.objects[_entity] = get_parent()
	set_process(send_position or not watched.is_empty())


func _spoken_name() -> String:
	return entity_id().replace("_", " ")


func _watched_now() -> Dictionary:
	var now := {}
	for property in watched:
		now[property] = value_of(get_parent().get(property))
	return now


## A value as an entity's state holds it: text, number, truth value or null.
static func value_of(value: Variant) -> Variant:
	match typeof(value):
		TYPE_NIL, TYPE_BOOL, TYPE_INT, TYPE_STRING:
			return value
		TYPE_FLOAT:
			return value if is_finite(value) else null
	return str(value)


## Where the parent is; not finite if it has no place.
func _place() -> Vector3:
	var parent := get_parent()
	if parent is Node3D and parent.is_inside_tree():
		return (parent as Node3D).global_position
	if parent is Node2D and parent.is_inside_tree():
		var place := (parent as Node2D).global_position
		return Vector3(place.x, place.y, 0.0)
	return Vector3.INF


func _others() -> Array[FrametalkSceneObject]:
	var others: Array[FrametalkSceneObject] = []
	if is_inside_tree():
		var top: Node = get_tree().edited_scene_root if Engine.is_editor_hint() else get_tree().root
		for node in top.find_children("*", "Node", true, false) if top else []:
			if node is FrametalkSceneObject:
				others.append(node)
	return others
