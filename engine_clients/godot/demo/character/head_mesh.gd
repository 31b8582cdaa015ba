## Makes the meshes of the blacksmith's head: a grid over the face, cut open where the lips meet, with a
## blend shape for every mouth shape, and layers of beard and hair that move with it.
extends RefCounted

const Shape := preload("head_shape.gd")
const COLUMNS := 88
const ROWS := 72
const SKIN := Color(0xd59a72ff)
const LIPS := Color(0xb0584eff)
const BLUSH := Color(0xc8694fff)
const HAIR := Color(0x4a3021ff)
const GREY := Color(0x8d8078ff)

var _points := PackedVector3Array()
var _above := PackedByteArray()
var _faces := PackedInt32Array()
var _normals := PackedVector3Array()
var _noise := FastNoiseLite.new()


func _init() -> void:
	_noise.noise_type = FastNoiseLite.TYPE_VALUE
	_noise.frequency = 1.0
	_make_grid()
	_normals = _normals_of(_points, _faces)


## The skin, with the colours of lips, cheeks and nose.
func face() -> ArrayMesh:
	var colours := PackedColorArray()
	for point in _points:
		colours.append(_complexion(point))
	return _morphing(_points, _normals, _above, _faces, colours)


## A layer over the skin, as thick (metres) as [param mask] says: beard, moustache, hair.
func layer(mask: Callable, thickness: float, colour: Color, seed_number: int) -> ArrayMesh:
	_noise.seed = seed_number
	var keep := PackedFloat32Array()
	for point in _points:
		keep.append(mask.call(point))
	var index: Dictionary[int, int] = {}
	var points := PackedVector3Array()
	var above := PackedByteArray()
	var colours := PackedColorArray()
	var faces := PackedInt32Array()
	for i in range(0, _faces.size(), 3):
		if maxf(maxf(keep[_faces[i]], keep[_faces[i + 1]]), keep[_faces[i + 2]]) <= 0.02:
			continue
		for corner in 3:
			var from := _faces[i + corner]
			if not index.has(from):
				index[from] = points.size()
				var p := _points[from]
				var strands := 0.6 * _value(p.x * 420.0, p.y * 60.0)
				strands += 0.4 * _value(p.x * 160.0, p.y * 160.0)
				var out := -0.001
				if keep[from] > 0.02:
					out = thickness * keep[from] * (0.65 + 0.6 * strands)
				points.append(p + _normals[from] * out + Vector3(0.0, -0.25 * maxf(0.0, out), 0.0))
				above.append(_above[from])
				var grey := 0.5 * _value(p.x * 200.0, p.y * 30.0) * (1.0 if p.y < 0.03 else 0.5)
				var shade := colour.lerp(GREY, 0.25 + grey) * (0.6 + 0.6 * strands)
				colours.append(Color(shade, 1.0))
			faces.append(index[from])
	return _morphing(points, _normals_of(points, faces), above, faces, colours)


func _make_grid() -> void:
	var mouth_row := roundi(ROWS * 0.45)
	var upper: Array[PackedInt32Array] = []
	var lower: Array[PackedInt32Array] = []
	for row in ROWS + 1:
		var up := PackedInt32Array()
		var low := PackedInt32Array()
		for column in COLUMNS:
			var point := Shape.skin(_longitude(column), _latitude(row, mouth_row))
			up.append(_add(point, row >= mouth_row))
			var parts := row == mouth_row and point.z > 0.0
			parts = parts and absf(point.x) < Shape.MOUTH_HALF * 0.98
			low.append(_add(point, false) if parts else up[-1])
		upper.append(up)
		lower.append(low)
	for row in ROWS:
		for column in COLUMNS:
			var next := (column + 1) % COLUMNS
			var a := upper[row][column]
			var b := upper[row][next]
			var c := lower[row + 1][column]
			var d := lower[row + 1][next]
			_faces.append_array([a, d, b, a, c, d])


