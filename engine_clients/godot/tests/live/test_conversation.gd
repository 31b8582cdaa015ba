extends "res://tests/case.gd"
## Conversations with a real server of default settings, by speech from recordings.

const Server := preload("server.gd")
const Speaker := preload("speaker.gd")
const Tavern := preload("tavern.gd")

static var server := Server.new()

var tavern: Tavern
var session: FrametalkSession
var microphone := FrametalkMicrophone.new()
var speaker: Speaker


func before_each() -> void:
	limit_ms = 90_000
	await server.start_once(self)
	tavern = Tavern.new(server.url)
	session = tavern.session
	microphone.fed_by_game = true
	session.add_child(microphone)
	add_child(tavern)
	await until(func() -> bool: return session.state == FrametalkSession.State.OPEN, "open")
	speaker = Speaker.new(microphone)


func after_each() -> void:
	speaker.stop()
	tavern.queue_free()
	await frames(2)


static func after_all() -> void:
	server.stop()


func _is_idle() -> bool:
	return session.turn.get("state", "idle") == "idle" and session.reply < 0


## Say a recording, and wait until the answer to it was heard.
func _say(name: String) -> void:
	var before := tavern.ends + tavern.cuts.size()
	speaker.say(name)
	await until(
		func() -> bool: return tavern.ends + tavern.cuts.size() > before and _is_idle(),
		"an answer to %s" % name,
		15_000
	)


func test_the_tavern_by_speech() -> void:
	session.scene.event("player_entered")
	await until(func() -> bool: return tavern.ends == 1, "the greeting", 10_000)
	check("Bram" in " ".join(tavern.said), "%s" % [tavern.said])
	await _say("open_door_bring_key")
	check(["open", "door", 1] in tavern.calls and ["give", "iron_key", 1] in tavern.calls, "%s" % [tavern.calls])
	same(tavern.state("door", "open"), true, "door")
	same(tavern.state("iron_key", "holder"), "player", "key")
	await _say("open_chest")
	same(tavern.calls[-1], ["open", "chest", 2], "refused")
	check("locked" in tavern.said[-1], "says why: %s" % tavern.said[-1])
	await _say("unlock_chest")
	await _say("open_chest")
	same(tavern.state("chest", "open"), true, "chest")
	same(tavern.errors, PackedStringArray(), "errors")
	check(session.mouth_to_ear_ms() > 0.0, "mouth-to-ear was measured: %s" % [session.traces])
	same(session.stats["underruns"], 0, "underruns")


func test_barge_in_by_speech() -> void:
	session.say("what can you do")
	await until(func() -> bool: return session.reply > 0 and session.mouth.sample > 15_000.0, "it speaks")
	var cut_at := [0]
	session.reply_cut.connect(func(_r: int, _w: String, _s: int) -> void: cut_at[0] = Time.get_ticks_msec())
	speaker.say("open_red_door")
	await until(func() -> bool: return not tavern.cuts.is_empty(), "the cut", 8_000)
	same(tavern.cuts[0], "interrupted")
	await until(func() -> bool: return tavern.state("door", "open") == true, "the door is opened", 10_000)
	await until(_is_idle, "idle", 10_000)


func test_push_to_talk() -> void:
	microphone.mode = FrametalkMicrophone.Mode.PUSH_TO_TALK
	InputMap.add_action("test_talk")
	microphone.action = "test_talk"
	speaker.say("pull_lever")
	await seconds(1.5)
	same(tavern.heard.size(), 0, "nothing is heard without the button")
	same(microphone.is_open, false)
	Input.action_press("test_talk")
	await until(func() -> bool: return microphone.is_open, "open")
	speaker.say("pull_lever")
	await until(func() -> bool: return not speaker.is_speaking(), "spoken")
	Input.action_release("test_talk")
	await until(func() -> bool: return tavern.state("lever", "pulled") == true, "the lever is pulled", 10_000)
	same(microphone.is_open, false, "closed again")
	await until(_is_idle, "idle", 10_000)
	session.say("what can you do")
	await until(func() -> bool: return session.reply > 0 and session.mouth.sample > 8_000.0, "it speaks")
	Input.action_press("test_talk")
	await until(func() -> bool: return tavern.cuts == PackedStringArray(["stopped"]), "the button stops it")
	Input.action_release("test_talk")
	InputMap.erase_action("test_talk")


func test_a_paused_game_stands_still_and_goes_on() -> void:
	session.say("who are you")
	await until(func() -> bool: return session.reply > 0 and session.mouth.sample > 10_000.0, "it speaks")
	get_tree().paused = true
	await seconds(0.5)
	var stands := session.mouth.sample
	await seconds(5.5)  # the server would cut a reply of which it hears nothing for 5 s
	near(session.mouth.sample, stands, 300.0, "the reply's clock stands")
	get_tree().paused = false
	await until(func() -> bool: return tavern.ends == 1, "it goes on to its end", 15_000)
	same(tavern.cuts, PackedStringArray(), "cuts")
	same(tavern.errors, PackedStringArray(), "errors")


func test_a_connection_that_breaks_loses_nothing() -> void:
	session.say("who are you")
	await until(func() -> bool: return session.reply > 0 and session.mouth.sample > 10_000.0, "it speaks")
	var waits := []
	session.reconnecting.connect(func(_ms: int, resumable: bool) -> void: waits.append(resumable))
	session.link.post(session.link.hub().lose)
	await until(func() -> bool: return not waits.is_empty(), "lost")
	same(waits[0], true, "resumable")
	await until(func() -> bool: return session.state == FrametalkSession.State.OPEN, "open again")
	same(session.welcome.get("resumed"), true, "resumed")
	await until(func() -> bool: return tavern.ends == 1, "the reply is heard to its end", 15_000)
	same(tavern.cuts, PackedStringArray(), "cuts")
	same(tavern.errors, PackedStringArray(), "errors")


func test_speech_over_a_break_is_understood() -> void:
	await seconds(2.0)  # the recogniser learns the scene's names
	speaker.say("open_red_door")
	await seconds(0.6)
	session.link.post(session.link.hub().lose)
	await until(func() -> bool: return tavern.state("door", "open") == true, "the door is opened", 12_000)
	same(tavern.calls.size(), 1, "one call, heard %s, said %s, errors %s" % [tavern.heard, tavern.said, tavern.errors])
	await until(_is_idle, "idle", 10_000)


func test_a_server_that_was_killed_and_started_again() -> void:
	session.say("who are you")
	await until(func() -> bool: return session.reply > 0 and session.mouth.sample > 10_000.0, "it speaks")
	server.stop()
	await until(func() -> bool: return session.state == FrametalkSession.State.WAITING, "lost")
	tavern.session.scene.set_state("torch", {"lit": true})
	await server.again(self)
	await until(func() -> bool: return session.state == FrametalkSession.State.OPEN, "open again", 15_000)
	same(session.welcome["not_resumed"], "resume_unknown", "it says that another session began")
	same(tavern.cuts, PackedStringArray(["disconnected"]), "the reply has ended")
	session.say("open the red door")
	await until(func() -> bool: return tavern.state("door", "open") == true, "the scene is known again", 10_000)
	await until(_is_idle, "idle", 10_000)
