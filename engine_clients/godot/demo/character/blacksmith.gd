## The blacksmith: animates his body and head by mood, gestures, emotion, gaze and the face's mouth.
extends Node3D

const Body := preload("body.gd")
const Head := preload("head.gd")
const Poses := preload("poses.gd")
## Seconds in which a joint goes half of its way; other joints take 0.13 s.
const HALF_LIVES_S: Dictionary[StringName, float] = {
	&"head_nod": 0.07,
	&"head_turn": 0.12,
	&"brows": 0.07,
	&"smile": 0.12,
	&"look_up": 0.03,
	&"look_aside": 0.03,
}
const EMOTION_LASTS_S := 4.0
## Of life: a face that is read from two metres.
const HEAD_SIZE := 1.16
const MAX_HEAD_TURN := 0.75
const BLINK_S := 0.16

var body := Body.new()
var head := Head.new()
var mood := &"idle"
## The point of the world that he looks at.
var gaze := Vector3(0.0, 1.6, 0.0)

var _now: Dictionary[StringName, float] = {}
var _target: Dictionary[StringName, float] = {}
var _gestures: Dictionary[String, float] = {}
var _emotion := ""
var _emotion_strength := 1.0
var _emotion_until_s := 0.0
var _noise := FastNoiseLite.new()
var _dice := RandomNumberGenerator.new()
var _time_s := 0.0
var _next_blink_s := 1.5
var _blink_since_s := -1.0
var _next_glance_s := 0.0
var _glance := Vector2.ZERO
var _loudness := 0.0


func _init() -> void:
	name = "Blacksmith"
	_noise.frequency = 0.5
	_dice.seed = 41
	add_child(body)
	body.neck.add_child(head)
	head.scale = Vector3.ONE * HEAD_SIZE
	head.position = Vector3(0.0, 0.125, 0.03)
	for joint in Poses.JOINTS:
		_now[joint] = Poses.REST.get(joint, 0.0)
		_target[joint] = 0.0


## Makes the gesture that this word of the wire means, if he knows it.
func gesture(word: String) -> void:
	var known := Poses.gesture_named(word)
	if known:
		_gestures[known] = _time_s


func feel(emotion: String, strength: float) -> void:
	if Poses.EMOTIONS.has(emotion):
		_emotion = emotion
		_emotion_strength = strength
		_emotion_until_s = _time_s + EMOTION_LASTS_S


func _process(delta: float) -> void:
	_time_s += delta
	var face := head.skins[0]
	var voiced := 1.0 if mood == &"talking" else 0.0
	voiced *= 1.0 - face.get_blend_shape_value(0)
	_loudness += (voiced - _loudness) * minf(1.0, 8.0 * delta)
	_aim()
	for joint in Poses.JOINTS:
		var half: float = HALF_LIVES_S.get(joint, 0.13)
		_now[joint] += (_target[joint] - _now[joint]) * (1.0 - 0.5 ** (delta / half))
	_apply()
	head.follow_mouth()


## Computes where each joint should be.
func _aim() -> void:
	for joint in Poses.JOINTS:
		_target[joint] = Poses.REST.get(joint, 0.0)
	Poses.add(Poses.STANCES[mood], 1.0, _target)
	# A body at rest is never quite still; hands and head move with the voice.
	_drift(&"chest_sway", 0.05, 0.35, 1)
	_drift(&"chest_turn", 0.08 + 0.05 * _loudness, 0.25, 2)
	_drift(&"head_tilt", 0.06 + 0.1 * _loudness, 0.5, 3)
	_drift(&"head_nod", 0.04 + 0.12 * _loudness, 0.6 + 1.7 * _loudness, 4)
	_drift(&"left_swing", 0.08 + 0.3 * _loudness, 0.4, 5)
	_drift(&"right_swing", 0.08 + 0.3 * _loudness, 0.4, 6)
	_drift(&"left_elbow", 0.7 * _loudness, 0.8, 7)
	_drift(&"right_elbow", 0.7 * _loudness, 0.7, 8)
	_drift(&"left_twist", 0.6 * _loudness, 0.6, 9)
	_drift(&"right_twist", 0.6 * _loudness, 0.5, 10)
	_drift(&"brows", 0.7 * _loudness, 0.9, 11)
	if _time_s < _emotion_until_s:
		Poses.add(Poses.EMOTIONS[_emotion], _emotion_strength, _target)
	for playing: String in _gestures.keys():
		var seconds: float = Poses.GESTURES[playing][&"seconds"]
		var t := (_time_s - _gestures[playing]) / seconds
		if t < 1.0:
			Poses.add_gesture(playing, t, _target)
		else:
			_gestures.erase(playing)
	_look()


