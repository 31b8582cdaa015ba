extends "res://tests/case.gd"

const Server := preload("server.gd")

var server := Server.new()


func before_each() -> void:
	limit_ms = 60_000
	await server.start(self)


func after_each() -> void:
	server.stop()


func test_five_lines() -> void:
	var session := FrametalkSession.new()
	session.url = server.url
	var log: Array = []
	session.caption.connect(func(text: String, _reply: int) -> void: log.append(text))
	for s: String in [
		"opened",
		"reply_begun",
		"reply_sounding",
		"reply_ended",
		"reply_cut",
		"turn_state",
		"closed",
		"error",
		"word",
		"trace",
		"transcript",
		"gesture"
	]:
		session.connect(
			s, func(...args: Array) -> void: print("   ", Time.get_ticks_msec(), " ", s, " ", str(args).left(200))
		)
	add_child(session)
	await until(func() -> bool: return session.state == FrametalkSession.State.OPEN, "open")
	session.scene.event("player_entered")
	await until(func() -> bool: return session.reply > 0, "reply")
	var t := {"n": 0, "w": 0.0, "c": PackedInt32Array()}
	await until(
		func() -> bool:
			t.n += 1
			t.c.append(session.frame_cost_us)
			t.w = maxf(t.w, 1.0 - session.mouth.weights()[0])
			return session.reply < 0,
		"ended",
		20000
	)
	t.c.sort()
	print(
		log,
		t.n,
		" most open ",
		t.w,
		" drift ",
		session.mouth.drift_ms,
		" cost p50 ",
		t.c[t.c.size() / 2],
		" p99 ",
		t.c[int(t.c.size() * .99)],
		" max ",
		t.c[-1]
	)
	session.say("who are you")
	await seconds(6)
	print(session.stats)
	print(session.traces)
