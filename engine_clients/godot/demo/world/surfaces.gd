## The tavern's materials; their textures are painted by noise, so nothing is loaded.
extends RefCounted

const SIZE := 192

static var _made: Dictionary[String, Material] = {}


static func wood() -> Material:
	return _textured("wood", _board)


static func stone() -> Material:
	return _textured("stone", _stone)


static func plaster() -> Material:
	return _textured("plaster", _lime)


static func iron() -> Material:
	return _painted("iron", 0.45, 0.35)


static func things() -> Material:
	return _painted("things", 0.75, 0.0)


static func cloth() -> Material:
	return _painted("cloth", 0.9, 0.0)


## Brightness by vertex colours, without lamps: coals, flames.
static func glowing() -> Material:
	var material := _painted("glowing", 1.0, 0.0)
	material.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	return material


static func _painted(title: String, roughness: float, metallic: float) -> StandardMaterial3D:
	if not _made.has(title):
		var material := StandardMaterial3D.new()
		material.vertex_color_use_as_albedo = true
		material.vertex_color_is_srgb = true
		material.roughness = roughness
		material.metallic = metallic
		material.metallic_specular = 0.4
		_made[title] = material
	return _made[title]


static func _textured(title: String, shade_at: Callable) -> Material:
	var material := _painted(title, 0.85, 0.0)
	if not material.albedo_texture:
		var noise := FastNoiseLite.new()
		noise.noise_type = FastNoiseLite.TYPE_VALUE_CUBIC
		noise.frequency = 1.0
		noise.fractal_octaves = 3
		var image := Image.create(SIZE, SIZE, true, Image.FORMAT_RGB8)
		for y in SIZE:
			for x in SIZE:
				var value: float = shade_at.call(float(x) / SIZE, float(y) / SIZE, noise)
				image.set_pixel(x, y, Color(value, value * 0.975, value * 0.94))
		image.generate_mipmaps()
		material.albedo_texture = ImageTexture.create_from_image(image)
		material.texture_filter = BaseMaterial3D.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS_ANISOTROPIC
	return material


## Noise of 0 to 1 that repeats where [param u] and [param v] are whole numbers.
static func _repeating(noise: FastNoiseLite, u: float, v: float, scale: Vector2) -> float:
	var x := u - floorf(u)
	var y := v - floorf(v)
	var a := noise.get_noise_2d(x * scale.x, y * scale.y)
	var b := noise.get_noise_2d((x - 1.0) * scale.x, y * scale.y)
	var c := noise.get_noise_2d(x * scale.x, (y - 1.0) * scale.y)
	var d := noise.get_noise_2d((x - 1.0) * scale.x, (y - 1.0) * scale.y)
	return 0.5 + 0.5 * lerpf(lerpf(a, b, x), lerpf(c, d, x), y)


## Boards along u, four to the square, with grain and a dark gap between them.
static func _board(u: float, v: float, noise: FastNoiseLite) -> float:
	var board := floorf(v * 4.0)
	var within := v * 4.0 - board
	var gap := 0.45 if minf(within, 1.0 - within) < 0.03 else 1.0
	var bend := _repeating(noise, u + 0.21 * board, v, Vector2(3.0, 3.0))
	var rings := 0.5 + 0.5 * sin((v * 36.0 + bend * 8.0) * PI)
	var grain := _repeating(noise, u, v, Vector2(4.0, 64.0))
	var tone := 0.5 + 0.5 * sin(board * 2.4)
	return gap * (0.66 + 0.2 * tone + 0.1 * rings + 0.22 * (grain - 0.5))


## Rough stones in courses, each of its own grey.
static func _stone(u: float, v: float, noise: FastNoiseLite) -> float:
	var wobble := _repeating(noise, u, v, Vector2(8.0, 8.0)) - 0.5
	var row := floorf(v * 6.0)
	var across := u * 4.0 + (0.5 if int(row) % 2 else 0.0) + 0.16 * wobble
	var x := across - floorf(across)
	var y := clampf(v * 6.0 - row + 0.16 * wobble, 0.0, 1.0)
	var edge := minf(minf(x, 1.0 - x) * 1.4, minf(y, 1.0 - y))
	var joint := clampf(edge / 0.09, 0.0, 1.0)
	var own := 0.5 + 0.5 * sin(fmod(floorf(across), 4.0) * 3.7 + row * 2.3)
	var rough := _repeating(noise, u, v, Vector2(20.0, 20.0))
	return (0.38 + 0.62 * joint) * (0.55 + 0.3 * own + 0.4 * (rough - 0.5))


## Lime plaster, uneven and a little stained.
static func _lime(u: float, v: float, noise: FastNoiseLite) -> float:
	var fine := _repeating(noise, u, v, Vector2(32.0, 32.0))
	var stain := _repeating(noise, u, v, Vector2(4.0, 4.0))
	return clampf(0.8 + 0.12 * (fine - 0.5) + 0.4 * (stain - 0.5), 0.0, 1.0)
