## The player: a camera that looks and walks on a desktop, and follows the head in a headset.
extends XROrigin3D

## A trigger is pulled, to talk.
signal talk_pressed
## It is let go.
signal talk_released

const EYE_HEIGHT_M := 1.62
const SPEED_M_S := 1.6
const LOOK_RAD := 0.004
const REACH_M := 8.0

var camera := XRCamera3D.new()
## Whether a headset shows the tavern.
var in_headset := false

var _belt := Node3D.new()
## The hand that points; null without a headset.
var _hand: XRController3D
var _goal := Vector3.ZERO
var _looking := false
var _turn := Vector2(0.0, -0.07)


func _init() -> void:
	name = "Player"
	camera.position.y = EYE_HEIGHT_M
	camera.fov = 55.0
	camera.rotation.x = -0.07
	camera.near = 0.05
	add_child(camera)
	camera.add_child(_belt)
	_belt.position = Vector3(0.42, -0.3, -0.8)


## Shows the tavern in a headset if there is one. [param interface_name]: [code]OpenXR[/code], or another of Godot's.
func enter_headset(interface_name: String) -> bool:
	var interface := XRServer.find_interface(interface_name)
	if interface == null or not (interface.is_initialized() or interface.initialize()):
		return false
	get_viewport().use_xr = true
	in_headset = true
	_belt.position = Vector3(-0.2, -0.35, -0.4)
	for tracker: StringName in [&"left_hand", &"right_hand"]:
		_hand = XRController3D.new()
		_hand.tracker = tracker
		_hand.button_pressed.connect(_on_button.bind(talk_pressed))
		_hand.button_released.connect(_on_button.bind(talk_released))
		add_child(_hand)
	return true


## Shows a layer of the screen on a panel in front of the player, for a headset.
func show_panel(layer: CanvasLayer) -> void:
	var viewport := SubViewport.new()
	viewport.size = Vector2i(1280, 720)
	viewport.transparent_bg = true
	add_child(viewport)
	layer.reparent(viewport)
	layer.show()
	var quad := QuadMesh.new()
	quad.size = Vector2(1.6, 0.9)
	var material := StandardMaterial3D.new()
	material.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	material.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	material.albedo_texture = viewport.get_texture()
	var panel := MeshInstance3D.new()
	panel.mesh = quad
	panel.material_override = material
	panel.position = Vector3(0.0, 1.25, -1.4)
	panel.rotation.x = -0.35
	add_child(panel)


## Walks by this vector, kept inside the room.
func walk(by: Vector3) -> void:
	_goal += by
	_goal.x = clampf(_goal.x, -2.6, 2.7)
	_goal.z = clampf(_goal.z, -1.3, 1.8)


## Takes a thing: it hangs at the edge of the view, or at the belt.
func take(thing: Node3D) -> void:
	if thing.get_parent() == _belt:
		return
	thing.reparent(_belt, false)
	thing.position = Vector3(0.0, 0.0, 0.1) + 0.11 * (_belt.get_child_count() - 1) * Vector3.RIGHT
	thing.rotation = Vector3.ZERO
	thing.scale = Vector3.ONE * 0.5
	thing.show()


## The nearest of the nodes in the middle of the view, or under the mouse; null if there is none.
func pointed_at(nodes: Array[Node3D]) -> Node3D:
	var eye: Node3D = camera
	if _hand and _hand.get_is_active():
		eye = _hand
	var from := eye.global_position
	var along := -eye.global_basis.z
	if not in_headset and DisplayServer.get_name() != "headless":
		along = camera.project_ray_normal(get_viewport().get_mouse_position())
	var nearest: Node3D = null
	var best := 0.985
	for node in nodes:
		var away := node.global_position - from
		var straight := along.dot(away.normalized())
		if straight > best and away.length() < REACH_M:
			best = straight
			nearest = node
	return nearest


func _on_button(button: String, pulled: Signal) -> void:
	if button == "trigger_click":
		pulled.emit()


func _process(delta: float) -> void:
	var typing := get_viewport().gui_get_focus_owner() is LineEdit
	if not in_headset and not typing:
		var keys := Input.get_vector(&"ui_left", &"ui_right", &"ui_up", &"ui_down")
		walk(Vector3(keys.x, 0.0, keys.y).rotated(Vector3.UP, _turn.x) * SPEED_M_S * delta)
	position = position.lerp(_goal, 1.0 - 0.5 ** (delta / 0.25))


func _unhandled_input(event: InputEvent) -> void:
	if in_headset:
		return
	if event is InputEventMouseButton:
		var button: InputEventMouseButton = event
		if button.button_index == MOUSE_BUTTON_RIGHT:
			_looking = button.pressed
	elif event is InputEventMouseMotion and _looking:
		var motion: InputEventMouseMotion = event
		_turn -= motion.relative * LOOK_RAD
		_turn.y = clampf(_turn.y, -1.2, 1.2)
		camera.rotation = Vector3(_turn.y, _turn.x, 0.0)
