class_name FrametalkMouth
extends RefCounted
## The character's mouth: the weights of the 15 shapes for the sample that leaves the loudspeaker now.
##
## [FrametalkFace] applies them to meshes. Read them after the session in the frame ([code]process_priority[/code]
## above 0, or [code]_process[/code] of a node that is not in front of the session).

## Names of the 15 shapes, in the order of [method weights].
const VISEMES: Array[StringName] = Visemes.NAMES

const MouthCurve := preload("core/mouth_curve.gd")
const Faces := preload("core/faces.gd")
const LipClock := preload("core/lip_clock.gd")
const Marks := preload("core/marks.gd")
const Visemes := preload("core/visemes.gd")
const LONGEST_FRAME_US := 1_000_000  # a longer time means that the game stood still
const SMOOTHED := 0.1

## The reply whose mouth is shown; -1 before the first.
var reply: int:
	get:
		return _clock.read(0, 0)[0] if _clock else -1
## The sample of that reply's clock that is heard now.
var sample: float:
	get:
		return _clock.read(Time.get_ticks_usec(), 0)[1] if _clock else 0.0
## How far the newest poses were from the sound, in milliseconds; positive: the mouth was ahead.
var drift_ms: float = 0.0
## The frame time that the calls of [method weights] show, in milliseconds; 0 before the second call.
var frame_ms: float = 0.0

var _clock: LipClock = null
var _curves: Dictionary[int, MouthCurve] = {}
var _pose := PackedFloat32Array()
var _at_us: int = 0  # the newest pose: when, of which reply, at which sample
var _shown: int = -1
var _sample: float = 0.0


func _init() -> void:
	_pose.resize(VISEMES.size())
	_pose[0] = 1.0


## The weights now, 0 to 1, adding up to 1; in the order of [constant VISEMES]. At rest before and after a reply.
func weights() -> PackedFloat32Array:
	var now_us := Time.get_ticks_usec()
	if _clock == null or now_us == _at_us:
		return _pose
	var found := _clock.read(now_us, _at_us)
	if found[0] == _shown:
		_look_back(found[3], found[2])
	_count(now_us)
	_shown = found[0]
	_sample = found[1]
	var curve: MouthCurve = _curves.get(_shown)
	if curve:
		curve.weights(_sample, found[2], _pose)
	return _pose


## The weights now as ARKit blend shapes by name.
func arkit() -> Dictionary[String, float]:
	return Faces.translate(Visemes.ARKIT, weights())


## The weights now as VRM 1.0 expressions by name.
func vrm() -> Dictionary[String, float]:
	return Faces.translate(Visemes.VRM, weights())


## For the session alone: where its replies' clocks are.
func follow(clock: LipClock) -> void:
	_clock = clock
	_curves.clear()
	_shown = -1


## For the session alone: a reply begins.
func begin(id: int, rate_hz: int) -> void:
	# The previous reply's mouth may still be closing.
	for other: int in _curves.keys():
		if other != _shown:
			_curves.erase(other)
	_curves[id] = MouthCurve.new(rate_hz)


## For the session alone: marks of a reply.
func add(id: int, marks: Marks) -> void:
	if _curves.has(id):
		_curves[id].add(marks)


## Compare the pose before with what is known by now of that moment.
func _look_back(heard: float, cut: float) -> void:
	if _sample > 0.0 and cut < 0.0 and _curves.has(_shown):
		var ahead_ms: float = (_sample - heard) * 1000.0 / _curves[_shown].rate_hz
		drift_ms += (ahead_ms - drift_ms) * SMOOTHED


func _count(now_us: int) -> void:
	var passed_us := now_us - _at_us
	_at_us = now_us
	if passed_us < LONGEST_FRAME_US:
		var passed_ms := passed_us / 1000.0
		frame_ms = passed_ms if frame_ms == 0.0 else frame_ms + SMOOTHED * (passed_ms - frame_ms)
