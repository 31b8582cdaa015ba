extends SceneTree
## The client's cost and lips against a real server, for `frametalk bench client --engine godot`:
##   godot4 --headless --path . --script tests/bench.gd -- URL RESULT
##
## Writes one JSON object: engine, replies, frame_ms and lips_ms (docs: frametalk.bench.client.engines.Engine), after
## each reply that of the replies up to then, without lips_ms.

const Head := preload("head.gd")
const LipMeter := preload("lip_meter.gd")
const TapSocket := preload("tap_socket.gd")
const FRAMES_HZ := 90
const TEXTS: Array[String] = ["who are you", "what can you do", "tell me a story", "open the red door"]
const WITHIN_MS := 40_000

var _ended: int = 0


func _init() -> void:
	_run.call_deferred()


func _run() -> void:
	var arguments := OS.get_cmdline_user_args()
	Engine.max_fps = FRAMES_HZ
	var session := FrametalkSession.new()
	session.url = arguments[0]
	session.link.new_socket = TapSocket.new
	session.reply_ended.connect(func(_reply: int) -> void: _ended += 1)
	var character := FrametalkCharacter.new()
	character.bus = LipMeter.BUS
	session.add_child(character)
	var meter := LipMeter.new(session)
	session.add_child(meter)
	root.add_child(session)
	root.add_child(Head.new(session))
	await session.opened
	session.scene.event("player_entered")
	for i in TEXTS.size() + 1:
		var end := Time.get_ticks_msec() + WITHIN_MS
		while _ended <= i:
			await process_frame
			if Time.get_ticks_msec() > end:
				printerr("no reply to turn %d within %d ms" % [i, WITHIN_MS])
				quit(1)
				return
		if i < TEXTS.size():
			_write(arguments[1], meter.costs_ms, [])
			session.say(TEXTS[i])
	for i in 20:
		await process_frame
	var errors_ms := meter.errors_ms(TapSocket.sounds, TapSocket.rates)
	session.close()
	_write(arguments[1], meter.costs_ms, errors_ms)
	quit(0)


## Replace the result, which may be read at any time.
func _write(path: String, costs_ms: Array[float], errors_ms: Array[float]) -> void:
	var result := {
		"engine": "Godot %s" % Engine.get_version_info()["string"],
		"replies": _ended,
		"frame_ms": costs_ms,
		"lips_ms": errors_ms,
	}
	var file := FileAccess.open(path + ".new", FileAccess.WRITE)
	file.store_string(JSON.stringify(result))
	file.close()
	DirAccess.rename_absolute(path + ".new", path)
