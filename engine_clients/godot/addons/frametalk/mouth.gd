class_name FrametalkMouth
extends RefCounted
## The character's mouth: the weights of the 15 shapes for the sample that leaves the loudspeaker now.
##
## [FrametalkFace] applies them to meshes. Read them after the session in the frame ([code]process_priority[/code]
## above 0, or [code]_process[/code] of a node that is not in front of the session).

## Names of the 15 shapes, in the order of [method weights].
const VISEMES: Array[StringName] = [
	&"sil",
	&"PP",
	&"FF",
	&"TH",
	&"DD",
	&"kk",
	&"CH",
	&"SS",
	&"nn",
	&"RR",
	&"aa",
	&"E",
	&"ih",
	&"oh",
	&"ou",
]

## The reply whose mouth is shown; -1 before the first.
var reply: int = -1
## The sample of that reply's clock that is heard now.
var sample: float = 0.0
## How far the newest poses were from the sound, in milliseconds; positive: the mouth was ahead.
var drift_ms: float = 0.0
## The frame time that the calls of [method weights] show, in milliseconds; 0 before the second call.
var frame_ms: float = 0.0


## The weights now, 0 to 1, adding up to 1; in the order of [constant VISEMES]. At rest before and after a reply.
func weights() -> PackedFloat32Array:
	return PackedFloat32Array([1.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])


## The weights now as ARKit blend shapes by name.
func arkit() -> Dictionary[String, float]:
	return {}


## The weights now as VRM 1.0 expressions by name.
func vrm() -> Dictionary[String, float]:
	return {}
