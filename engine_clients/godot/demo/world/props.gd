## Makes the things that tools act on.
extends RefCounted

const Builder := preload("builder.gd")
const Surfaces := preload("surfaces.gd")
const Room := preload("room.gd")


## What the entity with this id looks like.
static func make(id: String) -> Node3D:
	match id:
		"door":
			return _door()
		"chest":
			return _chest()
		"torch":
			return _torch()
		"lever":
			return _lever()
		"iron_key":
			return _key(0x9aa0a8)
		"golden_key":
			return _key(0xe3b23c)
		"sword":
			return _sword()
		"map":
			return _map()
		"rope":
			return _rope()
		"letter":
			return _letter()
	return Node3D.new()


static func _door() -> Node3D:
	var panel := Builder.new(0.5)
	panel.paint(0xb0291d)
	panel.box(Vector3(0.07, 2.06, 0.98), Vector3(0.0, 1.05, 0.5))
	panel.paint(0x7d1a12)
	for y: float in [0.35, 1.75]:
		panel.box(Vector3(0.1, 0.1, 0.98), Vector3(0.0, y, 0.5))
	var fittings := Builder.new()
	fittings.paint(0x303236)
	for y: float in [0.35, 1.75]:
		fittings.box(Vector3(0.11, 0.05, 0.6), Vector3(0.0, y, 0.3))
	fittings.paint(0x45484d)
	fittings.ring(0.05, 0.012, Vector3(0.07, 1.05, 0.84), Vector3(0.0, 0.0, PI / 2.0))
	fittings.cylinder(0.035, 0.035, 0.03, Vector3(0.045, 1.05, 0.84), Vector3(0.0, 0.0, -PI / 2.0))
	var hinge := _joint("Hinge", Vector3(Room.LEFT, 0.0, -1.5))
	hinge.add_child(panel.mesh_of(Surfaces.wood(), "Panel"))
	hinge.add_child(fittings.mesh_of(Surfaces.iron(), "Fittings"))
	var outside := Builder.new()
	outside.paint(0x1c2c4c)
	outside.box(Vector3(0.02, 2.1, 1.05), Vector3(Room.LEFT - 0.13, 1.05, -1.0))
	var object := Node3D.new()
	object.add_child(hinge)
	object.add_child(outside.mesh_of(Surfaces.glowing(), "Outside"))
	return object


static func _chest() -> Node3D:
	var base := Builder.new(0.6)
	base.paint(0x8a5a2e, 0.3)
	base.box(Vector3(0.8, 0.34, 0.5), Vector3(0.0, 0.19, 0.0))
	var cover := Builder.new(0.6)
	cover.paint(0x93612f)
	cover.box(Vector3(0.82, 0.09, 0.52), Vector3(0.0, 0.045, 0.25))
	cover.box(Vector3(0.8, 0.07, 0.4), Vector3(0.0, 0.12, 0.25))
	var bands := Builder.new()
	var lid_bands := Builder.new()
	bands.paint(0x4b4e54)
	lid_bands.paint(0x4b4e54)
	for x: float in [-0.3, 0.3]:
		bands.box(Vector3(0.06, 0.36, 0.53), Vector3(x, 0.19, 0.0))
		lid_bands.box(Vector3(0.06, 0.12, 0.54), Vector3(x, 0.06, 0.25))
		lid_bands.box(Vector3(0.06, 0.09, 0.42), Vector3(x, 0.13, 0.25))
	var lock := Builder.new()
	lock.paint(0xb08a3a)
	lock.box(Vector3(0.12, 0.13, 0.04), Vector3(0.0, 0.3, 0.27))
	lock.ring(0.035, 0.01, Vector3(0.0, 0.38, 0.27), Vector3(PI / 2.0, 0.0, 0.0))
	var lid := _joint("Lid", Vector3(0.0, 0.36, -0.25))
	lid.add_child(cover.mesh_of(Surfaces.wood(), "Cover"))
	lid.add_child(lid_bands.mesh_of(Surfaces.iron(), "Bands"))
	var object := Node3D.new()
	object.position = Vector3(2.0, 0.0, -3.0)
	object.rotation.y = -0.5
	object.add_child(base.mesh_of(Surfaces.wood(), "Base"))
	object.add_child(bands.mesh_of(Surfaces.iron(), "Bands"))
	object.add_child(lid)
	object.add_child(lock.mesh_of(Surfaces.iron(), "Lock"))
	object.add_child(_treasure().mesh_of(Surfaces.iron(), "Treasure"))
	return object


static func _torch() -> Node3D:
	var stick := Builder.new()
	stick.paint(0x6d4a2c)
	stick.cylinder(0.035, 0.02, 0.42, Vector3(0.0, -0.12, 0.05), Vector3(0.35, 0.0, 0.0), 12)
	stick.paint(0x2c2420)
	stick.cylinder(0.045, 0.04, 0.1, Vector3(0.0, 0.07, 0.12), Vector3(0.35, 0.0, 0.0), 12)
	stick.paint(0x45484d)
	stick.box(Vector3(0.07, 0.05, 0.12), Vector3(0.0, -0.12, 0.0))
	var flame := Builder.new()
	flame.paint(0xffb347)
	flame.ball(Vector3(0.11, 0.19, 0.11), Vector3.ZERO)
	var glow := flame.mesh_of(Surfaces.glowing(), "Glow")
	glow.position = Vector3(0.0, 0.17, 0.14)
	var light := OmniLight3D.new()
	light.name = "Light"
	light.light_color = Color(1.0, 0.66, 0.35)
	light.omni_range = 6.0
	light.position = Vector3(-0.1, 0.25, 0.3)
	var object := Node3D.new()
	object.position = Vector3(1.55, 1.8, -2.0)
	object.add_child(stick.mesh_of(Surfaces.things(), "Stick"))
	object.add_child(glow)
	object.add_child(light)
	return object


