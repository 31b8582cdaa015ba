extends "res://tests/case.gd"
## The scene: what changes is sent together, and again when the server asks.

const DOOR: Dictionary = {"id": "door", "name": "red door", "state": {"open": false}}
const KEY: Dictionary = {"id": "key", "name": "iron key"}

var sent: Array[Dictionary] = []
var scene := FrametalkScene.new(func(message: Dictionary) -> void: sent.append(message))


func before_each() -> void:
	scene.put(DOOR)
	scene.resend()
	sent.clear()


func test_the_whole_scene_is_sent_at_first() -> void:
	scene.resend()
	same(sent[0]["type"], "scene.snapshot")
	same(sent[0]["entities"], [DOOR])


func test_changes_of_a_frame_are_one_patch() -> void:
	var rev := scene.rev
	scene.set_state("door", {"open": true})
	scene.put(KEY)
	scene.move("door", Vector3(1, 2, 3))
	same(sent.size(), 0, "not yet")
	await frames(2)
	same(sent.size(), 1)
	var patch := sent[0]
	same(patch["base"], rev)
	same(patch["rev"], rev + 1)
	same(patch["state"], {"door": {"open": true}})
	same(patch["put"], [KEY])
	same(patch["move"], {"door": [1.0, 2.0, 3.0]})


func test_the_newest_value_counts() -> void:
	scene.set_state("door", {"open": true})
	scene.set_state("door", {"open": false, "locked": true})
	scene.flush()
	same(sent[0]["state"], {"door": {"open": false, "locked": true}})


func test_what_does_not_change_is_not_sent() -> void:
	scene.set_state("door", {"open": false})
	scene.set_state("door", {"nothing": null})
	scene.flush()
	same(sent.size(), 0)


func test_a_null_deletes_a_key() -> void:
	scene.set_state("door", {"open": null})
	scene.flush()
	same(sent[0]["state"], {"door": {"open": null}})
	same(scene.state("door", "open", "gone"), "gone")


func test_the_state_of_a_new_entity_comes_with_it() -> void:
	scene.put(KEY)
	scene.set_state("key", {"holder": "smith"})
	scene.flush()
	same(sent[0]["put"], [{"id": "key", "name": "iron key", "state": {"holder": "smith"}}])
	check(not sent[0].has("state"), "state")


func test_an_entity_that_came_and_went_is_not_sent() -> void:
	scene.put(KEY)
	scene.remove("key")
	scene.flush()
	same(sent.size(), 0)


func test_an_entity_that_is_gone_is_removed() -> void:
	scene.remove("door")
	scene.flush()
	same(sent[0]["remove"], ["door"])
	same(scene.ids(), PackedStringArray())


func test_an_event_comes_after_the_changes_before_it() -> void:
	scene.set_state("door", {"open": true})
	scene.event("creak", "door", "it creaks", {"loud": true})
	same(sent.map(func(m: Dictionary) -> String: return m["type"]), ["scene.patch", "scene.event"])
	same(
		sent[1], {"type": "scene.event", "name": "creak", "entity": "door", "text": "it creaks", "data": {"loud": true}}
	)


func test_a_resync_is_answered_by_one_snapshot() -> void:
	scene.acked(scene.rev)
	scene.resync()
	scene.resync()
	same(sent.size(), 1)
	scene.acked(scene.rev)
	scene.resync()
	same(sent.size(), 2)


func test_without_a_connection_nothing_is_sent_but_the_scene_is_kept() -> void:
	scene.lose()
	scene.set_state("door", {"open": true})
	scene.flush()
	same(sent.size(), 0)
	scene.resend()
	same(sent[0]["entities"][0]["state"], {"open": true})


func test_a_large_scene_is_sent_in_parts() -> void:
	var many: Array[Dictionary] = []
	for i in 300:
		many.append({"id": "thing_%d" % i, "name": "x".repeat(200), "state": {"text": "y".repeat(100)}})
	scene.snapshot(many)
	check(sent.size() > 2, "%d messages" % sent.size())
	var count := 0
	for i in sent.size():
		count += (sent[i]["entities"] if i == 0 else sent[i]["put"]).size()
		if i > 0:
			same(sent[i]["base"], sent[i - 1]["rev"], "revisions follow each other")
	same(count, 300)


func cases_what_is_refused() -> Dictionary:
	return {
		"no id": ["put", [{"name": "x"}], "scene_invalid"],
		"no name": ["put", [{"id": "x", "name": ""}], "scene_invalid"],
		"an unknown id to remove": ["remove", ["x"], "scene_unknown_entity"],
		"an unknown id to set": ["set_state", ["x", {"a": 1}], "scene_unknown_entity"],
		"an unknown id to move": ["move", ["x", Vector3.ZERO], "scene_unknown_entity"],
		"an id twice": ["snapshot", [[KEY, KEY] as Array[Dictionary]], "scene_invalid"],
	}


func test_what_is_refused(expected: Array) -> void:
	var failure: FrametalkError = scene.callv(expected[0], expected[1])
	same(failure.code if failure else "", expected[2])
	scene.flush()
	same(sent.size(), 0, "and changes nothing")
	same(scene.ids(), PackedStringArray(["door"]))


func test_a_copy_of_an_entity_changes_nothing() -> void:
	var copy := scene.entity("door")
	copy["state"]["open"] = true
	same(scene.state("door", "open"), false)
