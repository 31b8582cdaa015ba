extends "res://tests/case.gd"
## A reply: its sound, its reports, what is due at a sample.

const World := preload("res://tests/hub_world.gd")

var world := World.new()


func before_each() -> void:
	world.join()


func _times(kind: String) -> Array:
	return world.of(kind).map(func(event: Dictionary) -> String: return str(event.get("text", event.get("name", ""))))


func test_nothing_is_played_before_there_is_enough() -> void:
	world.reply(1, 20)
	world.run(200)
	same(world.playback.ring, 0)
	same(world.of("sounding").size(), 0)


func test_a_short_reply_is_played_when_it_has_ended() -> void:
	world.reply(1, 20)
	world.end(1, 20)
	world.run(300)
	same(world.of("ended")[0]["how"], "finished")
	same(world.socket().last("played").get("sample"), 441)
	same(world.socket().last("played").get("done"), true)


func test_a_reply_without_sound_ends_at_once() -> void:
	world.reply(1, 0)
	world.end(1, 0)
	world.run(20)
	same(world.of("ended")[0]["how"], "finished")
	same(world.socket().last("played").get("done"), true)


func test_the_first_report_comes_with_the_first_sample() -> void:
	world.reply(1, 400)
	world.run(100)
	var first: Dictionary = world.socket().of("played").filter(func(m: Dictionary) -> bool: return m["sample"] > 0)[0]
	same(world.of("sounding").size(), 1)
	check(first["sample"] < 300, "the first: %s" % first["sample"])
	check(first["arrived_us"] < first["t_us"], "arrived before")


func test_reports_come_ten_times_a_second() -> void:
	world.reply(1, 2_000)
	world.run(1_500)
	var count := world.socket().of("played").size()
	check(count >= 14 and count <= 18, "%d" % count)


func test_the_report_follows_the_sound() -> void:
	world.reply(1, 2_000)
	world.run(500)
	var early := world.socket().last("played")
	world.run(1_000)
	var late := world.socket().last("played")
	var passed_ms: float = (late["t_us"] - early["t_us"]) / 1000.0
	near((late["sample"] - early["sample"]) / 22.05, passed_ms, 8.0, "per time")


func test_a_report_says_what_the_system_says_of_its_output() -> void:
	world.reply(1, 300)
	world.run(150)
	check(not world.socket().last("played").has("output_ms"), "it says nothing")
	world.mixer.latency_us = 42_500
	world.run(150)
	same(world.socket().last("played").get("output_ms"), 42.5)
	check(not world.socket().last("played").has("input_ms"), "Godot says nothing of the input")


func test_the_cost_of_a_second_is_reported_once() -> void:
	var cost := {"frames": 90, "p99_ms": 0.25, "max_ms": 0.5}
	world.hub.down.take_frame_cost(cost)
	world.reply(1, 2_000)
	world.run(500)
	var played := world.socket().of("played")
	same(played[0].get("frame_cost"), cost)
	same(played.filter(func(m: Dictionary) -> bool: return m.has("frame_cost")).size(), 1)


func test_the_end_is_the_replys_length() -> void:
	world.reply(1, 700)
	world.end(1, 700)
	world.run(1_500)
	same(world.socket().last("played").get("sample"), int(700 * 22.05))
	same(world.of("ended").size(), 1)


func test_reports_are_never_beyond_what_came() -> void:
	world.reply(1, 100)
	world.run(600)
	for message in world.socket().of("played"):
		check(message["sample"] <= 2205, "%s" % message["sample"])


func test_running_out_of_sound_is_counted_and_goes_on() -> void:
	world.reply(1, 200)
	world.run(600)
	same(world.socket().last("played").get("underruns"), 1)
	near(world.played_ms(), 200.0, 1.0, "stands")
	world.sound(1, 4410, 8820)
	world.end(1, 400)
	world.run(600)
	same(world.socket().last("played").get("sample"), 8820)
	same(world.socket().last("played").get("underruns"), 1)


func test_silence_that_was_inserted_does_not_count() -> void:
	world.reply(1, 200)
	world.run(3_000)
	world.sound(1, 4410, 22_050)
	world.run(400)
	check(world.played_ms() < 640.0 and world.played_ms() > 450.0, "%s ms" % world.played_ms())


