## Positions of the joints: a stance for each mood, and gestures added to it. Angles in radians.
extends RefCounted

const JOINTS: Array[StringName] = [
	&"chest_turn",
	&"chest_lean",
	&"chest_sway",
	&"head_nod",
	&"head_turn",
	&"head_tilt",
	&"left_swing",
	&"left_out",
	&"left_twist",
	&"left_elbow",
	&"left_wrist",
	&"right_swing",
	&"right_out",
	&"right_twist",
	&"right_elbow",
	&"right_wrist",
	&"brows",
	&"smile",
	&"look_up",
	&"look_aside",
]

const REST: Dictionary[StringName, float] = {
	&"left_swing": 0.02,
	&"left_out": 0.16,
	&"left_elbow": 0.35,
	&"right_swing": 0.02,
	&"right_out": 0.16,
	&"right_elbow": 0.35,
}

## What a mood adds to the rest.
const STANCES: Dictionary[StringName, Dictionary] = {
	&"idle": {&"smile": 0.12},
	&"listening": {&"chest_lean": 0.07, &"head_tilt": 0.09, &"head_nod": 0.04, &"brows": 0.25, &"smile": 0.2},
	&"thinking":
	{
		&"left_swing": 0.6,
		&"left_out": -0.28,
		&"left_twist": 0.6,
		&"left_elbow": 1.9,
		&"left_wrist": 0.25,
		&"right_swing": 0.28,
		&"right_twist": 1.1,
		&"right_elbow": 1.1,
		&"head_nod": -0.05,
		&"head_turn": 0.14,
		&"brows": -0.3,
		&"look_up": 0.22,
		&"look_aside": 0.25,
	},
	&"talking":
	{
		&"left_swing": 0.14,
		&"left_elbow": 0.5,
		&"right_swing": 0.14,
		&"right_elbow": 0.5,
		&"smile": 0.08,
	},
}

## Names of gestures that mean one of those below.
const SAME: Dictionary[String, String] = {
	"nods": "nod",
	"shakes_head": "shake",
	"shake_head": "shake",
	"shrugs": "shrug",
	"waves": "wave",
	"bows": "bow",
	"laughs": "laugh",
	"chuckles": "laugh",
	"chuckle": "laugh",
	"sighs": "sigh",
	"thinks": "think",
	"points": "point",
	"gives": "give",
	"hand_over": "give",
}

## Length in seconds, and what is added while it lasts: factor times a curve, see [method gesture].
const GESTURES: Dictionary[String, Dictionary] = {
	"nod": {&"seconds": 0.9, &"beat": {&"head_nod": 0.17}, &"beats": 2.0},
	"shake": {&"seconds": 1.1, &"beat": {&"head_turn": 0.26}, &"beats": 2.5, &"pose": {&"brows": -0.3}},
	"shrug":
	{
		&"seconds": 1.5,
		&"pose":
		{
			&"left_out": 0.35,
			&"right_out": 0.35,
			&"left_elbow": 0.95,
			&"right_elbow": 0.95,
			&"left_twist": -0.5,
			&"right_twist": -0.5,
			&"head_tilt": 0.16,
			&"brows": 0.9,
		}
	},
	"wave":
	{
		&"seconds": 1.8,
		&"pose":
		{
			&"right_swing": 1.0,
			&"right_out": 0.75,
			&"right_elbow": 1.5,
			&"smile": 0.7,
			&"brows": 0.4,
		},
		&"beat": {&"right_twist": 0.5},
		&"beats": 3.0
	},
	"bow": {&"seconds": 1.6, &"pose": {&"chest_lean": 0.42, &"head_nod": 0.25}},
	"laugh":
	{
		&"seconds": 1.7,
		&"pose": {&"chest_lean": -0.06, &"head_nod": -0.14, &"smile": 1.0, &"brows": 0.6},
		&"beat": {&"chest_lean": 0.03},
		&"beats": 6.0
	},
	"sigh": {&"seconds": 1.6, &"pose": {&"chest_lean": 0.1, &"head_nod": 0.2, &"brows": 0.3, &"smile": -0.3}},
	"think": {&"seconds": 2.2, &"pose": {&"look_up": 0.3, &"head_tilt": -0.12, &"brows": -0.4}},
	"point":
	{&"seconds": 1.8, &"pose": {&"right_swing": 1.35, &"right_out": 0.25, &"right_elbow": -0.25, &"head_nod": 0.05}},
	"give":
	{
		&"seconds": 1.7,
		&"pose":
		{
			&"left_swing": 0.95,
			&"left_out": -0.12,
			&"left_elbow": 0.35,
			&"left_wrist": -0.4,
			&"chest_lean": 0.1,
			&"smile": 0.35,
		}
	},
}

## The face for an emotion's name.
const EMOTIONS: Dictionary[String, Dictionary] = {
	"happy": {&"smile": 0.8, &"brows": 0.35},
	"sad": {&"smile": -0.7, &"brows": 0.25, &"head_nod": 0.1},
	"angry": {&"smile": -0.45, &"brows": -1.0, &"head_nod": 0.06},
	"surprised": {&"brows": 1.0, &"head_nod": -0.06},
	"afraid": {&"brows": 0.8, &"smile": -0.4, &"chest_lean": -0.06},
	"disgusted": {&"brows": -0.6, &"smile": -0.5, &"head_turn": 0.1},
	"neutral": {},
}


## The name of the gesture that this word of the wire means; "" if the blacksmith does not know it.
static func gesture_named(word: String) -> String:
	var known: String = SAME.get(word, word)
	return known if GESTURES.has(known) else ""


## Adds the part [param t] (0 to 1) of a gesture to the joints.
static func add_gesture(gesture: String, t: float, to: Dictionary[StringName, float]) -> void:
	var edge := minf(1.0, minf(t, 1.0 - t) / 0.25)
	var part := edge * edge * (3.0 - 2.0 * edge)
	add(GESTURES[gesture].get(&"pose", {}), part, to)
	var beats: float = GESTURES[gesture].get(&"beats", 0.0)
	var beat := sin(t * beats * TAU) * part
	add(GESTURES[gesture].get(&"beat", {}), maxf(0.0, beat) if gesture == "nod" else beat, to)


static func add(pose: Dictionary, weight: float, to: Dictionary[StringName, float]) -> void:
	for joint: StringName in pose:
		to[joint] += weight * float(pose[joint])
