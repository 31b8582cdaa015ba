## The blacksmith's head: skin, beard and hair with mouth shapes, eyes that turn and close, brows, teeth.
extends Node3D

const Shape := preload("head_shape.gd")
const HeadMesh := preload("head_mesh.gd")

## The meshes that have the blend shapes, the face first.
var skins: Array[MeshInstance3D] = []

var _balls: Array[MeshInstance3D] = []
var _upper_lids: Array[MeshInstance3D] = []
var _lower_lids: Array[MeshInstance3D] = []
var _brows: Array[MeshInstance3D] = []
var _lower_teeth: MeshInstance3D
var _tongue: MeshInstance3D
var _opening := PackedFloat32Array()


func _init() -> void:
	name = "Head"
	var made := HeadMesh.new()
	_add_skin("Face", made.face(), _paint(0.68))
	var fur := _paint(0.95)
	fur.cull_mode = BaseMaterial3D.CULL_DISABLED
	_add_skin("Beard", made.layer(Shape.beard, 0.021, HeadMesh.HAIR, 11), fur)
	_add_skin("Moustache", made.layer(Shape.moustache, 0.0085, HeadMesh.HAIR, 17), fur)
	_add_skin("Hair", made.layer(Shape.hair, 0.014, HeadMesh.HAIR, 23), fur)
	for mouth: String in Shape.MOUTHS:
		_opening.append(Shape.MOUTHS[mouth].get(Shape.Move.OPEN, 0.0))
	_add_mouth()
	for side: float in [-1.0, 1.0]:
		_add_eye(side)
		var ear := _sphere(0.5, 16)
		var at := Transform3D(Basis.from_scale(Vector3(0.018, 0.052, 0.034)), Vector3(side * 0.082, 0.004, -0.008))
		_add("Ear", ear, _plain(HeadMesh.BLUSH.lerp(HeadMesh.SKIN, 0.6), 0.8)).transform = at
		var brow := CapsuleMesh.new()
		brow.radius = 0.0048
		brow.height = 0.04
		_brows.append(_add("Brow", brow, _plain(HeadMesh.HAIR.lerp(HeadMesh.GREY, 0.2), 0.95)))
	var neck := CylinderMesh.new()
	neck.top_radius = 0.056
	neck.bottom_radius = 0.078
	neck.height = 0.12
	_add("Neck", neck, _plain(HeadMesh.SKIN * 0.9, 0.8)).position = Vector3(0.0, -0.148, -0.026)
	express(0.0, 0.0, 0.0, Vector2.ZERO)


## Moves teeth and tongue as far as the blend shapes of the face open the jaw.
func follow_mouth() -> void:
	var open := 0.0
	for i in _opening.size():
		open += _opening[i] * skins[0].get_blend_shape_value(i)
	_lower_teeth.position.y = Shape.MOUTH_Y - 0.0075 - 0.017 * open
	_tongue.position.y = Shape.MOUTH_Y - 0.013 - 0.012 * open


## Brows (-1 knitted to 1 raised), smile (-1 to 1), lids (0 open to 1 shut), and where the eyes look, in
## radians right and up.
func express(brows: float, smile: float, shut: float, look: Vector2) -> void:
	for mesh in skins:
		var smiles := mesh.find_blend_shape_by_name(&"smile")
		mesh.set_blend_shape_value(smiles, maxf(0.0, smile))
		mesh.set_blend_shape_value(smiles + 1, maxf(0.0, -smile))
	for i in 2:
		var side := -1.0 if i == 0 else 1.0
		_balls[i].rotation = Vector3(-look.y, look.x, 0.0)
		_upper_lids[i].rotation.x = -0.42 + 0.95 * shut - look.y * 0.6 * (1.0 - shut)
		_lower_lids[i].rotation.x = PI + 0.52 - 0.35 * shut
		var knitted := maxf(0.0, -brows)
		_brows[i].position = Vector3(side * (0.031 - 0.003 * knitted), 0.0455 + 0.008 * brows, 0.0945 - 0.002 * brows)
		var slope := 0.03 - 0.35 * knitted + 0.12 * maxf(0.0, brows)
		_brows[i].rotation = Vector3(0.0, side * 0.42, PI / 2.0 + side * slope)


