## The blacksmith below the neck: joints that can be turned, and what hangs on them. Left and right are as
## the player sees them.
extends Node3D

const Builder := preload("../world/builder.gd")
const Surfaces := preload("../world/surfaces.gd")
const SHIRT := 0xb3aa98
const LEATHER := 0x4d3a28
const TROUSERS := 0x3d3a36
const FLESH := 0xcf946c
## Depth of the chest as a part of its width.
const DEPTH := 0.68
## Half the shirt's outline, from the hips to the neck.
const OUTLINE: Array[Vector2] = [
	Vector2(0.0, -0.2),
	Vector2(0.2, -0.19),
	Vector2(0.228, -0.1),
	Vector2(0.222, 0.05),
	Vector2(0.24, 0.2),
	Vector2(0.27, 0.33),
	Vector2(0.285, 0.42),
	Vector2(0.262, 0.485),
	Vector2(0.19, 0.53),
	Vector2(0.1, 0.565),
	Vector2(0.072, 0.6),
	Vector2(0.0, 0.6),
]

## Turns with the chest: arms and head hang on it.
var chest := Node3D.new()
var neck := Node3D.new()
## Shoulder, elbow and wrist of the left and of the right arm.
var arms: Array[Array] = []
## Where the left hand holds things.
var grip := Node3D.new()

var _torso: MeshInstance3D


func _init() -> void:
	name = "Body"
	chest.name = "Chest"
	chest.position.y = 1.02
	add_child(chest)
	_torso = _shirt().mesh_of(Surfaces.cloth(), "Shirt")
	chest.add_child(_torso)
	chest.add_child(_leather().mesh_of(Surfaces.cloth(), "Leather"))
	neck.name = "Neck"
	neck.position = Vector3(0.0, 0.6, 0.01)
	chest.add_child(neck)
	arms = [_arm(-1.0), _arm(1.0)]
	var wrist: Node3D = arms[0][2]
	grip.name = "Grip"
	grip.position = Vector3(0.0, -0.085, 0.03)
	wrist.add_child(grip)
	add_child(_legs().mesh_of(Surfaces.cloth(), "Legs"))


## 0 is breathed out, 1 in.
func breathe(full: float) -> void:
	_torso.scale = Vector3(1.0 + 0.01 * full, 1.0 + 0.006 * full, 1.0 + 0.025 * full)


func _arm(side: float) -> Array[Node3D]:
	var shoulder := Node3D.new()
	var elbow := Node3D.new()
	var wrist := Node3D.new()
	shoulder.position = Vector3(side * 0.25, 0.425, 0.0)
	elbow.position.y = -0.29
	wrist.position.y = -0.265
	chest.add_child(shoulder)
	shoulder.add_child(elbow)
	elbow.add_child(wrist)
	var upper := Builder.new()
	upper.paint(SHIRT)
	upper.ball(Vector3(0.18, 0.171, 0.171), Vector3.ZERO)
	upper.cylinder(0.088, 0.07, 0.28, Vector3(0.0, -0.14, 0.0), Vector3.ZERO, 24)
	shoulder.add_child(upper.mesh_of(Surfaces.cloth(), "Upper"))
	var fore := Builder.new()
	fore.paint(0x978a71)
	fore.cylinder(0.074, 0.07, 0.07, Vector3(0.0, 0.02, 0.0))
	fore.paint(FLESH)
	fore.cylinder(0.062, 0.042, 0.25, Vector3(0.0, -0.13, 0.0))
	fore.ball(Vector3.ONE * 0.124, Vector3.ZERO)
	elbow.add_child(fore.mesh_of(Surfaces.things(), "Fore"))
	wrist.add_child(_hand(side).mesh_of(Surfaces.things(), "Hand"))
	return [shoulder, elbow, wrist]


## Loosely closed: good for holding and for pointing alike.
static func _hand(side: float) -> Builder:
	var made := Builder.new()
	made.paint(LEATHER)
	made.cylinder(0.05, 0.048, 0.05, Vector3(0.0, 0.035, 0.0))
	made.paint(FLESH)
	made.ball(Vector3(0.056, 0.11, 0.1), Vector3(0.0, -0.045, 0.0))
	for i in 4:
		var at := Vector3(-side * 0.012, -0.105 + 0.006 * absi(i - 1), 0.032 - i * 0.0215)
		made.capsule(0.0115, 0.042, at, Vector3(0.0, 0.0, -side * 0.5))
	made.capsule(0.0135, 0.04, Vector3(-side * 0.018, -0.05, 0.052), Vector3(-0.6, 0.0, -side * 0.5))
	return made


