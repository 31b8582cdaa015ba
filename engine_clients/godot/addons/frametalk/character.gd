@icon("res://addons/frametalk/icons/character.svg")
class_name FrametalkCharacter
extends Node
## The character's voice: an [AudioStreamPlayer3D], [AudioStreamPlayer2D] or [AudioStreamPlayer].
##
## Without [member voice] it makes a player of the kind that fits its parent: 3D below a [Node3D], 2D below a
## [CanvasItem]. A session without a character node makes a plain player.

## The character begins to be heard, or has ended.
signal speaking_changed(speaking: bool)

## The session; empty: the one above it, or the first of the scene tree.
@export var session: FrametalkSession
## The player of the voice; its stream is replaced. Empty: it makes one.
@export var voice: Node:
	set(value):
		voice = value
		update_configuration_warnings()
## The audio bus of a player that it makes.
@export var bus: StringName = &"Master":
	set(value):
		bus = value
		update_configuration_warnings()
## The voice's volume.
@export_range(-80.0, 24.0, 0.1, "suffix:dB") var volume_db: float = 0.0
## By how much the voice is lowered while the player may be speaking over it.
@export_range(-40.0, 0.0, 0.1, "suffix:dB") var duck_db: float = -12.0

## Whether the character is heard.
var speaking: bool = false
## Whether the voice is lowered now.
var ducked: bool = false


## The player that plays the voice; null before it is ready.
func player() -> Node:
	return null
