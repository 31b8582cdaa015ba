extends "res://tests/case.gd"
## The microphone's way to the server: streams, push-to-talk, its clock, a voice over a reply.

const Media := preload("res://addons/frametalk/core/media.gd")
const MicSource := preload("res://addons/frametalk/core/mic_source.gd")
const Uplink := preload("res://addons/frametalk/core/uplink.gd")
const VoiceOnset := preload("res://addons/frametalk/core/voice_onset.gd")
const World := preload("res://tests/hub_world.gd")

var world := World.new()


## A device that gives nothing.
class DeadSource:
	extends MicSource

	var skipped: int = 0

	func _init() -> void:
		kind = MicSource.Kind.INPUT
		rate_hz = 48_000

	func read(_most: int) -> PackedByteArray:
		return PackedByteArray()

	func skip() -> void:
		skipped += 1


func before_each() -> void:
	world.join()


func test_a_stream_begins_with_its_first_frame() -> void:
	world.open_mic()
	world.run(100)
	same(world.socket().of("mic.start").size(), 0)
	world.capture(40)
	var start := world.socket().last("mic.start")
	same(start["rate_hz"], 16_000)
	same(start["mode"], "open")
	same(Media.stream_of(world.socket().media[0]), start["stream"])


func test_frames_follow_each_other() -> void:
	world.open_mic()
	world.capture(500)
	var at := 0
	for i in world.socket().media.size():
		var frame := world.socket().media[i]
		same(Media.sample_of(frame), at, "sample")
		same(frame.decode_u32(4), i, "seq")
		at += Media.count_of(frame)
	same(at, 8_000)
	same(Media.count_of(world.socket().media[0]), 320, "20 ms")


func test_a_muted_microphone_sends_silence() -> void:
	world.open_mic()
	world.hub.up.muted = true
	world.capture(100, 5_000)
	var payload := world.socket().media[0].slice(16)
	same(payload.count(0), payload.size())


func test_another_rate_begins_another_stream() -> void:
	world.open_mic()
	world.capture(100)
	var pcm := PackedByteArray()
	pcm.resize(4_800)
	world.mic.feed(pcm, 48_000)
	world.run(10)
	same(world.socket().of("mic.stop").size(), 1)
	same(world.socket().last("mic.start")["rate_hz"], 48_000)
	same(Media.sample_of(world.socket().media[-1]) < 3_000, true)


func test_push_to_talk_sends_only_while_the_button_is_down() -> void:
	world.open_mic(true)
	world.capture(200)
	same(world.socket().media.size(), 0, "before")
	world.hub.press()
	world.capture(200)
	same(world.socket().last("mic.start")["mode"], "ptt")
	same(world.socket().media.size(), 10, "while it is down")


func test_push_to_talk_goes_on_for_a_quarter_of_a_second() -> void:
	world.open_mic(true)
	world.hub.press()
	world.capture(200)
	world.hub.release()
	world.capture(240)
	same(world.socket().of("mic.stop").size(), 0, "not yet")
	world.capture(100)
	same(world.socket().of("mic.stop").size(), 1)
	near(world.socket().last("mic.stop")["at"], 7_200, 400, "samples")


func test_pressing_again_is_another_turn() -> void:
	world.open_mic(true)
	world.hub.press()
	world.capture(100)
	world.hub.release()
	world.capture(50)
	world.hub.press()
	world.capture(100)
	same(world.socket().of("mic.start").size(), 2)
	same(world.socket().of("mic.stop").size(), 1)


func test_the_button_stops_a_reply() -> void:
	world.open_mic(true)
	world.hub.press()
	same(world.socket().of("interrupt").size(), 0, "without a reply")
	world.reply(1, 1_000)
	world.run(200)
	world.hub.press()
	same(world.socket().of("interrupt").size(), 1)


func test_a_pause_closes_the_stream() -> void:
	world.open_mic()
	world.capture(100)
	world.hub.pause(true, 5_000.0)
	same(world.socket().last("mic.stop")["at"], 1_600)
	same(world.socket().last("pause"), {"type": "pause", "paused": true, "for_ms": 5_000.0})
	world.capture(100)
	same(world.socket().media.size(), 5, "frames")
	world.hub.pause(false, 0.0)
	world.capture(100)
	same(world.socket().of("mic.start").size(), 2)


func test_a_game_without_a_microphone_closes_it() -> void:
	world.open_mic()
	world.capture(100)
	world.hub.attach_mic(null)
	world.run(4)
	same(world.socket().of("mic.stop").size(), 1)


func test_the_microphones_sample_is_the_time_since_it_began() -> void:
	world.open_mic()
	world.capture(1_000)
	near(world.hub.up.sample_at(world.now_us), 16_000, 200)


func test_there_is_no_sample_without_a_microphone() -> void:
	same(world.hub.up.sample_at(world.now_us), null)


func test_reports_carry_the_microphones_sample() -> void:
	world.open_mic()
	world.reply(1, 1_000)
	world.capture(400)
	near(world.socket().last("played")["mic_sample"], 6_000, 1_000)


