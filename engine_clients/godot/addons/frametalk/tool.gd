@tool
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
@export var tool_name: String = "":
	set(value):
		tool_name = value
		update_configuration_warnings()
## What it does, for a language model.
@export_multiline var description: String = ""
## The arguments: JSON Schema, or names of properties with their schemas.
@export var parameters: Dictionary = {}
## Words that players use for it; the recogniser listens for them.
@export var verbs: PackedStringArray = []
## The node with the handler; empty: the parent.
@export var target: Node:
	set(value):
		target = value
		update_configuration_warnings()
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


func _ready() -> void:
	if Engine.is_editor_hint():
		return
	if session == null:
		session = FrametalkSession.of(self)
	if session == null:
		push_warning("%s has no FrametalkSession" % get_path())
		return
	var options := {"changes_world": changes_world, "deadline_ms": deadline_ms}
	if description:
		options["description"] = description
	if not verbs.is_empty():
		options["verbs"] = verbs
	if scope:
		options["scope"] = scope
	var failure := session.add_tool(_handler(), _tool_name(), parameters, options)
	if failure:
		session.error.emit(failure)


func _get_configuration_warnings() -> PackedStringArray:
	var warnings := PackedStringArray()
	if FrametalkSession.of(self) == null and session == null:
		warnings.append("It needs a FrametalkSession: above it, or in `session`.")
	if RegEx.create_from_string("^[A-Za-z0-9_-]{1,64}$").search(_tool_name()) == null:
		warnings.append("A tool's name has letters, digits, _ and - only, at most 64.")
	if not _overrides() and _target() and not _target().has_method(_method()):
		warnings.append("%s has no method %s." % [_target().name, _method()])
	return warnings


## Override it to carry out calls in this node; the return value is the call's value.
func _run(_args: Dictionary, call: FrametalkCall) -> Variant:
	call.fail("the tool has no handler")
	return null


func _tool_name() -> String:
	return tool_name if tool_name else str(name).to_snake_case()


func _target() -> Node:
	return target if target else get_parent()


func _method() -> StringName:
	return method if method else StringName(_tool_name())


func _handler() -> Callable:
	if _overrides() or not _target().has_method(_method()):
		return _run
	return Callable(_target(), _method())


## Whether a script that extends this one has its own _run.
func _overrides() -> bool:
	var own: Script = get_script()
	return own and own.get_global_name() != &"FrametalkTool"
