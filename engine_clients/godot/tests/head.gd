extends Node3D
## A mesh with the 15 mouth shapes, and the face that moves them.

const Visemes := preload("res://addons/frametalk/core/visemes.gd")

var mesh := MeshInstance3D.new()
var face := FrametalkFace.new()


func _init(session: FrametalkSession, names: PackedStringArray = []) -> void:
	if names.is_empty():
		for shape in Visemes.NAMES:
			names.append("viseme_%s" % shape)
	mesh.mesh = mesh_of(names)
	face.session = session
	add_child(mesh)
	add_child(face)


## A triangle that has these blend shapes.
static func mesh_of(names: PackedStringArray) -> ArrayMesh:
	var made := ArrayMesh.new()
	for name in names:
		made.add_blend_shape(name)
	var arrays := []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = PackedVector3Array([Vector3.ZERO, Vector3.RIGHT, Vector3.UP])
	var shapes: Array[Array] = []
	for i in names.size():
		var shape := []
		shape.resize(Mesh.ARRAY_MAX)
		shape[Mesh.ARRAY_VERTEX] = PackedVector3Array([Vector3.ZERO, Vector3.RIGHT * (i + 2), Vector3.UP])
		shapes.append(shape)
	made.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays, shapes)
	return made
