@tool
@icon("res://addons/frametalk/icons/face.svg")
class_name FrametalkFace
extends Node
## Moves the mouth of one or more meshes with the sound.
##
## It finds the meshes' blend shapes by the names of the 15 shapes and their aliases, else by ARKit's names, else by
## VRM's. [method validate] says what is missing.

## The weights of this frame were applied; in the order of [constant FrametalkMouth.VISEMES].
signal weights_changed(weights: PackedFloat32Array)

## Which blend shapes of the meshes are used.
enum Kind { NONE, VISEMES, ARKIT, VRM }

const Faces := preload("core/faces.gd")
const Visemes := preload("core/visemes.gd")
const PRIORITY := 100  # after the session and the game's nodes
## ARKit's blend shapes as those of an XRFaceTracker.
const TRACKED: Dictionary[String, int] = {
	"jawOpen": XRFaceTracker.FT_JAW_OPEN,
	"mouthFunnel": XRFaceTracker.FT_LIP_FUNNEL,
	"mouthLowerDownLeft": XRFaceTracker.FT_MOUTH_LOWER_DOWN_LEFT,
	"mouthLowerDownRight": XRFaceTracker.FT_MOUTH_LOWER_DOWN_RIGHT,
	"mouthPressLeft": XRFaceTracker.FT_MOUTH_PRESS_LEFT,
	"mouthPressRight": XRFaceTracker.FT_MOUTH_PRESS_RIGHT,
	"mouthPucker": XRFaceTracker.FT_LIP_PUCKER,
	"mouthRollLower": XRFaceTracker.FT_LIP_SUCK_LOWER,
	"mouthRollUpper": XRFaceTracker.FT_LIP_SUCK_UPPER,
	"mouthSmileLeft": XRFaceTracker.FT_MOUTH_SMILE_LEFT,
	"mouthSmileRight": XRFaceTracker.FT_MOUTH_SMILE_RIGHT,
	"mouthStretchLeft": XRFaceTracker.FT_MOUTH_STRETCH_LEFT,
	"mouthStretchRight": XRFaceTracker.FT_MOUTH_STRETCH_RIGHT,
	"mouthUpperUpLeft": XRFaceTracker.FT_MOUTH_UPPER_UP_LEFT,
	"mouthUpperUpRight": XRFaceTracker.FT_MOUTH_UPPER_UP_RIGHT,
	"tongueOut": XRFaceTracker.FT_TONGUE_OUT,
}

## The session; empty: the one above it, or the first of the scene tree.
@export var session: FrametalkSession
## Meshes with blend shapes. Empty: all below the parent.
@export var meshes: Array[MeshInstance3D] = []:
	set(value):
		meshes = value
		update_configuration_warnings()
## The strength of single shapes, by the names of the 15 shapes; 1 where it has none.
@export var gains: Dictionary[String, float] = {}:
	set(value):
		gains = value
		_gain = _gain_of()
## The strength of all.
@export_range(0.0, 2.0, 0.01) var gain: float = 1.0:
	set(value):
		gain = value
		_gain = _gain_of()
## Blend shapes of your own, by the names of the 15 shapes: they come before those that are found.
@export var custom: Dictionary[String, String] = {}:
	set(value):
		custom = value
		update_configuration_warnings()
## The name of an [XRFaceTracker] that gets the weights too, for an avatar that follows one; empty: none.
@export var tracker: StringName = &""

## The weights that were applied last, with gains; in the order of [constant FrametalkMouth.VISEMES].
var weights: PackedFloat32Array = []

var _maps: Array[Faces] = []
var _mapped: Array[MeshInstance3D] = []
var _gain: PackedFloat32Array = _gain_of()
var _tracker: XRFaceTracker = null
var _applied: Array[PackedFloat32Array] = []


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	process_priority = PRIORITY
	weights.resize(Visemes.NAMES.size())
	weights[0] = 1.0


func _ready() -> void:
	set_process(false)
	if Engine.is_editor_hint():
		return
	if session == null:
		session = FrametalkSession.of(self)
	if session == null:
		push_warning("%s has no FrametalkSession" % get_path())
		return
	refresh()
	set_process(true)


func _exit_tree() -> void:
	if _tracker:
		XRServer.remove_tracker(_tracker)
		_tracker = null


func _process(_delta: float) -> void:
	var began_us := Time.get_ticks_usec()
	if not is_instance_valid(session):
		return
	apply(session.mouth.weights())
	session.link.count_cost(began_us)


