extends RefCounted
## Sends a session's state, stats and waterfalls to the debugger's tab in the editor.

const PREFIX := "frametalk:"


## From now on, when the game runs under a debugger.
static func watch(session: FrametalkSession) -> void:
	if not EngineDebugger.is_active():
		return
	var path := str(session.get_path())
	session.state_changed.connect(
		func(state: FrametalkSession.State) -> void:
			_send("state", [path, FrametalkSession.State.find_key(state), session.url])
	)
	session.stats_changed.connect(
		func(stats: Dictionary) -> void: _send("stats", [path, stats, session.frame_cost_us, session.mouth.drift_ms])
	)
	session.trace.connect(func(waterfall: Dictionary) -> void: _send("trace", [waterfall]))


static func _send(kind: String, data: Array) -> void:
	EngineDebugger.send_message(PREFIX + kind, data)