func test_the_server_stays_a_lead_in_front_of_the_generator() -> void:
	world.reply(1, 2_000)
	world.run(100)
	check(world.playback.ring <= 0.1 * 22_050, "%d frames in the generator" % world.playback.ring)


func test_a_hole_is_filled_with_silence() -> void:
	world.reply(1, 100)
	world.sound(1, 4410, 6615)
	world.end(1, 300)
	world.run(1_000)
	same(world.socket().last("played").get("sample"), 6615)


func test_sound_that_comes_again_is_skipped() -> void:
	world.reply(1, 200)
	world.sound(1, 2205, 6615)
	world.end(1, 300)
	world.run(1_000)
	same(world.socket().last("played").get("sample"), 6615)


func test_sound_of_another_stream_is_ignored() -> void:
	world.reply(1, 100)
	world.sound(9, 0, 2205)
	world.end(1, 100)
	world.run(500)
	same(world.socket().last("played").get("sample"), 2205)


func cases_rates() -> Dictionary:
	return {"8 kHz": 8_000, "16 kHz": 16_000, "24 kHz": 24_000, "44.1 kHz": 44_100, "48 kHz": 48_000}


func test_rates(rate_hz: int) -> void:
	world.reply(1, 1_000, rate_hz)
	world.run(500)
	near(world.played_ms(rate_hz), 440.0, 60.0, "in the middle")
	world.end(1, 1_000, rate_hz)
	world.run(1_000)
	same(world.socket().last("played").get("sample"), rate_hz)


func test_a_cut_stops_the_reply_where_it_is() -> void:
	world.reply(1, 1_000)
	world.run(400)
	world.socket().give({"type": "reply.cut", "reply": 1, "at": 5000, "reason": "interrupted"})
	world.run(4)
	var report := world.socket().last("played")
	same(report["done"], true)
	check(report["sample"] < 9_000 and report["sample"] > 5_000, "%s" % report["sample"])
	same(world.of("ended")[0]["how"], "interrupted")
	same(world.of("flush").size(), 1)
	var count := world.socket().of("played").size()
	world.run(500)
	same(world.socket().of("played").size(), count, "reports after it")


func test_sound_after_a_cut_is_discarded() -> void:
	world.reply(1, 1_000)
	world.run(400)
	world.socket().give({"type": "reply.cut", "reply": 1, "at": 5000})
	world.run(4)
	world.sound(1, 22_050, 44_100)
	var pushed := world.playback.ring
	world.run(100)
	check(world.playback.ring <= pushed, "nothing is pushed")


func test_a_cut_before_the_first_sound() -> void:
	world.reply(1, 20)
	world.socket().give({"type": "reply.cut", "reply": 1, "at": 0, "reason": "continued"})
	world.run(4)
	same(world.socket().last("played").get("sample"), 0)
	same(world.of("ended")[0]["how"], "continued")
	same(world.of("flush").size(), 0)


func test_a_cut_of_another_reply_is_ignored() -> void:
	world.reply(1, 1_000)
	world.run(200)
	world.socket().give({"type": "reply.cut", "reply": 7, "at": 0})
	world.run(4)
	same(world.of("ended").size(), 0)


func test_a_reply_that_did_not_end_ends_before_the_next_is_announced() -> void:
	world.reply(1, 1_000)
	world.run(200)
	world.events.clear()
	world.reply(2, 1_000)
	world.run(20)
	var told := world.events.filter(func(event: Dictionary) -> bool: return event["on"] in ["ended", "message"])
	same(told[0], {"on": "ended", "reply": 1, "sample": told[0]["sample"], "how": "disconnected"})
	same(told[1]["message"]["type"], "reply.begin")


func test_the_next_reply_waits_until_the_voice_is_silent() -> void:
	world.reply(1, 1_000)
	world.run(400)
	world.socket().give({"type": "reply.cut", "reply": 1, "at": 0})
	world.reply(2, 1_000)
	world.run(100)
	same(world.hub.down.current.started(), false, "waits")
	var fresh := World.FakePlayback.new()
	world.playback = fresh
	world.hub.down.attach(fresh, World.RATE_HZ, fresh.capacity)
	world.run(200)
	same(world.hub.down.current.started(), true, "goes on")
	check(world.played_ms() > 50.0, "is heard")


