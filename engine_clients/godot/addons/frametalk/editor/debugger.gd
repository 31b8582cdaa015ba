@tool
extends EditorDebuggerPlugin
## Receives the running game's traces and shows them in a tab of the debugger, one for each game instance.

const TurnsPanel := preload("debugger_panel.gd")
const PREFIX := "frametalk"

var _panels: Dictionary[int, TurnsPanel] = {}


func _has_capture(prefix: String) -> bool:
	return prefix == PREFIX


func _capture(message: String, data: Array, session_id: int) -> bool:
	var panel: TurnsPanel = _panels.get(session_id)
	return panel != null and panel.take(message.trim_prefix(PREFIX + ":"), data)


func _setup_session(session_id: int) -> void:
	var panel := TurnsPanel.new()
	panel.name = "frametalk"
	var session := get_session(session_id)
	session.started.connect(panel.clear)
	session.add_session_tab(panel)
	_panels[session_id] = panel
