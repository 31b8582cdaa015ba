extends "res://tests/case.gd"
## The dock and the debugger's panel, outside of the editor.

const Dock := preload("res://addons/frametalk/editor/dock.gd")
const TurnsPanel := preload("res://addons/frametalk/editor/debugger_panel.gd")
const SayThis := preload("res://addons/frametalk/editor/say_this.gd")
const HEALTH := {
	"status": "ok",
	"draining": false,
	"version": "0.1.0",
	"sessions": 2,
	"max_sessions": 200,
	"engines": {"asr": "pocketsphinx", "tts": "espeak"},
}


func test_the_servers_state_is_asked_for_over_http_on_the_same_port() -> void:
	same(Dock.health_url("ws://localhost:8765"), "http://localhost:8765/healthz")
	same(Dock.health_url(" wss://talk.example/ "), "https://talk.example/healthz")


func test_the_servers_state_is_one_line_and_its_engines() -> void:
	same(Dock.health_text(HEALTH), "ok, version 0.1.0, 2 of 200 sessions\npocketsphinx, espeak")


func test_a_server_that_stops_says_so() -> void:
	var health := HEALTH.duplicate()
	health["draining"] = true
	check("stopping" in Dock.health_text(health), "stopping")


func test_a_server_that_says_nothing_of_its_sessions_has_a_state() -> void:
	same(Dock.health_text({"status": "ok", "draining": false}), "ok")


func test_a_server_of_another_kind_is_no_error() -> void:
	check(Dock.health_text({}) != "", "some text")


func test_without_a_server_it_says_how_to_start_one() -> void:
	var dock := Dock.new()
	add_child(dock)
	dock._on_health(HTTPRequest.RESULT_CANT_CONNECT, 0, PackedStringArray(), PackedByteArray())
	check("frametalk serve" in dock.server_state(), dock.server_state())


func test_a_line_without_a_server_says_so() -> void:
	var probe := SayThis.new()
	add_child(probe)
	var why := PackedStringArray()
	probe.failed.connect(func(text: String) -> void: why.append(text))
	probe.say("ws://127.0.0.1:9", "", "who are you")
	while why.is_empty():
		await get_tree().process_frame
	same(why[0], "No server answers.")
	check(not probe.is_busy(), "ready for another line")


func test_the_debuggers_panel_shows_what_the_game_sends() -> void:
	var panel := TurnsPanel.new()
	add_child(panel)
	check(panel.take("state", ["/root/Tavern/Session", "OPEN", "ws://localhost:8765"]), "state")
	check(panel.take("stats", ["/root/Tavern/Session", {"round_trip_ms": 1, "underruns": 0}, 180, -0.4]), "stats")
	check(panel.take("trace", [{"turn": 1, "mouth_to_ear_ms": 300.0}]), "trace")
	same(
		panel.shown(),
		PackedStringArray(
			[
				"/root/Tavern/Session: OPEN, ws://localhost:8765",
				"our part of a frame 0.18 ms, lips -0.4 ms, round trip 1 ms, underruns 0",
				"turn 1: 300 ms",
			]
		)
	)


func test_the_debuggers_panel_takes_nothing_else_and_broken_data_is_no_error() -> void:
	var panel := TurnsPanel.new()
	add_child(panel)
	check(not panel.take("other", []), "unknown")
	for kind: String in ["state", "stats", "trace"]:
		check(panel.take(kind, []), kind)
		check(panel.take(kind, [1, 2, 3, 4]), kind)


func test_a_new_game_begins_with_an_empty_panel() -> void:
	var panel := TurnsPanel.new()
	add_child(panel)
	panel.take("trace", [{"turn": 1}])
	panel.clear()
	same(panel.shown().size(), 2)
