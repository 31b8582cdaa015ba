extends RefCounted
## The tools of the game: declared in hello; each call is carried out at most once.

const KEPT_CALLS := 256  # so that a call that is repeated is not carried out again
const NAME_PATTERN := "^[A-Za-z0-9_-]{1,64}$"
const OPTIONS: Array[String] = ["description", "changes_world", "deadline_ms", "verbs", "scope"]

var _send: Callable  # (message: Dictionary)
var _called: Callable  # (call: FrametalkCall)
var _finished: Callable  # (call: FrametalkCall)
var _specs: Dictionary[String, Dictionary] = {}
var _handlers: Dictionary[String, Callable] = {}
var _calls: Dictionary[int, FrametalkCall] = {}
var _answers: Dictionary[int, Dictionary] = {}
var _cancelled_early: Dictionary[int, bool] = {}
var _declared: bool = false


func _init(send: Callable, called: Callable, finished: Callable) -> void:
	_send = send
	_called = called
	_finished = finished


## Declare a tool; see [method FrametalkSession.add_tool].
func define(handler: Callable, tool_name: String, parameters: Dictionary, options: Dictionary) -> FrametalkError:
	var name := tool_name if tool_name else str(handler.get_method())
	if _declared:
		return _bad("tools_declared", "the tool %s was added after open()" % name, "add every tool before open()")
	if RegEx.create_from_string(NAME_PATTERN).search(name) == null:
		return _bad("tool_name", "%s cannot be a tool's name" % name, "use letters, digits, _ and -, at most 64")
	for option: String in options:
		if option not in OPTIONS:
			return _bad("tool_option", "there is no option %s" % option, "use %s" % ", ".join(OPTIONS))
	var spec := options.duplicate(true)
	spec["name"] = name
	if not parameters.is_empty():
		spec["parameters"] = schema_of(parameters)
	_specs[name] = spec
	_handlers[name] = handler
	return null


## JSON Schema of the arguments, from that or from names of properties with their schemas, which are all required then.
static func schema_of(parameters: Dictionary) -> Dictionary:
	if parameters.get("type") is String:
		return parameters
	return {"type": "object", "properties": parameters, "required": parameters.keys()}


func names() -> PackedStringArray:
	return PackedStringArray(_specs.keys())


## The tools for hello; after this none can be added.
func declare() -> Array[Dictionary]:
	_declared = true
	return _specs.values()


## The session has ended; tools may be added again.
func undeclare() -> void:
	_declared = false


## Carry out a call that is due; returns when it has ended.
func run(message: Dictionary) -> void:
	var id: int = message["call"]
	if _calls.has(id):
		if _answers.has(id):
			_send.call(_answers[id])
		return
	if _cancelled_early.erase(id):
		return
	var call := _add(message)
	_called.call(call)
	var handler: Callable = _handlers.get(call.name, Callable())
	if not handler.is_valid():
		call.refuse("there is no such tool")
		_answer(call)
		return
	var arguments := [call.args, call].slice(0, clampi(handler.get_argument_count(), 0, 2))
	@warning_ignore("redundant_await")
	var value: Variant = await handler.callv(arguments)
	call.end_as(FrametalkCall.State.DONE, "", value)
	_answer(call)


## The server cancelled a call.
func cancel(id: int) -> void:
	if _calls.has(id):
		var call := _calls[id]
		if call.state == FrametalkCall.State.CALLED:
			call.end_as(FrametalkCall.State.CANCELLED)
			_finished.call(call)
		return
	_cancelled_early[id] = true
	if _cancelled_early.size() > KEPT_CALLS:
		_cancelled_early.erase(_cancelled_early.keys()[0])


## The session has ended: cancel its calls.
func reset() -> void:
	for id: int in _calls.keys():
		cancel(id)
	_calls.clear()
	_answers.clear()
	_cancelled_early.clear()


func _add(message: Dictionary) -> FrametalkCall:
	var call := FrametalkCall.new()
	call.id = message["call"]
	call.name = message["name"]
	call.args = message.get("args", {})
	call.turn = message.get("turn", 0)
	var reply: Variant = message.get("reply")
	call.reply = reply if reply is int else -1
	call.scene_rev = message.get("scene_rev", 0)
	call.deadline_ms = message["deadline_ms"]
	_calls[call.id] = call
	if _calls.size() > KEPT_CALLS:
		var oldest: int = _calls.keys()[0]
		_calls.erase(oldest)
		_answers.erase(oldest)
	return call


func _answer(call: FrametalkCall) -> void:
	if call.state == FrametalkCall.State.CANCELLED or _answers.has(call.id) or _calls.get(call.id) != call:
		return
	var answer := {"type": "tool.result", "call": call.id, "ok": call.state == FrametalkCall.State.DONE}
	match call.state:
		FrametalkCall.State.DONE:
			answer["value"] = call.value
		FrametalkCall.State.REFUSED:
			answer = {"type": "tool.ack", "call": call.id, "accepted": false, "reason": call.reason}
		FrametalkCall.State.FAILED:
			answer["reason"] = call.reason
	_answers[call.id] = answer
	_send.call(answer)
	_finished.call(call)


static func _bad(code: String, text: String, remedy: String) -> FrametalkError:
	return FrametalkError.new(code, text, remedy, "tool", "client")
