## Renders the blacksmith's mouth and the tavern, compares how far the mouth is open, and saves the pictures.
##   godot4-gl --path . --script tests/pictures/pictures.gd -- FOLDER
## Prints "ok NAME" or "FAIL NAME: why" for each check, and "N passed, N failed" at the end.
extends SceneTree

const Head := preload("res://demo/character/head.gd")
const Room := preload("res://demo/world/room.gd")
const Stage := preload("res://demo/stage.gd")
const Hud := preload("res://demo/hud.gd")
const Game := preload("res://demo/game.gd")
const CLOSE_UP := Vector2i(480, 480)
const WIDE := Vector2i(1280, 720)
## Fewer pixels than this of a close-up are a mouth that is shut.
const SHUT_PIXELS := 40

var _folder := ""
var _passed := 0
var _failed := 0


func _init() -> void:
	_run.call_deferred()


func _run() -> void:
	_folder = OS.get_cmdline_user_args()[0]
	DirAccess.make_dir_recursive_absolute(_folder)
	await _mouths()
	await _tavern()
	print("%d passed, %d failed" % [_passed, _failed])
	quit(1 if _failed else 0)


## Closed lips, a narrow vowel and a wide one, as the renderer shows them.
func _mouths() -> void:
	var head := _close_up()
	var open: Dictionary[String, int] = {}
	for shape: String in ["sil", "PP", "FF", "ih", "ou", "oh", "E", "aa"]:
		for skin in head.skins:
			for i in skin.get_blend_shape_count():
				skin.set_blend_shape_value(i, 0.0)
			skin.set_blend_shape_value(skin.find_blend_shape_by_name(shape), 1.0)
		head.follow_mouth()
		var image := await _picture("mouth_%s" % shape.to_lower(), CLOSE_UP)
		open[shape] = _dark_pixels(image)
	print("pixels of the open mouth: ", open)
	_check("lips_are_shut_at_rest", open["sil"] < SHUT_PIXELS, str(open["sil"]))
	_check("lips_are_shut_on_PP", open["PP"] < SHUT_PIXELS, str(open["PP"]))
	_check("FF_is_nearly_shut", open["FF"] < open["ih"], "%d, ih %d" % [open["FF"], open["ih"]])
	_check("aa_is_the_widest", open.values().max() == open["aa"], str(open))
	_check("aa_is_open", open["aa"] > 20 * SHUT_PIXELS, str(open["aa"]))
	_check("ou_is_rounder_than_E", open["ou"] < open["E"], "%d, E %d" % [open["ou"], open["E"]])
	head.get_parent().free()


## The whole tavern, with the smith speaking and giving a key, and what is shown over it.
func _tavern() -> void:
	var session := FrametalkSession.new()
	session.auto_connect = false
	root.add_child(session)
	var game := Game.new()
	var stage := Stage.new(game)
	root.add_child(stage)
	stage.player.camera.current = true
	stage.player.position.z = -0.2
	stage.player.walk(stage.player.position)
	var before := await _picture("tavern_at_rest", WIDE)
	var hud := _hud(session)
	var given := FrametalkCall.new()
	given.name = "give"
	given.args = {"target": "golden_key"}
	game.carry_out(given.args, given)
	stage.blacksmith.mood = &"talking"
	for skin in stage.blacksmith.head.skins:
		skin.set_blend_shape_value(skin.find_blend_shape_by_name("E"), 0.8)
	_converse(session)
	Engine.time_scale = 0.35
	for frame in 60:
		await process_frame
		if stage.blacksmith.body.grip.get_child_count() == 0 or stage.blacksmith.body.arms[0][0].rotation.x < -0.75:
			break
	var after := await _picture("tavern", WIDE)
	Engine.time_scale = 1.0
	_check("the_tavern_is_lit", _mean(before) > 0.15 and _mean(before) < 0.6, "%.2f" % _mean(before))
	var changed := _changed_pixels(before, after)
	_check("the_smith_gives_the_key", changed > 2000, "%d pixels changed" % changed)
	var draws := Performance.get_monitor(Performance.RENDER_TOTAL_DRAW_CALLS_IN_FRAME)
	_check("few_draw_calls", draws < 200, "%d" % draws)
	var overlay := after.get_region(Rect2i(hud.overlay.get_global_rect()))
	overlay.save_png(_folder.path_join("overlay.png"))
	_check("the_waterfall_is_drawn", _coloured_pixels(overlay) > 500, "%d" % _coloured_pixels(overlay))
	for node: Node in [hud, stage, session]:
		node.free()


