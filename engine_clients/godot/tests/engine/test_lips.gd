extends "res://tests/case.gd"
## The mouth against what the bus mixed, and what a talking character costs, on Godot's own audio server.

const LipMeter := preload("res://tests/lip_meter.gd")
const Talker := preload("talker.gd")
const FRAME_MS := 1000.0 / 90.0
const COST_UNITS := 12.0

var talker: Talker


func before_each() -> void:
	limit_ms = 60_000
	Engine.max_fps = 90


func after_each() -> void:
	Engine.max_fps = 0
	if talker:
		talker.queue_free()
		await frames(3)


func _talk(rate_hz: int = 22_050) -> void:
	talker = Talker.new(rate_hz)
	add_child(talker)
	await until(talker.is_open, "open")


func _reply(id: int, ms: int, rate_hz: int = 0) -> void:
	talker.speak(id, ms, rate_hz)
	await until(func() -> bool: return talker.session.reply == id, "it begins")
	await until(talker.is_silent, "it ends", ms + 5_000)


func cases_lips_are_at_the_sound() -> Dictionary:
	return {
		"22.05 kHz": [22_050, 22_050],
		"16 kHz": [16_000, 16_000],
		"24 kHz": [24_000, 24_000],
		"48 kHz": [48_000, 48_000],
		"16 kHz in a generator of 22.05 kHz": [22_050, 16_000],
	}


func test_lips_are_at_the_sound(rates: Array) -> void:
	await _talk(rates[0])
	await _reply(1, 2_500, rates[1])
	await seconds(0.3)
	var errors := talker.meter.errors_ms(talker.sounds, talker.rates)
	check(errors.size() > 100, "%d frames were measured" % errors.size())
	if errors.is_empty():
		return
	near(LipMeter.percentile(errors, 0.5), 0.0, 5.0, "median")
	var distances: Array[float] = []
	for error in errors:
		distances.append(absf(error))
	check(LipMeter.percentile(distances, 0.95) <= FRAME_MS, "p95 %s" % LipMeter.percentile(distances, 0.95))
	near(talker.session.mouth.drift_ms, 0.0, 5.0, "what the addon itself says")


func test_the_mouth_opens_and_is_closed_after_the_end() -> void:
	await _talk()
	same(talker.session.mouth.weights()[0], 1.0, "before")
	await _reply(1, 1_000)
	var most := 0.0
	for frame: Array in talker.meter.frames:
		most = maxf(most, frame[3])
	check(most > 0.95, "open by %s" % most)
	await seconds(0.3)
	near(talker.session.mouth.weights()[0], 1.0, 0.0001, "after")
	for i in talker.head.mesh.get_blend_shape_count():
		near(talker.head.mesh.get_blend_shape_value(i), 1.0 if i == 0 else 0.0, 0.0001, "blend shape %d" % i)


func test_the_mouth_is_closed_after_a_cut() -> void:
	await _talk()
	talker.speak(1, 3_000)
	await until(func() -> bool: return talker.session.mouth.sample > 22_050.0, "it speaks")
	talker.cut(1)
	await until(talker.is_silent, "cut")
	await seconds(0.12)
	near(talker.session.mouth.weights()[0], 1.0, 0.0001)


func test_the_voice_is_silent_after_a_cut_and_the_next_reply_is_heard() -> void:
	await _talk()
	talker.speak(1, 3_000)
	await until(func() -> bool: return talker.session.mouth.sample > 11_025.0, "it speaks")
	talker.cut(1)
	await until(talker.is_silent, "cut")
	await _reply(2, 1_000)
	same(talker.socket().last("played").get("sample"), 22_050, "all of the next one")
	await seconds(0.3)
	talker.sounds.erase(1)
	check(talker.meter.errors_ms(talker.sounds, talker.rates).size() > 30, "its sound was mixed")


func test_a_paused_tree_stops_sound_and_mouth() -> void:
	await _talk()
	talker.speak(1, 3_000)
	await until(func() -> bool: return talker.session.mouth.sample > 11_025.0, "it speaks")
	get_tree().paused = true
	await get_tree().create_timer(0.5).timeout
	var stands := talker.session.mouth.sample
	await get_tree().create_timer(1.0).timeout
	near(talker.session.mouth.sample, stands, 1.0, "stands")
	get_tree().paused = false
	await until(talker.is_silent, "it goes on", 6_000)
	same(talker.socket().last("played").get("sample"), 66_150)
	same(talker.socket().last("played").get("underruns"), 0)


func test_what_a_talking_character_costs_the_main_thread() -> void:
	await _talk()
	var awake := _keep_cores_awake()
	await _reply(1, 8_000)
	var costs := talker.meter.costs_ms
	check(costs.size() > 500, "%d frames" % costs.size())
	var p50 := LipMeter.percentile(costs, 0.5)
	var p99 := LipMeter.percentile(costs, 0.99)
	# `frametalk bench client` measures milliseconds; a test compares with work on the same machine.
	var unit := _calibration_ms()
	awake.call()
	print("     main thread: median %.3f ms, p99 %.3f, worst %.3f, unit %.3f" % [p50, p99, costs.max(), unit])
	check(p50 <= COST_UNITS * unit, "median %s ms, %.1f units of %s ms" % [p50, p50 / unit, unit])


## Work for each core until the result is called: one that sleeps between two frames is slower behind it, and the
## character's work more so than the loop of the unit.
func _keep_cores_awake() -> Callable:
	var ended := [false]
	var threads: Array[Thread] = []
	for _core: int in OS.get_processor_count():
		var thread := Thread.new()
		thread.start(_spin.bind(ended), Thread.PRIORITY_LOW)
		threads.append(thread)
	return func() -> void:
		ended[0] = true
		for thread: Thread in threads:
			thread.wait_to_finish()


static func _spin(ended: Array) -> void:
	while not ended[0]:
		pass


## The median time of a thousand square roots in a loop.
func _calibration_ms() -> float:
	var times: Array[float] = []
	for _run: int in 50:
		var began := Time.get_ticks_usec()
		var sum := 0.0
		for number: int in 1000:
			sum += sqrt(float(number))
		check(sum > 0.0, "a sum")
		times.append((Time.get_ticks_usec() - began) / 1000.0)
	return LipMeter.percentile(times, 0.5)


func test_talking_leaves_no_garbage() -> void:
	await _talk()
	for id: int in [1, 2]:
		await _reply(id, 700)
	await seconds(0.3)
	var objects := Performance.get_monitor(Performance.OBJECT_COUNT)
	talker.meter.process_mode = Node.PROCESS_MODE_DISABLED  # it keeps what it measures
	var memory := OS.get_static_memory_usage()
	for id: int in [3, 4, 5, 6]:
		await _reply(id, 700)
		talker.sounds.clear()
		talker.socket().sent.clear()
	await seconds(0.3)
	near(Performance.get_monitor(Performance.OBJECT_COUNT), objects, 10.0, "objects")
	check(OS.get_static_memory_usage() - memory < 300_000, "%d bytes more" % (OS.get_static_memory_usage() - memory))