static func _shirt() -> Builder:
	var made := Builder.new()
	made.paint(SHIRT)
	_lathe(made, _smooth(OUTLINE), PI)
	return made


## The apron, the belt and the straps over the shoulders.
static func _leather() -> Builder:
	var made := Builder.new()
	made.paint(LEATHER)
	var front: Array[Vector2] = [Vector2(0.285, -0.6), Vector2(0.258, -0.35)]
	for point in _smooth(OUTLINE):
		if point.x > 0.15 and point.y > -0.15 and point.y < 0.4:
			front.append(point + Vector2(0.016, 0.0))
	_lathe(made, front, 1.02)
	for side: float in [-1.0, 1.0]:
		_strap(made, side)
	made.paint(0x2c1f15)
	var belt: Array[Vector2] = [Vector2(0.25, -0.115), Vector2(0.25, -0.065)]
	_lathe(made, belt, PI)
	made.paint(0xb08a3a)
	made.box(Vector3(0.06, 0.05, 0.02), Vector3(0.0, -0.09, 0.176))
	return made


static func _legs() -> Builder:
	var made := Builder.new()
	for side: float in [-1.0, 1.0]:
		made.paint(TROUSERS)
		made.cylinder(0.105, 0.085, 0.78, Vector3(side * 0.115, 0.49, -0.01))
		made.paint(0x2e1d12)
		made.ball(Vector3(0.15, 0.2, 0.34), Vector3(side * 0.12, 0.07, 0.045))
	return made


## From the apron over the shoulder to the back.
static func _strap(into: Builder, side: float) -> void:
	var way := Curve3D.new()
	for point: Vector3 in [
		Vector3(0.135, 0.36, 0.178),
		Vector3(0.14, 0.46, 0.155),
		Vector3(0.15, 0.535, 0.06),
		Vector3(0.15, 0.54, -0.06),
		Vector3(0.12, 0.42, -0.17),
		Vector3(0.05, 0.1, -0.165),
	]:
		way.add_point(point * Vector3(side, 1.0, 1.0))
	for i in range(1, way.point_count - 1):
		var along := (way.get_point_position(i + 1) - way.get_point_position(i - 1)) / 6.0
		way.set_point_in(i, -along)
		way.set_point_out(i, along)
	var points := way.tessellate_even_length(4, 0.025)
	for i in points.size() - 1:
		var along := points[i + 1] - points[i]
		var turn := Quaternion(Vector3.UP, along.normalized()).get_euler()
		into.capsule(0.018, along.length(), (points[i] + points[i + 1]) / 2.0, turn)


## A surface that turns the outline around the y axis, over [param half] to both sides of the front.
static func _lathe(into: Builder, outline: Array[Vector2], half: float) -> void:
	const COLUMNS := 36
	var vertices := PackedVector3Array()
	var normals := PackedVector3Array()
	var indices := PackedInt32Array()
	for row in outline.size():
		var point := outline[row]
		var along := outline[mini(row + 1, outline.size() - 1)] - outline[maxi(row - 1, 0)]
		for column in COLUMNS + 1:
			var angle := -half + 2.0 * half * column / COLUMNS
			var out := Vector3(sin(angle), 0.0, cos(angle))
			vertices.append((out * point.x + Vector3(0.0, point.y, 0.0)) * Vector3(1, 1, DEPTH))
			var normal := out * along.y - Vector3(0.0, along.x, 0.0)
			normals.append((normal / Vector3(1.0, 1.0, DEPTH)).normalized())
			if row and column:
				var i := vertices.size() - 1
				var low := i - COLUMNS - 1
				indices.append_array([low - 1, i - 1, i, low - 1, i, low])
	into.add_surface(vertices, normals, indices)


## Two rounds of corner cutting.
static func _smooth(line: Array[Vector2]) -> Array[Vector2]:
	var points := line
	for turn in 2:
		var cut: Array[Vector2] = [points[0]]
		for i in points.size() - 1:
			cut.append(points[i].lerp(points[i + 1], 0.25))
			cut.append(points[i].lerp(points[i + 1], 0.75))
		cut.append(points[-1])
		points = cut
	return points
