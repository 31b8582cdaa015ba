extends "res://tests/case.gd"
## A true microphone of the operating system, with a sound server of our own (tests/with_pulse.sh).

const Server := preload("res://tests/live/server.gd")
const Tavern := preload("res://tests/live/tavern.gd")

static var server := Server.new()

var tavern: Tavern


func before_each() -> void:
	limit_ms = 60_000
	same(AudioServer.get_driver_name(), "PulseAudio", "driver")
	await server.start_once(self)
	tavern = Tavern.new(server.url)
	add_child(tavern)


func after_each() -> void:
	tavern.queue_free()
	await frames(2)


static func after_all() -> void:
	server.stop()


## Play a recording where the microphone hears it.
func _play(name: String) -> void:
	var file := OS.get_environment("FRAMETALK_SPEECH").path_join(name + ".raw")
	var format := ["--rate=16000", "--channels=1", "--format=s16le", "--raw", "--latency-msec=20"]
	OS.create_process("pacat", ["--device=mouth"] + format + [file])


func cases_a_spoken_command_is_carried_out() -> Dictionary:
	return {"through the audio server's input": false, "through a bus": true}


func test_a_spoken_command_is_carried_out(through_bus: bool) -> void:
	var microphone := FrametalkMicrophone.new()
	microphone.through_bus = through_bus
	tavern.session.add_child(microphone)
	var session := tavern.session
	await until(func() -> bool: return session.state == FrametalkSession.State.OPEN, "open")
	await until(func() -> bool: return microphone.is_open, "the microphone is open")
	await seconds(2.0)  # the recogniser learns the scene's names
	same(microphone.state, FrametalkMicrophone.State.RUNNING, "state")
	_play("open_red_door")
	var loudest := [-96.0]
	await until(
		func() -> bool:
			loudest[0] = maxf(loudest[0], microphone.level_db)
			return tavern.state("door", "open") == true,
		"the door is opened",
		15_000
	)
	same(tavern.calls.size(), 1, "one call, heard %s" % [tavern.heard])
	check(loudest[0] > -40.0, "level %s dB" % loudest[0])
	await until(func() -> bool: return tavern.ends > 0, "the answer was heard", 10_000)
	same(tavern.errors, PackedStringArray(), "errors")
	same(microphone.restarts, 0, "restarts")
	check(session.mouth_to_ear_ms() > 0.0, "%s" % [session.traces])
	print("     mouth-to-ear %s ms" % session.mouth_to_ear_ms())
