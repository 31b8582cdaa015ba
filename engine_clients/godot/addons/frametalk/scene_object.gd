@icon("res://addons/frametalk/icons/scene_object.svg")
class_name FrametalkSceneObject
extends Node
## Makes its parent known to the character: name, kind, position, state, and what can be done with it.
##
## It enters and leaves the scene with the tree. Its position and the watched properties of the parent are sent when
## they change.

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


## The entity's id in the scene.
func entity_id() -> String:
	return id


## Set a key of its state: text, number or truth value; null deletes the key.
func set_state(_key: String, _value: Variant) -> void:
	pass


## The value of a key of its state, or [param otherwise].
func get_state(_key: String, otherwise: Variant = null) -> Variant:
	return otherwise


## Report that something happened to it.
func event(_event_name: String, _text: String = "", _data: Dictionary = {}) -> void:
	pass