func _get_configuration_warnings() -> PackedStringArray:
	var warnings := PackedStringArray()
	if FrametalkSession.of(self) == null and session == null:
		warnings.append("It needs a FrametalkSession: above it, or in `session`.")
	warnings.append_array(validate())
	return warnings


## Which blend shapes of a mesh are used.
func kind_of(mesh: MeshInstance3D) -> Kind:
	var map: Faces = Faces.of(names_of(mesh), custom)
	return map.kind as int as Kind


## What is missing, in words; empty: nothing.
func validate() -> PackedStringArray:
	var wrong := PackedStringArray()
	var found := _meshes()
	if found.is_empty() and not tracker:
		wrong.append("There is no mesh: name some in `meshes`, or put them below the parent.")
	for mesh in found:
		var names := names_of(mesh)
		var map: Faces = Faces.of(names, custom)
		if names.is_empty():
			wrong.append("%s has no blend shapes." % mesh.name)
		elif map.kind == Faces.Kind.NONE:
			wrong.append("%s has no blend shapes of a mouth that are known; name them in `custom`." % mesh.name)
		elif not map.missing.is_empty():
			wrong.append("%s has no blend shape for %s." % [mesh.name, ", ".join(map.missing)])
		for shape: String in custom:
			if not names.has(custom[shape]):
				wrong.append("%s has no blend shape %s (custom %s)." % [mesh.name, custom[shape], shape])
	for shape: String in custom:
		if StringName(shape) not in Visemes.NAMES:
			wrong.append("`custom` names a shape %s; there are %s." % [shape, ", ".join(Visemes.NAMES)])
	return wrong


## Find the meshes and their blend shapes again, after a change of meshes.
func refresh() -> void:
	_maps.clear()
	_mapped.clear()
	_applied.clear()
	for mesh in _meshes():
		var map: Faces = Faces.of(names_of(mesh), custom)
		if not map.targets.is_empty():
			_maps.append(map)
			_mapped.append(mesh)
			_applied.append(PackedFloat32Array())


## Show these weights, which the session's mouth gives in every frame.
func apply(shapes: PackedFloat32Array) -> void:
	for i in shapes.size():
		weights[i] = shapes[i] * _gain[i]
	for m in _maps.size():
		var mesh := _mapped[m]
		if not is_instance_valid(mesh):
			continue
		var map := _maps[m]
		var values := map.values(weights)
		var before := _applied[m]
		for i in values.size():
			# Telling the renderer of a blend shape costs as much as computing it.
			if before.size() != values.size() or before[i] != values[i]:
				mesh.set_blend_shape_value(map.targets[i], minf(1.0, values[i]))
		_applied[m] = values.duplicate()
	if tracker:
		_track()
	weights_changed.emit(weights)


## Names of a mesh's blend shapes, in order.
static func names_of(mesh: MeshInstance3D) -> PackedStringArray:
	var names := PackedStringArray()
	if mesh and mesh.mesh:
		for i in mesh.get_blend_shape_count():
			names.append(_name_of(mesh.mesh, i))
	return names


static func _name_of(mesh: Mesh, number: int) -> String:
	return str(mesh.call(&"get_blend_shape_name", number)) if mesh is ArrayMesh else ""


func _meshes() -> Array[MeshInstance3D]:
	var found: Array[MeshInstance3D] = []
	for mesh in meshes:
		if mesh:
			found.append(mesh)
	if found.is_empty() and get_parent():
		if get_parent() is MeshInstance3D:
			found.append(get_parent())
		for node in get_parent().find_children("*", "MeshInstance3D", true, false):
			var mesh: MeshInstance3D = node
			if mesh.mesh is ArrayMesh and mesh.get_blend_shape_count() > 0:
				found.append(mesh)
	return found


func _gain_of() -> PackedFloat32Array:
	var all := PackedFloat32Array()
	for shape in Visemes.NAMES:
		all.append(gain * gains.get(str(shape), 1.0))
	return all


func _track() -> void:
	if _tracker == null:
		_tracker = XRFaceTracker.new()
		_tracker.name = tracker
		XRServer.add_tracker(_tracker)
	var values := Faces.translate(Visemes.ARKIT, weights)
	for name: String in TRACKED:
		var number := TRACKED[name] as XRFaceTracker.BlendShapeEntry
		_tracker.set_blend_shape(number, values.get(name, 0.0))
