extends "res://tests/case.gd"
## Tools: declared once, called once, refused, failed, cancelled.

signal go_on

const ToolCalls := preload("res://addons/frametalk/core/tool_calls.gd")

var sent: Array[Dictionary] = []
var begun: Array[FrametalkCall] = []
var ended: Array[FrametalkCall] = []
var tools := ToolCalls.new(sent.append, begun.append, ended.append)


func _call(id: int, name: String = "open", args: Dictionary = {"target": "door"}) -> void:
	tools.run({"type": "tool.call", "call": id, "name": name, "args": args, "deadline_ms": 2000.0, "reply": 3})


func test_a_handler_gets_arguments_and_call() -> void:
	var seen := []
	tools.define(func(args: Dictionary, call: FrametalkCall) -> void: seen.append([args, call]), "open", {}, {})
	_call(1)
	same(seen[0][0], {"target": "door"})
	same([seen[0][1].id, seen[0][1].reply, seen[0][1].deadline_ms], [1, 3, 2000.0])
	same(sent, [{"type": "tool.result", "call": 1, "ok": true, "value": null}] as Array[Dictionary])
	same(ended[0].state, FrametalkCall.State.DONE)


func cases_handlers_take_what_they_like() -> Dictionary:
	return {"nothing": "_none", "arguments": "_one", "arguments and call": "_two"}


func test_handlers_take_what_they_like(handler: String) -> void:
	tools.define(Callable(self, handler), "open", {}, {})
	_call(1)
	same(sent[0]["value"], handler)


func _none() -> String:
	return "_none"


func _one(args: Dictionary) -> String:
	return "_one" if args["target"] == "door" else ""


func _two(args: Dictionary, call: FrametalkCall) -> String:
	return "_two" if args["target"] == "door" and call.id == 1 else ""


func test_a_refusal_says_why() -> void:
	tools.define(func(_a: Dictionary, call: FrametalkCall) -> void: call.refuse("it is locked"), "open", {}, {})
	_call(1)
	same(sent[0], {"type": "tool.ack", "call": 1, "accepted": false, "reason": "it is locked"})
	same(ended[0].state, FrametalkCall.State.REFUSED)


func test_a_failure_says_why() -> void:
	tools.define(func(_a: Dictionary, call: FrametalkCall) -> void: call.fail("it broke"), "open", {}, {})
	_call(1)
	same(sent[0], {"type": "tool.result", "call": 1, "ok": false, "reason": "it broke"})


func test_a_handler_may_wait() -> void:
	var handler := func() -> String:
		await go_on
		return "done"
	tools.define(handler, "open", {}, {})
	_call(1)
	same(sent.size(), 0, "while it waits")
	same(begun.size(), 1)
	go_on.emit()
	same(sent[0]["value"], "done")


func test_a_cancelled_call_is_told_and_sends_nothing() -> void:
	var told := [false]
	var handler := func(_args: Dictionary, call: FrametalkCall) -> void:
		call.cancelled.connect(func() -> void: told[0] = true)
		await go_on
		check(call.is_cancelled(), "is_cancelled")
	tools.define(handler, "open", {}, {})
	_call(1)
	tools.cancel(1)
	same(told[0], true)
	same(ended[0].state, FrametalkCall.State.CANCELLED)
	go_on.emit()
	same(sent.size(), 0)


func test_a_call_that_was_cancelled_before_it_came_is_not_made() -> void:
	tools.define(func() -> void: pass, "open", {}, {})
	tools.cancel(1)
	_call(1)
	same(begun.size(), 0)


func test_a_call_that_comes_again_is_answered_again_and_not_made_again() -> void:
	var count := [0]
	tools.define(func() -> void: count[0] += 1, "open", {}, {})
	_call(1)
	_call(1)
	same(count[0], 1)
	same(sent[0], sent[1])
	same(ended.size(), 1)


func test_an_unknown_tool_is_refused() -> void:
	_call(1, "fly")
	same(sent[0]["accepted"], false)


func test_a_tool_whose_object_is_gone_is_refused() -> void:
	var node := Node.new()
	tools.define(node.queue_free, "open", {}, {})
	node.free()
	_call(1)
	same(sent[0]["accepted"], false)


func test_the_end_of_the_session_cancels() -> void:
	tools.define(func() -> void: await go_on, "open", {}, {})
	_call(1)
	tools.reset()
	same(ended[0].state, FrametalkCall.State.CANCELLED)
	go_on.emit()
	same(sent.size(), 0)
	_call(1)
	same(begun.size(), 2, "another session's call with the same id")


func test_properties_become_a_schema() -> void:
	tools.define(func() -> void: pass, "open", {"target": {"type": "string", "x-entity": true}}, {"verbs": ["open"]})
	same(
		tools.declare(),
		(
			[
				{
					"verbs": ["open"],
					"name": "open",
					"parameters":
					{
						"type": "object",
						"properties": {"target": {"type": "string", "x-entity": true}},
						"required": ["target"],
					},
				}
			]
			as Array[Dictionary]
		)
	)


func test_a_schema_stays_as_it_is() -> void:
	var schema := {"type": "object", "properties": {}}
	same(ToolCalls.schema_of(schema), schema)


func cases_what_cannot_be_declared() -> Dictionary:
	return {
		"a bad name": ["open the door", {}, "tool_name"],
		"an unknown option": ["open", {"deadline": 3}, "tool_option"],
	}


func test_what_cannot_be_declared(expected: Array) -> void:
	same(tools.define(func() -> void: pass, expected[0], {}, expected[1]).code, expected[2])


func test_a_tool_after_open_is_too_late() -> void:
	tools.declare()
	same(tools.define(func() -> void: pass, "open", {}, {}).code, "tools_declared")
	tools.undeclare()
	same(tools.define(func() -> void: pass, "open", {}, {}), null)


func test_the_methods_name_is_the_tools_name() -> void:
	tools.define(_wave, "", {}, {})
	same(tools.names(), PackedStringArray(["_wave"]))


func _wave() -> void:
	pass
