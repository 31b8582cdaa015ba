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

## The session; empty: the one above it, or the first of the scene tree.
@export var session: FrametalkSession
## Meshes with blend shapes. Empty: all below the parent.
@export var meshes: Array[MeshInstance3D] = []:
	set(value):
		meshes = value
		update_configuration_warnings()
## The strength of single shapes, by the names of the 15 shapes; 1 where it has none.
@export var gains: Dictionary[String, float] = {}
## The strength of all.
@export_range(0.0, 2.0, 0.01) var gain: float = 1.0
## Blend shapes of your own, by the names of the 15 shapes: they come before those that are found.
@export var custom: Dictionary[String, String] = {}
## The name of an [XRFaceTracker] that gets the weights too, for an avatar that follows one; empty: none.
@export var tracker: StringName = &""

## The weights that were applied last, with gains; in the order of [constant FrametalkMouth.VISEMES].
var weights: PackedFloat32Array = []


## Which blend shapes of a mesh are used.
func kind_of(_mesh: MeshInstance3D) -> Kind:
	return Kind.NONE


## What is missing, in words; empty: nothing.
func validate() -> PackedStringArray:
	return PackedStringArray()


## Find the meshes and their blend shapes again, after a change of meshes.
func remap() -> void:
	pass