func _drift(joint: StringName, size: float, speed: float, number: int) -> void:
	_target[joint] += size * _noise.get_noise_2d(_time_s * speed * 2.0, number * 37.0)


## Turns head and eyes together towards the gaze; the eyes also make small jumps.
func _look() -> void:
	var eyes := head.to_global(Vector3(0.0, 0.02, 0.08)) if is_inside_tree() else Vector3.UP * 1.8
	var away := global_basis.inverse() * (gaze - eyes) if is_inside_tree() else Vector3.BACK
	var aside := atan2(away.x, away.z)
	var up := atan2(away.y, Vector2(away.x, away.z).length())
	if _time_s >= _next_glance_s:
		_glance = Vector2(_dice.randf() - 0.5, _dice.randf() - 0.5) * Vector2(0.07, 0.05)
		_next_glance_s = _time_s + 0.6 + 1.8 * _dice.randf()
	var turn := clampf(aside * 0.75, -MAX_HEAD_TURN, MAX_HEAD_TURN)
	var attention := 0.4 if mood == &"thinking" else 1.0
	_target[&"head_turn"] += turn * attention
	_target[&"head_nod"] -= up * 0.6
	_target[&"chest_turn"] += 0.15 * aside
	_target[&"look_aside"] += (aside - turn) * attention + _glance.x
	_target[&"look_up"] += up * 0.4 + _glance.y


func _blink() -> float:
	if _time_s >= _next_blink_s:
		_blink_since_s = _time_s
		_next_blink_s = _time_s + 1.4 + 3.6 * _dice.randf()
	var t := (_time_s - _blink_since_s) / BLINK_S
	return sin(PI * t) ** 0.7 if t < 1.0 else 0.0


func _apply() -> void:
	body.breathe(0.5 + 0.5 * sin(_time_s * 1.5))
	var lean := _now[&"chest_lean"]
	var turn := _now[&"chest_turn"]
	body.chest.rotation = Vector3(lean, turn, _now[&"chest_sway"])
	body.neck.rotation = Vector3(_now[&"head_nod"] - lean * 0.6, _now[&"head_turn"] - turn, _now[&"head_tilt"])
	_bend(body.arms[0], &"left", 1.0)
	_bend(body.arms[1], &"right", -1.0)
	head.express(
		clampf(_now[&"brows"], -1.0, 1.0),
		clampf(_now[&"smile"], -1.0, 1.0),
		_blink(),
		Vector2(_now[&"look_aside"], _now[&"look_up"])
	)


func _bend(arm: Array, side: StringName, sign_of_side: float) -> void:
	var shoulder: Node3D = arm[0]
	var elbow: Node3D = arm[1]
	var wrist: Node3D = arm[2]
	shoulder.rotation = Vector3(
		-_now[StringName(side + "_swing")],
		sign_of_side * _now[StringName(side + "_twist")],
		-sign_of_side * _now[StringName(side + "_out")]
	)
	elbow.rotation.x = -_now[StringName(side + "_elbow")]
	wrist.rotation.x = -_now[StringName(side + "_wrist")]