func test_sound_is_kept_while_there_is_no_connection() -> void:
	world.open_mic()
	world.capture(200)
	world.socket().end()
	world.capture(400)
	world.socket().accept()
	world.run(4)
	same(world.socket().sent[0]["resume_from"]["mic_sample"], 9_600)
	world.socket().welcome({"seq": 0, "resumed": true, "received": 1, "mic_sample": 3_200})
	world.run(4)
	same(Media.sample_of(world.socket().media[0]), 3_200)
	same(world.socket().media.size(), 20)


func test_at_least_two_seconds_are_kept() -> void:
	world.open_mic()
	world.socket().end()
	world.capture(20_000)
	world.socket().accept()
	world.run(4)
	world.socket().welcome({"seq": 0, "resumed": true, "received": 0, "mic_sample": 0})
	world.run(4)
	check(world.socket().media.size() >= 100, "%d frames" % world.socket().media.size())
	check(world.socket().media.size() <= 510, "%d frames" % world.socket().media.size())


func test_a_dead_microphone_is_noticed() -> void:
	var source := DeadSource.new()
	world.hub.attach_mic(source)
	world.hub.set_mic_mode(Uplink.Mode.OPEN)
	world.run(4_900)
	same(world.of("mic_dead").size(), 0)
	world.run(300)
	same(world.of("mic_dead"), [{"on": "mic_dead", "dead": true}])
	world.run(5_000)
	same(world.of("mic_dead").size(), 1)


func test_a_microphone_that_stops_is_noticed_within_a_second() -> void:
	world.open_mic()
	world.capture(100)
	world.hub.up._source = DeadSource.new()
	world.run(1_100)
	same(world.of("mic_dead").size(), 1)


func test_a_device_that_loses_samples_is_placed_anew() -> void:
	world.open_mic()
	world.capture(1_000)
	world.run(500)  # lost
	world.capture(3_000)
	near(world.hub.up.sample_at(world.now_us), 64_000, 400)


func test_a_microphone_of_the_game_is_never_dead() -> void:
	world.open_mic()
	world.run(5_000)
	same(world.of("mic_dead").size(), 0)


func test_a_paused_microphone_is_not_dead() -> void:
	world.hub.attach_mic(DeadSource.new())
	world.hub.set_mic_mode(Uplink.Mode.OPEN)
	world.hub.pause(true, 0.0)
	world.run(5_000)
	same(world.of("mic_dead").size(), 0)


func test_the_level_is_measured() -> void:
	world.open_mic()
	world.capture(50, 3_277)
	near(world.hub.up.level_db, -20.0, 0.5)
	world.capture(50, 0)
	same(world.hub.up.level_db, VoiceOnset.SILENCE_DB)


func test_a_voice_over_a_reply_lowers_it_at_once() -> void:
	world.open_mic()
	world.reply(1, 3_000)
	world.capture(300)
	world.capture(60, 20_000)
	same(world.of("voice")[-1]["ducked"], true)
	same(world.of("voice_began").size(), 1)


func test_it_is_raised_again_when_the_server_hears_nothing() -> void:
	world.open_mic()
	world.reply(1, 3_000)
	world.capture(300)
	world.capture(60, 20_000)
	world.capture(500)
	same(world.of("voice")[-1]["ducked"], false)


func test_a_voice_without_a_reply_lowers_nothing() -> void:
	world.open_mic()
	world.capture(300)
	world.capture(100, 20_000)
	same(world.of("voice").size(), 0)


func cases_onsets() -> Dictionary:
	return {
		"silence": [-96.0, -96.0, false],
		"soft noise": [-60.0, -96.0, false],
		"a voice": [-30.0, -96.0, true],
		"the reply's echo": [-30.0, -20.0, false],
		"a voice over the echo": [-10.0, -20.0, true],
	}


func test_onsets(levels: Array) -> void:
	var onset := VoiceOnset.new()
	var found := false
	for i in 40:
		onset.feed(-96.0, levels[1])
	for i in 10:
		found = onset.feed(levels[0], levels[1]) or found
	same(found, levels[2])


func test_a_click_is_no_voice() -> void:
	var onset := VoiceOnset.new()
	check(not onset.feed(-20.0, -96.0), "first")
	check(not onset.feed(-96.0, -96.0), "second")


func test_a_false_alarm_raises_the_threshold() -> void:
	var onset := VoiceOnset.new()
	for i in 20:
		onset.feed(-18.0, -20.0)
	onset.false_alarm()
	var again := false
	for i in 60:
		onset.feed(-96.0, -20.0)
	for i in 10:
		again = onset.feed(-18.0, -20.0) or again
	check(not again, "the same echo")


func test_stereo_becomes_mono() -> void:
	var frames := PackedVector2Array([Vector2(0.5, 0.5), Vector2(1.0, -1.0), Vector2(2.0, 2.0), Vector2(-2.0, -2.0)])
	var pcm := MicSource._mono(frames)
	near(pcm.decode_s16(0), 16_383, 1)
	same(pcm.decode_s16(2), 0)
	same(pcm.decode_s16(4), 32_767)
	same(pcm.decode_s16(6), -32_768)
