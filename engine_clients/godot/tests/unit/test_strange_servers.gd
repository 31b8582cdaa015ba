extends "res://tests/case.gd"
## Servers that send strange things: random messages, made from the golden ones, in random order.

const Decoder := preload("res://addons/frametalk/core/decoder.gd")
const Encoder := preload("res://addons/frametalk/core/encoder.gd")
const World := preload("res://tests/hub_world.gd")
const MESSAGES := 400
const STRANGE: Array = [null, true, -1, 0, 7, 0.5, "", "x", [], [1], {}, {"a": 1}, 9_007_199_254_740_991]

var _random := RandomNumberGenerator.new()


func cases_random_sessions() -> Dictionary:
	var cases := {}
	for seed_number in 12:
		cases["seed %d" % seed_number] = seed_number
	return cases


## Nothing but an error of a script can fail it: the runner counts those.
func test_random_sessions(seed_number: int) -> void:
	limit_ms = 30_000
	_random.seed = seed_number
	var golden := _golden()
	var world := World.new()
	world.join()
	world.open_mic()
	var encoder := Encoder.new()
	var session := FrametalkSession.new()
	session.auto_connect = false
	add_child(session)
	session.add_tool(func() -> void: pass, "open")
	for i in MESSAGES:
		var message: Dictionary = golden[_random.randi() % golden.size()].duplicate(true)
		if message["type"] == "error" and message.get("fatal", false):
			continue
		_change(message)
		message["seq"] = 0
		var frame := encoder.encode(message)
		if _random.randf() < 0.1 and frame.size() > 4:
			frame[_random.randi() % frame.size()] = _random.randi() % 256
		world.socket().give_frame(frame)
		if _random.randf() < 0.3:
			world.sound(_random.randi() % 8, _random.randi() % 3_000, 4_000)
		if _random.randf() < 0.02:
			world.socket().end([1001, 1006, 1011, 1012][_random.randi() % 4])
		world.capture(10)
		if world.socket().state() == WebSocketPeer.STATE_CONNECTING:
			world.socket().accept()
			world.run(4)
			world.socket().welcome({"seq": 0, "resumed": _random.randf() < 0.5})
		for event in world.events:
			session._events.handle(event)
		world.events.clear()
	session.mouth_to_ear_ms()
	check(world.socket().sent.size() > 0, "it went on")


func _golden() -> Array[Dictionary]:
	var decoder := Decoder.new()
	var messages: Array[Dictionary] = []
	for folder: String in ["golden/full", "golden/least"]:
		var path := protocols().path_join(folder)
		for file in DirAccess.get_files_at(path):
			if file.ends_with(".msgpack"):
				var message := decoder.decode(FileAccess.get_file_as_bytes(path.path_join(file)))
				if not message.has("marks"):
					messages.append(message)
	return messages


func _change(message: Dictionary) -> void:
	for field: String in message.keys():
		if field == "type":
			continue
		var luck := _random.randf()
		if luck < 0.05:
			message.erase(field)
		elif luck < 0.15:
			message[field] = STRANGE[_random.randi() % STRANGE.size()]
		elif message[field] is int and luck < 0.6:
			message[field] = _random.randi() % 8
