## One entity of the tavern as a node: shows its state, and moves there smoothly.
extends Node3D

const Props := preload("props.gd")
## Where a thing lies on the table: its place and its turn.
const TABLE: Dictionary[String, Array] = {
	"iron_key": [Vector3(0.5, 0.9, -1.25), Vector3(-PI / 2.0, 0.0, 0.4)],
	"golden_key": [Vector3(0.62, 0.9, -1.25), Vector3(-PI / 2.0, 0.0, -0.3)],
	"sword": [Vector3(0.65, 0.9, -1.5), Vector3(-PI / 2.0, 0.0, 1.2)],
	"map": [Vector3(0.62, 0.92, -1.42), Vector3.ZERO],
	"rope": [Vector3(0.86, 0.905, -1.34), Vector3.ZERO],
	"letter": [Vector3(0.4, 0.895, -1.36), Vector3(0.0, 0.35, 0.0)],
}

var id := ""
## Whether it can be carried.
var carried := false

var _object: Node3D


func _init(entity_id: String) -> void:
	id = entity_id
	name = entity_id.to_pascal_case()
	carried = TABLE.has(id)
	_object = Props.make(id)
	position = _object.position
	rotation = _object.rotation
	_object.transform = Transform3D.IDENTITY
	add_child(_object)
	if id == "torch":
		_light(false)


## Shows a value of its state, smoothly when it is in the scene.
func show_state(key: String, value: Variant) -> void:
	match [id, key]:
		["door", "open"]:
			_turn("Hinge", ^"rotation:y", 1.75 if value else 0.0)
		["chest", "open"]:
			_turn("Lid", ^"rotation:x", -1.9 if value else 0.0)
		["chest", "locked"]:
			_turn("Lock", ^"position", Vector3.ZERO if value else Vector3(0.1, -0.27, 0.16))
			_turn("Lock", ^"rotation", Vector3.ZERO if value else Vector3(-1.4, 0.0, 0.6))
		["lever", "pulled"]:
			_turn("Arm", ^"rotation:z", 2.3 if value else 0.7)
		["torch", "lit"]:
			_light(value)


## Lies on the table, or on top of another thing; in someone's hand or pocket the tavern places it.
func lie(on: Node3D = null) -> void:
	position = TABLE[id][0] if on == null else _top_of(on)
	rotation = TABLE[id][1]
	scale = Vector3.ONE
	show()


## The middle of a thing's upper side.
static func _top_of(node: Node3D) -> Vector3:
	var top := AABB(node.global_position, Vector3.ZERO)
	for child: VisualInstance3D in node.find_children("*", "GeometryInstance3D", true, false):
		top = top.merge(child.global_transform * child.get_aabb())
	return top.get_center() + Vector3(0.0, top.size.y / 2.0, 0.0)


func _turn(part: String, property: NodePath, to: Variant) -> void:
	var node := _object.get_node(part)
	if not is_inside_tree():
		node.set_indexed(property, to)
		return
	var tween := create_tween().set_trans(Tween.TRANS_CUBIC).set_ease(Tween.EASE_OUT)
	tween.tween_property(node, property, to, 0.7)


func _light(lit: bool) -> void:
	var glow: Node3D = _object.get_node("Glow")
	var light: OmniLight3D = _object.get_node("Light")
	glow.visible = lit
	light.visible = lit
	light.light_energy = 1.6
