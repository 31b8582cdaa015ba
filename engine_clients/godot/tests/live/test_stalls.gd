extends "res://tests/case.gd"
## A main thread that stands still, as in a game that loads a level.

const Server := preload("server.gd")
const Speaker := preload("speaker.gd")
const Tavern := preload("tavern.gd")

static var server := Server.new()

var tavern: Tavern
var session: FrametalkSession


func before_each() -> void:
	limit_ms = 90_000
	await server.start_once(self)
	tavern = Tavern.new(server.url)
	session = tavern.session
	add_child(tavern)
	await until(func() -> bool: return session.state == FrametalkSession.State.OPEN, "open")


func after_each() -> void:
	tavern.queue_free()
	await frames(2)


static func after_all() -> void:
	server.stop()


func cases_a_stall_during_a_reply() -> Dictionary:
	return {"half a second": 500, "5 seconds": 5_000, "20 seconds": 20_000}


func test_a_stall_during_a_reply(ms: int) -> void:
	session.say("who are you")
	await until(func() -> bool: return session.reply > 0 and session.mouth.sample > 8_000.0, "it speaks")
	OS.delay_msec(ms)
	await until(func() -> bool: return tavern.ends == 1, "the reply was heard to its end", 15_000)
	same(tavern.cuts, PackedStringArray(), "cuts")
	same(tavern.errors, PackedStringArray(), "errors")
	same(session.state, FrametalkSession.State.OPEN, "state")
	await seconds(1.1)
	same(session.stats["underruns"], 0, "underruns")
	session.say("open the red door")
	await until(func() -> bool: return tavern.state("door", "open") == true, "it goes on", 10_000)


func test_speech_during_a_stall_is_answered() -> void:
	var microphone := FrametalkMicrophone.new()
	microphone.fed_by_game = true
	session.add_child(microphone)
	var speaker := Speaker.new(microphone)
	await seconds(0.3)
	speaker.say("who_are_you")
	OS.delay_msec(5_000)
	await until(func() -> bool: return tavern.ends == 1, "the answer was heard", 5_000)
	same(tavern.cuts, PackedStringArray(), "cuts")
	check("Bram" in " ".join(tavern.said), "%s" % [tavern.said])
	speaker.stop()
