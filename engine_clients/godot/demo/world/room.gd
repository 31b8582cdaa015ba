## The tavern's walls, hearth, furniture and light, which no tool changes.
extends Node3D

const Builder := preload("builder.gd")
const Surfaces := preload("surfaces.gd")
const LEFT := -3.0
const RIGHT := 3.1
const BACK := -4.0
const FRONT := 2.2
const HEIGHT := 2.9
const DARK_OAK := 0x54412f
const OAK := 0x8f6f4c

var _fire := OmniLight3D.new()
var _flicker := FastNoiseLite.new()
var _time_s := 0.0


func _init() -> void:
	name = "Room"
	add_child(_walls().mesh_of(Surfaces.plaster(), "Walls"))
	add_child(_timber().mesh_of(Surfaces.wood(), "Timber"))
	add_child(_hearth().mesh_of(Surfaces.stone(), "Hearth"))
	add_child(_furniture().mesh_of(Surfaces.things(), "Furniture"))
	add_child(_shelves().mesh_of(Surfaces.things(), "Shelves"))
	add_child(_window().mesh_of(Surfaces.things(), "Window"))
	add_child(_coals().mesh_of(Surfaces.glowing(), "Coals"))
	add_child(_flames(Vector2(0.9, 0.75), Vector3(-1.75, 1.1, BACK + 0.62)))
	add_child(_flames(Vector2(0.05, 0.11), Vector3(0.98, 1.065, -1.6)))
	_light()


func _process(delta: float) -> void:
	_time_s += delta
	_fire.light_energy = 2.3 + 1.1 * _flicker.get_noise_1d(_time_s * 700.0)


func _light() -> void:
	_fire.light_color = Color(1.0, 0.58, 0.28)
	_fire.omni_range = 7.0
	_fire.omni_attenuation = 1.1
	_fire.position = Vector3(-1.7, 1.15, BACK + 0.95)
	add_child(_fire)
	# As if from a lamp behind the player, so that faces are lit from the front.
	_add_lamp(Color(1.0, 0.88, 0.74), 0.95, Vector3(1.4, 1.2, 4.2)).shadow_enabled = true
	_add_lamp(Color(0.5, 0.62, 1.0), 0.3, Vector3(3.0, 0.7, -0.6))
	var environment := Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color(0.08, 0.05, 0.03)
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	environment.ambient_light_color = Color(1.0, 0.86, 0.72)
	environment.ambient_light_energy = 0.4
	environment.tonemap_mode = Environment.TONE_MAPPER_FILMIC
	environment.tonemap_exposure = 1.1
	var world := WorldEnvironment.new()
	world.environment = environment
	add_child(world)


func _add_lamp(colour: Color, energy: float, from: Vector3) -> DirectionalLight3D:
	var lamp := DirectionalLight3D.new()
	lamp.light_color = colour
	lamp.light_energy = energy
	lamp.directional_shadow_mode = DirectionalLight3D.SHADOW_ORTHOGONAL
	lamp.directional_shadow_max_distance = 8.0
	lamp.basis = Basis.looking_at(-from)
	add_child(lamp)
	return lamp


static func _walls() -> Builder:
	var lime := Builder.new(1.6)
	lime.paint(0xcfc4b0, 0.45)
	var w := RIGHT - LEFT
	var d := FRONT - BACK
	var x := (LEFT + RIGHT) / 2.0
	var z := (FRONT + BACK) / 2.0
	var y := HEIGHT / 2.0
	lime.box(Vector3(w, HEIGHT, 0.1), Vector3(x, y, BACK - 0.05))
	lime.box(Vector3(w, HEIGHT, 0.1), Vector3(x, y, FRONT + 0.05))
	lime.box(Vector3(0.1, HEIGHT, d), Vector3(RIGHT + 0.05, y, z))
	lime.box(Vector3(0.1, HEIGHT, -BACK - 1.55), Vector3(LEFT - 0.05, y, (BACK - 1.55) / 2.0))
	lime.box(Vector3(0.1, HEIGHT, FRONT + 0.45), Vector3(LEFT - 0.05, y, (FRONT - 0.45) / 2.0))
	lime.box(Vector3(0.1, HEIGHT - 2.1, 1.1), Vector3(LEFT - 0.05, 1.05 + y, -1.0))
	return lime