func _add_skin(title: String, mesh: ArrayMesh, material: Material) -> void:
	skins.append(_add(title, mesh, material))


func _add_eye(side: float) -> void:
	var eye := Node3D.new()
	eye.name = "Eye"
	eye.position = Shape.EYE * Vector3(side, 1.0, 1.0)
	add_child(eye)
	var ball := _sphere(Shape.EYE_RADIUS, 32)
	var iris := ShaderMaterial.new()
	iris.shader = preload("eye.gdshader")
	_balls.append(_add("Ball", ball, iris, eye))
	var glint := _sphere(0.0016, 8)
	var white := _plain(Color.WHITE, 1.0)
	white.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	_add("Glint", glint, white, eye).position = Vector3(0.004, 0.005, ball.radius * 0.93)
	var lid := _sphere(Shape.EYE_RADIUS * 1.06, 24)
	lid.is_hemisphere = true
	lid.height = lid.radius
	var lidded := _plain(HeadMesh.SKIN * 0.86, 0.8)
	lidded.cull_mode = BaseMaterial3D.CULL_DISABLED
	_upper_lids.append(_add("UpperLid", lid, lidded, eye))
	_lower_lids.append(_add("LowerLid", lid, lidded, eye))


func _add_mouth() -> void:
	var ball := _sphere(0.5, 20)
	var dark := _plain(Color(0x2a0b0cff), 1.0)
	dark.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	dark.cull_mode = BaseMaterial3D.CULL_FRONT
	var cavity := _add("Cavity", ball, dark)
	cavity.position = Vector3(0.0, Shape.MOUTH_Y - 0.008, 0.055)
	cavity.scale = Vector3(0.064, 0.06, 0.064)
	var white := _plain(Color(0xece3d0ff), 0.3)
	white.cull_mode = BaseMaterial3D.CULL_DISABLED
	_add("UpperTeeth", _teeth(0.0225), white).position = Vector3(0, Shape.MOUTH_Y + 0.0016, 0.066)
	_lower_teeth = _add("LowerTeeth", _teeth(0.0205), white)
	_lower_teeth.position = Vector3(0.0, Shape.MOUTH_Y - 0.0075, 0.064)
	_tongue = _add("Tongue", ball, _plain(Color(0xb4534fff), 0.5))
	_tongue.position = Vector3(0.0, Shape.MOUTH_Y - 0.013, 0.057)
	_tongue.scale = Vector3(0.032, 0.013, 0.04)


static func _sphere(radius: float, segments: int) -> SphereMesh:
	var mesh := SphereMesh.new()
	mesh.radius = radius
	mesh.height = 2.0 * radius
	mesh.radial_segments = segments
	mesh.rings = segments >> 1
	return mesh


## The front part of a ring.
static func _teeth(radius: float) -> ArrayMesh:
	var tool := SurfaceTool.new()
	tool.begin(Mesh.PRIMITIVE_TRIANGLE_STRIP)
	for step in 25:
		var angle := -1.05 + 2.1 * step / 24.0
		var out := Vector3(sin(angle), 0.0, cos(angle))
		for y: float in [0.00325, -0.00325]:
			tool.set_normal(out)
			tool.add_vertex(out * radius + Vector3(0.0, y, 0.0))
	return tool.commit()


func _add(title: String, mesh: Mesh, material: Material, parent: Node3D = self) -> MeshInstance3D:
	var instance := MeshInstance3D.new()
	instance.name = title
	instance.mesh = mesh
	instance.material_override = material
	parent.add_child(instance)
	return instance


static func _paint(roughness: float) -> StandardMaterial3D:
	var material := _plain(Color.WHITE, roughness)
	material.vertex_color_use_as_albedo = true
	material.vertex_color_is_srgb = true
	return material


static func _plain(colour: Color, roughness: float) -> StandardMaterial3D:
	var material := StandardMaterial3D.new()
	material.albedo_color = Color(colour, 1.0)
	material.roughness = roughness
	material.metallic_specular = 0.3
	return material
