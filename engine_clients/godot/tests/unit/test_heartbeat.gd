extends "res://tests/case.gd"
## Pings and pongs: the clocks, and a server that is silent.

const Connection := preload("res://addons/frametalk/core/connection.gd")
const Heartbeat := preload("res://addons/frametalk/core/heartbeat.gd")
const World := preload("res://tests/hub_world.gd")

var world := World.new()


func _state() -> Connection.State:
	return world.of("state")[-1]["state"]


func test_the_first_pings_come_faster() -> void:
	var heartbeat := Heartbeat.new()
	heartbeat.start(0)
	var at: Array[int] = []
	for i in 5:
		at.append(heartbeat.ping_at_us)
		heartbeat.ping(heartbeat.ping_at_us)
	same(at, [0, 250_000, 500_000, 1_500_000, 2_500_000] as Array[int])


func test_no_ping_is_due_without_a_connection() -> void:
	var heartbeat := Heartbeat.new()
	heartbeat.start(0)
	heartbeat.stop()
	same(heartbeat.ping_at_us, Heartbeat.NEVER)


func cases_pongs() -> Dictionary:
	return {
		"to the ping": [{}, 4_000.0],
		"with another time": [{"t_us": 1}, -1.0],
		"to another ping": [{"id": 99}, -1.0],
	}


func test_pongs(expected: Array) -> void:
	var heartbeat := Heartbeat.new()
	var ping := heartbeat.ping(1_000)
	var pong := {"id": ping["id"], "t_us": ping["t_us"], "received_us": 9_000, "sent_us": 10_000}
	heartbeat.pong(pong.merged(expected[0], true), 6_000)
	same(heartbeat.estimate.round_trip_us, expected[1])


func test_a_pong_counts_once() -> void:
	var heartbeat := Heartbeat.new()
	var ping := heartbeat.ping(1_000)
	var pong := {"id": ping["id"], "t_us": ping["t_us"], "received_us": 9_000, "sent_us": 9_000}
	heartbeat.pong(pong, 6_000)
	heartbeat.pong(pong, 60_000)
	same(heartbeat.estimate.round_trip_us, 5_000.0)


func test_a_ping_is_forgotten_after_eight_more() -> void:
	var heartbeat := Heartbeat.new()
	for i in 1 + Heartbeat.KEPT_PINGS:
		heartbeat.ping(1_000 * i)
	heartbeat.pong({"id": 1, "t_us": 0, "received_us": 1, "sent_us": 1}, 20_000)
	same(heartbeat.estimate.round_trip_us, -1.0, "the first")
	heartbeat.pong({"id": 2, "t_us": 1_000, "received_us": 1, "sent_us": 1}, 20_000)
	same(heartbeat.estimate.round_trip_us, 19_000.0, "the second")


func test_pings_are_answered() -> void:
	world.join()
	world.socket().give({"type": "ping", "seq": 0, "id": 7, "t_us": 123})
	world.run(2)
	var pong := world.socket().last("pong")
	same(pong["id"], 7)
	same(pong["t_us"], 123)
	check(pong["received_us"] <= pong["sent_us"], "times")


func test_it_pings_and_measures_the_round_trip() -> void:
	world.join()
	var ping := world.socket().last("ping")
	world.run(20)
	var pong := {"type": "pong", "seq": 0, "id": ping["id"], "t_us": ping["t_us"]}
	world.socket().give(pong.merged({"received_us": ping["t_us"] + 5_010_000, "sent_us": ping["t_us"] + 5_012_000}))
	world.run(2)
	world.run(1_000)
	var stats: Dictionary = world.of("stats")[-1]["stats"]
	near(stats["round_trip_ms"], 20.0, 2.1, "round trip")
	near(stats["clock_offset_ms"], 5_000.0, 2.1, "offset")


func test_pongs_for_nothing_are_ignored() -> void:
	world.join()
	world.socket().give({"type": "pong", "seq": 0, "id": 99, "t_us": 1, "received_us": 2, "sent_us": 3})
	world.run(1_010)
	same(world.of("stats")[-1]["stats"]["round_trip_ms"], null)


func cases_silence_of_the_server() -> Dictionary:
	return {"that can be resumed": [{}, 5.0], "that cannot": [{"resume": "", "features": []}, 15.0]}


func test_silence_of_the_server(pair: Array) -> void:
	world.join(pair[0])
	var limit: float = pair[1]
	world.run(limit * 1000.0 - 1_500.0)
	same(_state(), Connection.State.OPEN, "before")
	world.run(3_500)
	check(world.of("state").any(func(event: Dictionary) -> bool: return event["state"] == 4), "lost")
	# With a handshake the server would end the session.
	same(world.sockets[0].dropped, true, "without a handshake")
