extends "res://tests/case.gd"
## A session that goes on over another connection, and what it needs for that.

const Resumption := preload("res://addons/frametalk/core/resumption.gd")
const World := preload("res://tests/hub_world.gd")

var world := World.new()


func _joined(changes: Dictionary = {}) -> Resumption:
	var resumption := Resumption.new()
	resumption.join(World.ScriptedSocket.WELCOME.merged(changes, true), 0)
	return resumption


func cases_numbers_of_messages() -> Dictionary:
	return {
		"the next one": [2, false],
		"one that was skipped to": [7, false],
		"the newest again": [1, true],
		"no number": [0, false],
	}


func test_numbers_of_messages(expected: Array) -> void:
	same(_joined().repeats(expected[0]), expected[1])


func test_a_message_without_a_number_is_not_counted() -> void:
	var resumption := _joined()
	resumption.repeats(5)
	resumption.repeats(0)
	same(resumption.counts()["received"], 5)


func test_a_session_that_goes_on_counts_on() -> void:
	var resumption := _joined()
	resumption.repeats(5)
	resumption.outgoing.message("say", PackedByteArray([1]))
	resumption.outgoing.message("say", PackedByteArray([2]))
	resumption.join(World.ScriptedSocket.WELCOME.merged({"seq": 0, "resumed": true, "received": 1}, true), 0)
	same(resumption.counts(), {"received": 5, "sent": 2, "mic_sample": 0})
	same(resumption.outgoing.rest(), [PackedByteArray([2])] as Array[PackedByteArray])


func test_a_new_session_counts_anew() -> void:
	var resumption := _joined()
	resumption.repeats(5)
	resumption.outgoing.message("say", PackedByteArray([1]))
	resumption.join(World.ScriptedSocket.WELCOME, 0)
	same(resumption.counts(), {"received": 1, "sent": 0, "mic_sample": 0})


func test_what_was_acknowledged_is_not_acknowledged_again() -> void:
	var resumption := _joined()
	resumption.repeats(3)
	same(resumption.acknowledge(0), 3)
	same(resumption.acknowledge(1_000_000), -1)
	same(resumption.ack_at_us, 2_000_000)


func test_while_something_sent_is_not_confirmed_it_acknowledges() -> void:
	var resumption := _joined()
	resumption.acknowledge(0)
	resumption.outgoing.message("say", PackedByteArray([1]))
	same(resumption.acknowledge(0), 1)


func test_without_the_feature_no_acknowledgement_is_due() -> void:
	var resumption := _joined({"features": []})
	same(resumption.possible, false)
	same(resumption.ack_at_us, Resumption.NEVER)


func test_a_session_that_is_kept_ends_with_its_window() -> void:
	world.join({"limits": World.ScriptedSocket.WELCOME["limits"].merged({"resume_ms": 2000.0}, true)})
	world.reply(1, 10_000)
	world.run(100)
	world.socket().end()
	world.run(1_950)
	check(world.hub.down.current != null, "before")
	world.run(100)
	check(world.hub.down.current == null, "after")


func test_it_resumes_with_token_and_counts() -> void:
	world.join()
	world.hub.send({"type": "say", "text": "one"})
	world.hub.send({"type": "say", "text": "two"})
	world.socket().end()
	world.run(10)
	same(world.sockets.size(), 2, "connections")
	world.socket().accept()
	world.run(2)
	var hello := world.socket().sent[0]
	same(hello["resume"], "token-1")
	same(hello["resume_from"]["received"], 1)
	same(hello["resume_from"]["sent"], 2)
	same(hello["resume_from"]["reply"], null)


func test_what_was_not_confirmed_is_sent_again_in_order() -> void:
	world.join()
	for text: String in ["one", "two", "three"]:
		world.hub.send({"type": "say", "text": text})
	world.socket().end()
	world.run(4)
	world.hub.send({"type": "say", "text": "four"})
	world.run(4)
	world.socket().accept()
	world.run(2)
	world.socket().welcome({"seq": 0, "resumed": true, "received": 1, "resume": "token-2"})
	world.run(2)
	var texts := world.socket().of("say").map(func(message: Dictionary) -> String: return message["text"])
	same(texts, ["two", "three", "four"])
	same(world.of("state")[-1]["resumable"], false)


func test_what_the_server_has_received_is_not_kept() -> void:
	world.join()
	world.hub.send({"type": "say", "text": "one"})
	world.socket().give({"type": "received", "seq": 0, "messages": 1})
	world.run(2)
	world.socket().end()
	world.run(6)
	world.socket().accept()
	world.run(2)
	world.socket().welcome({"seq": 0, "resumed": true, "received": 1})
	world.run(2)
	same(world.socket().of("say").size(), 0)


func test_a_message_that_comes_again_is_handled_once() -> void:
	world.join()
	world.socket().give({"type": "transcript", "seq": 2, "turn": 1, "rev": 1, "text": "a"})
	world.socket().give({"type": "transcript", "seq": 2, "turn": 1, "rev": 1, "text": "a"})
	world.run(4)
	var texts := world.of("message").filter(
		func(event: Dictionary) -> bool: return event["message"]["type"] == "transcript"
	)
	same(texts.size(), 1)


func test_another_session_begins_when_it_cannot_be_resumed() -> void:
	world.join()
	world.hub.send({"type": "say", "text": "lost"})
	world.socket().end()
	world.run(10)
	world.socket().accept()
	world.run(4)
	world.socket().welcome({"resumed": false, "not_resumed": "resume_unknown"})
	world.run(4)
	same(world.socket().of("say").size(), 0, "sent again")
	same(world.of("message")[-1]["message"]["not_resumed"], "resume_unknown")


func test_after_the_window_the_session_is_new() -> void:
	world.join({"limits": World.ScriptedSocket.WELCOME["limits"].merged({"resume_ms": 2000.0}, true)})
	world.socket().end()
	world.run(3_000)
	world.socket().accept()
	world.run(4)
	check(not world.socket().sent[0].has("resume"), "no token")


func test_a_paused_session_can_be_resumed_for_longer() -> void:
	world.join({"limits": World.ScriptedSocket.WELCOME["limits"].merged({"resume_ms": 2000.0}, true)})
	world.hub.pause(true, 30_000.0)
	world.run(4)
	world.socket().end()
	world.run(10_000)
	world.socket().accept()
	world.run(4)
	same(world.socket().sent[0].get("resume"), "token-1")


func test_it_acknowledges_once_a_second() -> void:
	world.join()
	world.socket().give({"type": "transcript", "turn": 1, "rev": 1, "text": "a"})
	world.run(1_010)
	same(world.socket().last("ack").get("acked"), 2)
	var count := world.socket().of("ack").size()
	world.socket().give({"type": "ping", "seq": 0, "id": 1, "t_us": 1})
	world.run(1_010)
	same(world.socket().of("ack").size(), count, "nothing new")


func test_an_outbox_that_overflows_cannot_be_resumed() -> void:
	world.join()
	world.socket().end()
	world.run(2)
	for i in 2_010:
		world.hub.send({"type": "say", "text": str(i)})
	world.run(4)
	world.socket().accept()
	world.run(4)
	check(not world.socket().sent[0].has("resume"), "no token")
