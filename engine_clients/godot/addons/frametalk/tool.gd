@icon("res://addons/frametalk/icons/tool.svg")
class_name FrametalkTool
extends Node
## Something that the character can do in the game, as a node.
##
## Name a method of [member target], or extend this class and override [method _run]. The handler takes nothing,
## [code](args: Dictionary)[/code] or [code](args: Dictionary, call: FrametalkCall)[/code]; see
## [method FrametalkSession.add_tool].

## The session; empty: the one above it, or the first of the scene tree.
@export var session: FrametalkSession
## The tool's name: letters, digits, [code]_[/code] and [code]-[/code]; empty: the node's name in lower case.
@export var tool_name: String = ""
## What it does, for a language model.
@export_multiline var description: String = ""
## The arguments: JSON Schema, or names of properties with their schemas.
@export var parameters: Dictionary = {}
## Words that players use for it; the recogniser listens for them.
@export var verbs: PackedStringArray = []
## The node with the handler; empty: the parent.
@export var target: Node
## The handler's name; empty: the tool's name.
@export var method: StringName = &"":
	set(value):
		method = value
		update_configuration_warnings()
## Whether it changes the world; a tool that does not may be called for a draft of a reply.
@export var changes_world: bool = true
## How long the game may take, in milliseconds.
@export_range(1, 600_000, 1, "suffix:ms") var deadline_ms: int = 2000
## The scope that the session must grant; empty: none is needed.
@export var scope: String = ""


## Override it to carry out calls in this node; the return value is the call's value.
func _run(_args: Dictionary, call: FrametalkCall) -> Variant:
	call.fail("the tool has no handler")
	return null