func test_a_main_thread_that_stands_still_does_not_keep_the_next_reply() -> void:
	world.reply(1, 1_000)
	world.run(400)
	world.socket().give({"type": "reply.cut", "reply": 1, "at": 0})
	world.reply(2, 1_000)
	world.end(2, 1_000)
	world.run(1_800)
	same(world.socket().last("played").get("sample"), 22_050)
	same(world.hub.down.flush_token, 0, "too late to make the voice silent")


func test_a_pause_stops_the_clock_and_it_goes_on() -> void:
	world.reply(1, 2_000)
	world.run(400)
	world.hub.pause(true, 0.0)
	world.run(4)
	same(world.of("voice")[-1]["paused"], true)
	world.mixing = false
	world.run(20)
	var stands := world.played_ms()
	world.run(2_000)
	near(world.played_ms(), stands, 8.0, "stands")
	world.mixing = true
	world.hub.pause(false, 0.0)
	world.run(500)
	near(world.played_ms(), stands + 450.0, 80.0, "goes on")
	same(world.socket().last("played").get("underruns"), 0)


func test_a_pause_works_while_the_main_thread_stands_still() -> void:
	world.reply(1, 2_000)
	world.run(400)
	world.hub.pause(true, 0.0)
	world.run(300)
	var stands := world.played_ms()
	world.run(1_000)
	same(world.played_ms(), stands)
	check(stands < 520.0, "%s ms" % stands)


func cases_turn_states() -> Dictionary:
	return {
		"ducked": [{"state": "ducked"}, true, false],
		"ducked and paused": [{"state": "ducked", "paused": true}, true, true],
		"speaking": [{"state": "speaking"}, false, false],
	}


func test_turn_states(expected: Array) -> void:
	world.reply(1, 1_000)
	world.run(100)
	world.socket().give({"type": "turn.state", "turn": 1, "reply": 1, "state": "ducked", "paused": true})
	world.run(4)
	world.socket().give({"type": "turn.state", "turn": 1, "reply": 1}.merged(expected[0]))
	world.run(4)
	var voice: Dictionary = world.of("voice")[-1]
	same(voice["ducked"], expected[1], "ducked")
	same(voice["paused"], expected[2], "paused")


func test_captions_and_words_come_when_they_are_heard() -> void:
	world.reply(1, 1_000)
	world.socket().give({"type": "reply.text", "reply": 1, "text": "first", "at": 0})
	world.socket().give({"type": "reply.text", "reply": 1, "text": "second", "at": 11_025})
	world.run(6)
	same(_times("caption"), [], "before the sound")
	world.run(140)
	same(_times("caption"), ["first"])
	world.run(300)
	same(_times("caption"), ["first"])
	world.run(200)
	same(_times("caption"), ["first", "second"])


func test_marks_come_in_order_with_their_values() -> void:
	world.reply(1, 1_000)
	var rows := [
		["emotion", 2205, 2205, "happy", 0.5], ["word", 0, 2205, "It", 1.0], ["gaze", 4410, 4410, "chest", 1.0]
	]
	world.run(2)
	world.socket().give({"type": "reply.marks", "reply": 1, "marks": rows})
	world.run(500)
	same(world.of("mark").map(func(e: Dictionary) -> String: return e["kind"]), ["word", "emotion", "gaze"])
	same(world.of("mark")[1]["value"], 0.5)


func test_visemes_come_at_once() -> void:
	world.reply(1, 20)
	world.run(2)
	world.socket().give({"type": "reply.marks", "reply": 1, "marks": [["viseme", 0, 100, "aa", 1.0]]})
	world.run(2)
	same(world.of("marks").size(), 1)


func _call(id: int, at: int, reply: Variant = 1) -> void:
	world.socket().give(
		{"type": "tool.call", "call": id, "name": "open", "deadline_ms": 2000.0, "reply": reply, "at": at}
	)


func _called() -> Array:
	return world.of("tool").map(func(event: Dictionary) -> int: return event["call"]["call"])


func test_a_tool_without_a_sample_is_due_at_once() -> void:
	_call(1, 0, null)
	_call(2, 0, 1)
	world.run(4)
	same(_called(), [1, 2])


func test_a_tool_is_due_at_its_sample() -> void:
	world.reply(1, 1_000)
	_call(1, 11_025)
	world.run(400)
	same(_called(), [])
	world.run(300)
	same(_called(), [1])
	check(world.socket().last("played")["sample"] >= 11_025, "reported before")