static func _lever() -> Node3D:
	var plate := Builder.new()
	plate.paint(0x3d4045)
	plate.box(Vector3(0.05, 0.42, 0.2), Vector3.ZERO)
	plate.paint(0x54575d)
	plate.cylinder(0.05, 0.05, 0.14, Vector3(-0.05, 0.0, 0.0), Vector3(PI / 2.0, 0.0, 0.0))
	var bar := Builder.new()
	bar.paint(0x6b6f76)
	bar.cylinder(0.016, 0.02, 0.36, Vector3(0.0, 0.18, 0.0), Vector3.ZERO, 12)
	bar.paint(0xa8231a)
	bar.ball(Vector3.ONE * 0.09, Vector3(0.0, 0.38, 0.0))
	var arm := _joint("Arm", Vector3(-0.06, 0.0, 0.0))
	arm.add_child(bar.mesh_of(Surfaces.iron(), "Bar"))
	var object := Node3D.new()
	object.position = Vector3(Room.RIGHT - 0.04, 1.2, -1.0)
	object.add_child(plate.mesh_of(Surfaces.iron(), "Plate"))
	object.add_child(arm)
	return object


static func _key(hex: int) -> Node3D:
	var made := Builder.new()
	made.paint(hex)
	made.ring(0.032, 0.009, Vector3(0.0, 0.07, 0.0), Vector3(PI / 2.0, 0.0, 0.0))
	made.cylinder(0.009, 0.009, 0.13, Vector3(0.0, -0.02, 0.0), Vector3.ZERO, 12)
	made.box(Vector3(0.035, 0.012, 0.012), Vector3(0.02, -0.075, 0.0))
	made.box(Vector3(0.026, 0.012, 0.012), Vector3(0.016, -0.05, 0.0))
	return made.mesh_of(Surfaces.iron(), "Key")


static func _sword() -> Node3D:
	var made := Builder.new()
	made.paint(0xc9d2dc)
	made.box(Vector3(0.045, 0.62, 0.012), Vector3(0.0, 0.4, 0.0))
	made.paint(0x9aa4af)
	made.box(Vector3(0.014, 0.58, 0.018), Vector3(0.0, 0.38, 0.0))
	made.paint(0xb08a3a)
	made.box(Vector3(0.2, 0.03, 0.035), Vector3(0.0, 0.08, 0.0))
	made.ball(Vector3.ONE * 0.052, Vector3(0.0, -0.08, 0.0))
	made.paint(0x4a2d1a)
	made.cylinder(0.016, 0.016, 0.13, Vector3.ZERO, Vector3.ZERO, 12)
	return made.mesh_of(Surfaces.iron(), "Sword")


static func _map() -> Node3D:
	var made := Builder.new()
	made.paint(0xe0cda0)
	made.cylinder(0.022, 0.022, 0.26, Vector3.ZERO, Vector3(0.0, 0.0, PI / 2.0), 16)
	made.paint(0xa8231a)
	made.ring(0.024, 0.005, Vector3.ZERO, Vector3(0.0, 0.0, PI / 2.0))
	return made.mesh_of(Surfaces.things(), "Map")


static func _rope() -> Node3D:
	var made := Builder.new()
	made.paint(0xb79a63)
	for i in 4:
		made.ring(0.085 - i * 0.006, 0.013, Vector3(0.0, i * 0.02, 0.0))
	return made.mesh_of(Surfaces.things(), "Rope")


static func _letter() -> Node3D:
	var made := Builder.new()
	made.paint(0xf0e4c8)
	made.box(Vector3(0.16, 0.006, 0.11), Vector3.ZERO)
	made.paint(0xa8231a)
	made.cylinder(0.018, 0.018, 0.006, Vector3(0.02, 0.005, 0.01), Vector3.ZERO, 16)
	return made.mesh_of(Surfaces.things(), "Letter")


static func _treasure() -> Builder:
	var gold := Builder.new()
	gold.paint(0xf0b93a)
	var dice := RandomNumberGenerator.new()
	dice.seed = 3
	for i in 40:
		var at := Vector3(dice.randf_range(-0.3, 0.3), 0.0, dice.randf_range(-0.17, 0.17))
		at.y = 0.33 + 0.03 * dice.randf()
		gold.cylinder(0.035, 0.035, 0.01, at, Vector3(dice.randf(), 0.0, dice.randf()), 12)
	return gold


static func _joint(title: String, at: Vector3) -> Node3D:
	var joint := Node3D.new()
	joint.name = title
	joint.position = at
	return joint