static func _timber() -> Builder:
	var wood := Builder.new(1.2)
	var w := RIGHT - LEFT
	var d := FRONT - BACK
	var x := (LEFT + RIGHT) / 2.0
	var z := (FRONT + BACK) / 2.0
	wood.paint(OAK)
	wood.box(Vector3(w, 0.1, d), Vector3(x, -0.05, z))
	wood.paint(0x4a3828)
	wood.box(Vector3(w, 0.08, d), Vector3(x, HEIGHT + 0.04, z))
	wood.paint(DARK_OAK)
	for at: float in [-3.2, -1.9, -0.6, 0.7]:
		wood.box(Vector3(w, 0.2, 0.18), Vector3(x, HEIGHT - 0.1, at))
	for at: float in [LEFT + 0.08, -0.55, 0.95, RIGHT - 0.08]:
		wood.box(Vector3(0.16, HEIGHT, 0.14), Vector3(at, HEIGHT / 2.0, BACK + 0.06))
	wood.box(Vector3(RIGHT + 0.7, 0.16, 0.1), Vector3((RIGHT - 0.7) / 2.0, 0.95, BACK + 0.05))
	for at: float in [-2.6, 0.9]:
		wood.box(Vector3(0.14, HEIGHT, 0.16), Vector3(RIGHT - 0.06, HEIGHT / 2.0, at))
	# The frame of the door, and the post that carries the torch.
	for at: float in [-1.56, -0.44]:
		wood.box(Vector3(0.18, 2.2, 0.12), Vector3(LEFT, 1.1, at))
	wood.box(Vector3(0.18, 0.14, 1.24), Vector3(LEFT, 2.16, -1.0))
	wood.box(Vector3(0.2, HEIGHT, 0.2), Vector3(1.62, HEIGHT / 2.0, -2.12))
	# Shelves, and the table.
	wood.paint(OAK)
	for at: float in [1.55, 1.95]:
		wood.box(Vector3(1.3, 0.04, 0.26), Vector3(2.05, at, BACK + 0.2))
	wood.box(Vector3(0.9, 0.05, 0.56), Vector3(0.62, 0.865, -1.42))
	wood.paint(DARK_OAK)
	for sx: float in [-0.37, 0.37]:
		for sz: float in [-0.2, 0.2]:
			wood.box(Vector3(0.07, 0.84, 0.07), Vector3(0.62 + sx, 0.42, -1.42 + sz))
	return wood


static func _hearth() -> Builder:
	var stone := Builder.new(0.9)
	stone.paint(0x8d8880, 0.3)
	var z := BACK + 0.45
	stone.box(Vector3(1.9, 0.78, 0.9), Vector3(-1.75, 0.39, z))
	for side: float in [-0.81, 0.81]:
		stone.box(Vector3(0.28, 0.9, 0.9), Vector3(-1.75 + side, 1.22, z))
	stone.box(Vector3(2.0, 0.22, 1.0), Vector3(-1.75, 1.76, z))
	stone.box(Vector3(1.3, 1.1, 0.7), Vector3(-1.75, 2.4, BACK + 0.35))
	stone.paint(0x2a2320)
	stone.box(Vector3(1.4, 0.9, 0.06), Vector3(-1.75, 1.22, BACK + 0.06))
	return stone