func test_the_report_that_makes_a_call_due_comes_first() -> void:
	world.reply(1, 1_000)
	_call(1, 11_025)
	while _called().is_empty():
		world.run(2)
	check(world.socket().last("played")["sample"] >= 11_025, "%s" % world.socket().last("played"))


func test_a_call_is_void_after_the_cut() -> void:
	world.reply(1, 1_000)
	_call(1, 20_000)
	world.run(300)
	world.socket().give({"type": "reply.cut", "reply": 1, "at": 0})
	world.run(1_000)
	same(_called(), [])


func test_a_late_call_of_a_reply_that_was_heard() -> void:
	world.reply(1, 300)
	world.end(1, 300)
	world.run(800)
	_call(1, 6000)
	_call(2, 9000)
	world.run(4)
	same(_called(), [1])


func test_a_connection_that_breaks_does_not_stop_the_sound() -> void:
	world.reply(1, 1_000)
	world.run(300)
	world.socket().end()
	world.run(300)
	same(world.of("ended").size(), 0)
	world.socket().accept()
	world.run(4)
	var from: Dictionary = world.socket().sent[0]["resume_from"]
	same(from["reply"], 1)
	near(from["played"] / 22.05, 560.0, 120.0, "played")


func test_the_reports_meanwhile_are_sent_then() -> void:
	world.reply(1, 300)
	world.end(1, 300)
	world.run(100)
	world.socket().end()
	world.run(600)
	world.socket().accept()
	world.run(4)
	world.socket().welcome({"seq": 0, "resumed": true, "received": 0})
	world.run(4)
	same(world.socket().last("played").get("done"), true)


func test_a_session_that_is_lost_ends_the_reply() -> void:
	world.reply(1, 1_000)
	world.run(300)
	world.socket().end()
	world.run(10)
	world.socket().accept()
	world.run(4)
	world.socket().welcome({"resumed": false})
	world.run(4)
	same(world.of("ended")[0]["how"], "disconnected")


func test_another_reply_ends_the_one_before() -> void:
	world.reply(1, 1_000)
	world.run(300)
	world.reply(2, 1_000)
	world.run(4)
	same(world.of("ended")[0]["reply"], 1)
	same(world.of("ended")[0]["how"], "disconnected")


func test_what_was_played_is_loud_enough() -> void:
	world.reply(1, 300)
	world.run(300)
	near(world.playback.loudest, 8000.0 / 32768.0, 0.001)


func test_the_mouths_clock_is_the_reports() -> void:
	world.reply(1, 2_000)
	world.run(500)
	var heard: Array = world.hub.down.lips.read(world.now_us, 0)
	same(heard[0], 1)
	near(heard[1], world.hub.down.current.position(world.now_us), 1.0)


func test_the_mouths_clock_goes_on_after_the_end() -> void:
	world.reply(1, 300)
	world.end(1, 300)
	world.run(800)
	var heard: Array = world.hub.down.lips.read(world.now_us, 0)
	check(heard[1] > 300 * 22.05, "%s" % [heard])
	same(heard[2], -1.0)


func test_the_mouths_clock_knows_of_a_cut() -> void:
	world.reply(1, 1_000)
	world.run(400)
	world.socket().give({"type": "reply.cut", "reply": 1, "at": 0})
	world.run(100)
	var heard: Array = world.hub.down.lips.read(world.now_us, 0)
	check(heard[2] > 5_000, "cut at %s" % heard[2])
	near(heard[1] - heard[2], 98 * 22.05, 100.0, "goes on")


func test_a_voice_that_is_replaced_goes_on_with_the_reply() -> void:
	world.reply(1, 2_000)
	world.run(400)
	var fresh := World.FakePlayback.new()
	world.playback = fresh
	world.hub.down.attach(fresh, World.RATE_HZ, fresh.capacity)
	world.run(400)
	near(world.played_ms(), 830.0, 90.0)
	world.end(1, 2_000)
	world.run(1_600)
	same(world.socket().last("played").get("done"), true)


func test_without_a_voice_nothing_breaks() -> void:
	world.hub.down.sink.detach()
	world.reply(1, 500)
	world.run(500)
	same(world.socket().last("played").get("sample"), 0)