func _hud(session: FrametalkSession) -> Hud:
	var microphone := FrametalkMicrophone.new()
	microphone.fed_by_game = true
	session.add_child(microphone)
	var hud := Hud.new(session, microphone)
	root.add_child(hud)
	hud.overlay.show()
	return hud


## What a session says in a conversation; there is no server here.
func _converse(session: FrametalkSession) -> void:
	session.welcome = {"character": "blacksmith"}
	session.state = FrametalkSession.State.OPEN
	for stages: Dictionary in [
		{
			"capture": 12.0,
			"endpoint_wait": 352.0,
			"recognition": 61.0,
			"voice_first_sound": 44.0,
			"client_buffer": 46.0
		},
		{"capture": 14.0, "endpoint_wait": 338.0, "sending": 4.0, "client_buffer": 45.0, "audible_onset": 9.0},
	]:
		var rows := stages.keys().map(func(stage: String) -> Dictionary: return {"stage": stage, "ms": stages[stage]})
		var sum: float = stages.values().reduce(func(a: float, b: float) -> float: return a + b)
		var trace := {"turn": session.traces.size() + 1, "mouth_to_ear_ms": sum, "stages": rows, "ready": sum < 450.0}
		session.traces.append(trace)
		session.trace.emit(trace)
	session.transcript.emit("give me the golden key", 22, true)
	session.reply_begun.emit(1, 1)
	session.caption.emit("The golden key. It is yours.", 1)
	for word: String in ["The", "golden", "key."]:
		session.word.emit(word, 1)


func _close_up() -> Head:
	var set_up := Node3D.new()
	root.add_child(set_up)
	var head := Head.new()
	head.express(0.1, 0.1, 0.0, Vector2.ZERO)
	set_up.add_child(head)
	var camera := Camera3D.new()
	camera.fov = 24.0
	set_up.add_child(camera)
	camera.look_at_from_position(Vector3(0.1, -0.01, 0.7), Vector3(0.0, -0.012, 0.0))
	camera.current = true
	var lamp := DirectionalLight3D.new()
	lamp.light_energy = 0.9
	lamp.light_color = Color(1.0, 0.93, 0.84)
	lamp.rotation_degrees = Vector3(-28.0, 34.0, 0.0)
	set_up.add_child(lamp)
	var environment := Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color(0.36, 0.3, 0.25)
	environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	environment.ambient_light_color = Color(1.0, 0.9, 0.8)
	environment.ambient_light_energy = 0.4
	var world := WorldEnvironment.new()
	world.environment = environment
	set_up.add_child(world)
	return head


func _picture(title: String, size: Vector2i) -> Image:
	root.size = size
	for frame in 3:
		await process_frame
	await RenderingServer.frame_post_draw
	var image := root.get_texture().get_image()
	image.save_png(_folder.path_join(title + ".png"))
	return image


func _check(title: String, ok: bool, why: String) -> void:
	if ok:
		_passed += 1
		print("ok ", title)
	else:
		_failed += 1
		print("FAIL %s: %s" % [title, why])


## Pixels of the cavity behind the lips: dark, and more red than anything else.
static func _dark_pixels(image: Image) -> int:
	var count := 0
	for y in range(int(image.get_height() * 0.5), int(image.get_height() * 0.85)):
		for x in range(int(image.get_width() * 0.25), int(image.get_width() * 0.75)):
			var pixel := image.get_pixel(x, y)
			if pixel.r < 0.25 and pixel.r > 2.5 * pixel.g and pixel.r > 2.5 * pixel.b:
				count += 1
	return count


static func _changed_pixels(a: Image, b: Image) -> int:
	var count := 0
	for y in range(0, a.get_height(), 2):
		for x in range(0, a.get_width(), 2):
			var before := a.get_pixel(x, y)
			var after := b.get_pixel(x, y)
			if absf(before.get_luminance() - after.get_luminance()) > 0.1:
				count += 4
	return count


static func _coloured_pixels(image: Image) -> int:
	var count := 0
	for y in image.get_height():
		for x in image.get_width():
			if image.get_pixel(x, y).s > 0.25 and image.get_pixel(x, y).v > 0.4:
				count += 1
	return count


static func _mean(image: Image) -> float:
	var small := image.duplicate()
	small.resize(1, 1, Image.INTERPOLATE_TRILINEAR)
	return small.get_pixel(0, 0).get_luminance()
