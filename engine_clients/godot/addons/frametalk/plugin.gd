@tool
extends EditorPlugin
## The editor's side of the addon: a dock for server and setup, and a debugger tab with the last turns' times.
##
## The nodes need no plugin: they are classes with icons. So a game runs the same with the plugin switched off.

const Dock := preload("editor/dock.gd")
const Debugger := preload("editor/debugger.gd")

var _dock: Dock
var _debugger: Debugger


func _enter_tree() -> void:
	_dock = Dock.new()
	_dock.name = "frametalk"
	add_control_to_dock(DOCK_SLOT_RIGHT_BL, _dock)
	_debugger = Debugger.new()
	add_debugger_plugin(_debugger)


func _exit_tree() -> void:
	remove_debugger_plugin(_debugger)
	_debugger = null
	remove_control_from_docks(_dock)
	_dock.queue_free()
	_dock = null


func _get_plugin_name() -> String:
	return "frametalk"