static func _furniture() -> Builder:
	var made := Builder.new()
	# The anvil on its block.
	made.paint(0x5b3d25, 0.4)
	made.cylinder(0.2, 0.24, 0.52, Vector3(-0.95, 0.26, -2.75))
	made.paint(0x4a4d52)
	made.box(Vector3(0.24, 0.1, 0.18), Vector3(-0.95, 0.57, -2.75))
	made.box(Vector3(0.1, 0.12, 0.12), Vector3(-0.95, 0.67, -2.75))
	made.paint(0x5c6066)
	made.box(Vector3(0.44, 0.1, 0.15), Vector3(-0.93, 0.77, -2.75))
	made.cylinder(0.015, 0.07, 0.26, Vector3(-0.59, 0.78, -2.75), Vector3(0.0, 0.0, -PI / 2.0))
	# Barrels in the corners.
	for at: Vector2 in [Vector2(2.6, -3.55), Vector2(-2.55, 0.4), Vector2(2.62, 0.3)]:
		made.paint(0x8a5a31, 0.15)
		made.cylinder(0.24, 0.27, 0.34, Vector3(at.x, 0.57, at.y))
		made.paint(0x7a4e2a, 0.4)
		made.cylinder(0.27, 0.24, 0.34, Vector3(at.x, 0.23, at.y))
		made.paint(0x3b3d40)
		for y: float in [0.14, 0.4, 0.66]:
			made.ring(0.262, 0.012, Vector3(at.x, y, at.y))
	# A stool, and a candle on the table.
	made.paint(OAK)
	made.cylinder(0.17, 0.17, 0.05, Vector3(1.9, 0.46, -0.9))
	made.paint(DARK_OAK)
	for leg in 3:
		var out := Vector3(0.12, 0.0, 0.0).rotated(Vector3.UP, leg * TAU / 3.0)
		made.cylinder(0.02, 0.02, 0.46, Vector3(1.9, 0.22, -0.9) + out, Vector3.ZERO, 8)
	made.paint(0xefe3c4)
	made.cylinder(0.022, 0.026, 0.12, Vector3(0.98, 0.95, -1.6), Vector3.ZERO, 12)
	made.paint(0x8a6a32)
	made.cylinder(0.05, 0.055, 0.015, Vector3(0.98, 0.895, -1.6), Vector3.ZERO, 16)
	return made


## Mugs and bottles on the shelves, tools on the wall behind the smith.
static func _shelves() -> Builder:
	var made := Builder.new()
	var glazes := [0xc9b48a, 0x587b52, 0x8b4d3b, 0xb48a4a, 0x4f6f86]
	for i in 9:
		var at := Vector3(1.5 + (i % 5) * 0.26, (1.57 if i < 5 else 1.97) + 0.08, BACK + 0.2)
		made.paint(glazes[(i * 3) % 5])
		if i % 2:
			made.cylinder(0.03, 0.055, 0.2, at, Vector3.ZERO, 14)
		else:
			made.cylinder(0.055, 0.05, 0.13, at, Vector3.ZERO, 14)
	for tool: Vector2 in [Vector2(0.05, 0.5), Vector2(0.25, 0.42), Vector2(0.45, 0.55)]:
		made.paint(0x6d4a2c)
		made.cylinder(0.012, 0.014, tool.y, Vector3(tool.x, 1.85 - tool.y / 2.0, BACK + 0.12))
		made.paint(0x55585d)
		made.box(Vector3(0.09, 0.06, 0.05), Vector3(tool.x, 1.85, BACK + 0.12))
	made.paint(DARK_OAK)
	made.box(Vector3(0.7, 0.05, 0.04), Vector3(0.25, 1.93, BACK + 0.12))
	return made


## The window with the night behind it.
static func _window() -> Builder:
	var made := Builder.new()
	made.paint(0x27406e)
	made.box(Vector3(0.01, 0.8, 0.7), Vector3(RIGHT - 0.005, 1.65, -2.35))
	made.paint(DARK_OAK)
	for y: float in [1.22, 1.65, 2.08]:
		made.box(Vector3(0.06, 0.05, 0.8), Vector3(RIGHT - 0.02, y, -2.35))
	for z: float in [-2.72, -2.35, -1.98]:
		made.box(Vector3(0.06, 0.86, 0.05), Vector3(RIGHT - 0.02, 1.65, z))
	return made


static func _coals() -> Builder:
	var heap := Builder.new()
	var dice := RandomNumberGenerator.new()
	dice.seed = 5
	for i in 46:
		var hot := dice.randf()
		heap.colour = Color(0.75 + 0.25 * hot, 0.16 + 0.5 * hot * hot, 0.05 + 0.1 * hot)
		var size := 0.06 + 0.07 * dice.randf()
		var at := Vector3(dice.randf_range(-0.6, 0.6), 0.0, dice.randf_range(-0.25, 0.28))
		heap.ball(Vector3(size, size * 0.6, size), at + Vector3(-1.75, 0.8, BACK + 0.5))
	return heap


static func _flames(size: Vector2, at: Vector3) -> MeshInstance3D:
	var plane := QuadMesh.new()
	plane.size = size
	var burning := MeshInstance3D.new()
	burning.mesh = plane
	burning.position = at
	var material := ShaderMaterial.new()
	material.shader = preload("flames.gdshader")
	burning.material_override = material
	return burning
