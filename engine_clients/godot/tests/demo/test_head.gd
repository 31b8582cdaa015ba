extends "res://tests/case.gd"
## The blacksmith's head: its shapes are those of the wire, and they open and close the mouth.

const Shape := preload("res://demo/character/head_shape.gd")
const HeadMesh := preload("res://demo/character/head_mesh.gd")
const Head := preload("res://demo/character/head.gd")

## A point in the middle of each lip.
const LIP := Vector3(0.0, Shape.MOUTH_Y, 0.09)


## How far apart a mouth shape moves the middles of the lips, in millimetres.
func opening_mm(shape: String) -> float:
	var gap := 0.0
	for move: int in Shape.MOUTHS[shape]:
		var weight: float = Shape.MOUTHS[shape][move]
		gap += weight * (Shape.moves(LIP, true)[move].y - Shape.moves(LIP, false)[move].y)
	return gap * 1000.0


func test_it_has_the_15_shapes_of_the_wire_in_their_order() -> void:
	var page := FileAccess.get_file_as_string(
		ProjectSettings.globalize_path("res://").path_join("../../protocols/visemes.json")
	)
	var names: Array = JSON.parse_string(page)["visemes"]
	same(Shape.MOUTHS.keys().slice(0, 15), names)


func test_vowels_open_the_mouth_and_closures_do_not() -> void:
	check(opening_mm("aa") > 20.0, "aa opens by %.1f mm" % opening_mm("aa"))
	check(opening_mm("aa") > opening_mm("E") and opening_mm("E") > opening_mm("ih"), "aa, E, ih")
	check(opening_mm("PP") < 0.0, "PP presses the lips together: %.1f mm" % opening_mm("PP"))
	check(opening_mm("FF") < opening_mm("aa") / 4.0, "FF is nearly closed")


func test_every_mesh_of_the_face_has_every_shape() -> void:
	var head := Head.new()
	add_child(head)
	for skin in head.skins:
		for shape: String in Shape.MOUTHS:
			check(skin.find_blend_shape_by_name(shape) >= 0, "%s has %s" % [skin.name, shape])


func test_the_face_node_finds_its_shapes() -> void:
	var session := FrametalkSession.new()
	session.auto_connect = false
	add_child(session)
	var head := Head.new()
	add_child(head)
	var face := FrametalkFace.new()
	face.session = session
	face.meshes = head.skins
	add_child(face)
	face.refresh()
	same(face.validate(), PackedStringArray(), "nothing is missing")
	same(face.kind_of(head.skins[0]), FrametalkFace.Kind.VISEMES)


func test_the_face_is_closed_behind() -> void:
	var mesh := HeadMesh.new().face()
	check(mesh.get_aabb().size.length() > 0.25, "life size")
	check(mesh.surface_get_array_len(0) > 5000, "fine enough for lips")


func test_teeth_follow_the_jaw() -> void:
	var head := Head.new()
	add_child(head)
	var teeth: Node3D = head.get_node("LowerTeeth")
	head.follow_mouth()
	var shut := teeth.position.y
	head.skins[0].set_blend_shape_value(head.skins[0].find_blend_shape_by_name(&"aa"), 1.0)
	head.follow_mouth()
	check(teeth.position.y < shut - 0.01, "they go down with the jaw")