func _add(point: Vector3, above: bool) -> int:
	_points.append(point)
	_above.append(1 if above else 0)
	return _points.size() - 1


## Latitude of a row: closer together around the mouth.
func _latitude(row: int, mouth_row: int) -> float:
	var mouth := asin(Shape.MOUTH_Y / Shape.RADII.y)
	var t := float(row) / ROWS
	var middle := float(mouth_row) / ROWS
	if t < middle:
		return -PI / 2.0 + (mouth + PI / 2.0) * (1.0 - (1.0 - t / middle) ** 1.8)
	return mouth + (PI / 2.0 - mouth) * ((t - middle) / (1.0 - middle)) ** 1.45


## Longitude of a column: closer together in the middle of the face.
func _longitude(column: int) -> float:
	var t := float(column) / COLUMNS * 2.0 - 1.0
	return PI * (0.4 * t + 0.6 * t ** 3)


func _complexion(p: Vector3) -> Color:
	var colour := SKIN
	if p.z > 0.0:
		var x := absf(p.x)
		var lips := exp(-(((p.y - Shape.MOUTH_Y) / 0.0062) ** 2))
		lips *= clampf(1.2 - x / Shape.MOUTH_HALF, 0.0, 1.0)
		var cheek := exp(-(((p.y + 0.018) / 0.022) ** 2) - ((x - 0.045) / 0.018) ** 2)
		var nose := exp(-(((p.y + 0.014) / 0.015) ** 2) - (x / 0.014) ** 2)
		colour = colour.lerp(BLUSH, minf(1.0, 0.4 * cheek + 0.35 * nose)).lerp(LIPS, minf(1.0, lips))
	return Color(colour * (0.95 + 0.1 * _value(p.x * 150.0, p.y * 150.0)), 1.0)


## Noise from 0 to 1.
func _value(x: float, y: float) -> float:
	return 0.5 + 0.5 * _noise.get_noise_2d(x, y)


static func _normals_of(points: PackedVector3Array, faces: PackedInt32Array) -> PackedVector3Array:
	var normals := PackedVector3Array()
	normals.resize(points.size())
	for i in range(0, faces.size(), 3):
		var a := faces[i]
		var b := faces[i + 1]
		var c := faces[i + 2]
		var normal := (points[c] - points[a]).cross(points[b] - points[a])
		normals[a] += normal
		normals[b] += normal
		normals[c] += normal
	for i in normals.size():
		normals[i] = normals[i].normalized()
	return normals


## A mesh of the points, with a blend shape for each mouth shape of [member Shape.MOUTHS].
static func _morphing(
	points: PackedVector3Array,
	normals: PackedVector3Array,
	above: PackedByteArray,
	faces: PackedInt32Array,
	colours: PackedColorArray
) -> ArrayMesh:
	var by_move: Array[PackedVector3Array] = []
	for i in points.size():
		by_move.append(Shape.moves(points[i], above[i] == 1))
	var mesh := ArrayMesh.new()
	mesh.blend_shape_mode = Mesh.BLEND_SHAPE_MODE_NORMALIZED
	var shapes: Array[Array] = []
	for mouth: String in Shape.MOUTHS:
		mesh.add_blend_shape(mouth)
		var moved := points.duplicate()
		for move: int in Shape.MOUTHS[mouth]:
			var weight: float = Shape.MOUTHS[mouth][move]
			for i in moved.size():
				moved[i] += weight * by_move[i][move]
		var shape := []
		shape.resize(Mesh.ARRAY_TANGENT + 1)
		shape[Mesh.ARRAY_VERTEX] = moved
		shape[Mesh.ARRAY_NORMAL] = _normals_of(moved, faces)
		shapes.append(shape)
	var base := []
	base.resize(Mesh.ARRAY_MAX)
	base[Mesh.ARRAY_VERTEX] = points
	base[Mesh.ARRAY_NORMAL] = normals
	base[Mesh.ARRAY_COLOR] = colours
	base[Mesh.ARRAY_INDEX] = faces
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, base, shapes)
	return mesh
