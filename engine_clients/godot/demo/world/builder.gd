## Collects coloured shapes of one material into one mesh: a headset counts draw calls.
extends RefCounted

## Colour of the shapes that are added next.
var colour := Color.WHITE
## How much darker the lowest vertices are than the highest, 0 to 1: light that does not reach down.
var shade := 0.0

var _metres_per_tile: float
var _vertices := PackedVector3Array()
var _normals := PackedVector3Array()
var _uvs := PackedVector2Array()
var _colours := PackedColorArray()
var _indices := PackedInt32Array()


## [param metres_per_tile]: how much of the world one square of the texture covers.
func _init(metres_per_tile := 1.0) -> void:
	_metres_per_tile = metres_per_tile


func paint(hex: int, new_shade := 0.0) -> void:
	colour = Color.hex((hex << 8) | 0xff)
	shade = new_shade


func box(size: Vector3, at: Vector3, turn := Vector3.ZERO) -> void:
	var mesh := BoxMesh.new()
	mesh.size = size
	add(mesh, at, turn)


func cylinder(top: float, bottom: float, height: float, at: Vector3, turn := Vector3.ZERO, sides := 20) -> void:
	var mesh := CylinderMesh.new()
	mesh.top_radius = top
	mesh.bottom_radius = bottom
	mesh.height = height
	mesh.radial_segments = sides
	mesh.rings = 1
	add(mesh, at, turn)


## A ball; a box of [param size] contains it.
func ball(size: Vector3, at: Vector3, turn := Vector3.ZERO) -> void:
	var mesh := SphereMesh.new()
	mesh.radius = 0.5
	mesh.height = 1.0
	mesh.radial_segments = 16
	mesh.rings = 8
	add(mesh, at, turn, size)


func capsule(radius: float, length: float, at: Vector3, turn := Vector3.ZERO) -> void:
	var mesh := CapsuleMesh.new()
	mesh.radius = radius
	mesh.height = length + 2.0 * radius
	mesh.radial_segments = 12
	mesh.rings = 3
	add(mesh, at, turn)


## A ring that lies flat before it is turned.
func ring(radius: float, tube: float, at: Vector3, turn := Vector3.ZERO) -> void:
	var mesh := TorusMesh.new()
	mesh.inner_radius = radius - tube
	mesh.outer_radius = radius + tube
	mesh.rings = 24
	mesh.ring_segments = 8
	add(mesh, at, turn)


func add(mesh: PrimitiveMesh, at: Vector3, turn: Vector3, size := Vector3.ONE) -> void:
	var arrays := mesh.get_mesh_arrays()
	var vertices: PackedVector3Array = arrays[Mesh.ARRAY_VERTEX]
	var normals: PackedVector3Array = arrays[Mesh.ARRAY_NORMAL]
	add_surface(vertices, normals, arrays[Mesh.ARRAY_INDEX], at, turn, size)


func add_surface(
	vertices: PackedVector3Array,
	normals: PackedVector3Array,
	indices: PackedInt32Array,
	at := Vector3.ZERO,
	turn := Vector3.ZERO,
	size := Vector3.ONE
) -> void:
	var first := _vertices.size()
	var turned := Basis.from_euler(turn)
	var placed := Transform3D(turned * Basis.from_scale(size), at)
	var bounds := AABB(vertices[0], Vector3.ZERO)
	for vertex in vertices:
		bounds = bounds.expand(vertex)
	# Boards lie along the longest side.
	var upright := bounds.size.y > maxf(bounds.size.x, bounds.size.z)
	for i in vertices.size():
		var v := vertices[i]
		var lit := 1.0 - shade * (1.0 - (v.y - bounds.position.y) / maxf(bounds.size.y, 1e-6))
		_colours.append(Color(colour * lit, 1.0))
		var uv := _side(v, normals[i])
		_uvs.append((Vector2(uv.y, uv.x) if upright else uv) / _metres_per_tile)
		_normals.append((turned * (normals[i] / size)).normalized())
		_vertices.append(placed * v)
	for index in indices:
		_indices.append(first + index)


func mesh_of(material: Material, title: String) -> MeshInstance3D:
	var arrays := []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = _vertices
	arrays[Mesh.ARRAY_NORMAL] = _normals
	arrays[Mesh.ARRAY_TEX_UV] = _uvs
	arrays[Mesh.ARRAY_COLOR] = _colours
	arrays[Mesh.ARRAY_INDEX] = _indices
	var mesh := ArrayMesh.new()
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
	var instance := MeshInstance3D.new()
	instance.name = title
	instance.mesh = mesh
	instance.material_override = material
	return instance


## Texture coordinates in metres: the vertex seen along the axis that its normal is nearest to.
static func _side(v: Vector3, normal: Vector3) -> Vector2:
	match normal.abs().max_axis_index():
		Vector3.AXIS_X:
			return Vector2(v.z, v.y)
		Vector3.AXIS_Y:
			return Vector2(v.x, v.z)
	return Vector2(v.x, v.y)
