extends SceneTree
## Plays a scenario of engine_clients/parity and writes the transcript:
##   godot4 --headless --path . --script tests/parity.gd -- URL SCENARIO SOUNDS TRANSCRIPT
##
## Prints CUT where the connection is to be cut.

const Speaker := preload("live/speaker.gd")
const STEP_WITHIN_MS := 60_000
const SETTLE_MS := 300
const HEADER_BYTES := 44
const TAIL_MS := 400

var _session := FrametalkSession.new()
var _microphone := FrametalkMicrophone.new()
var _speaker: Speaker
var _sounds: String
var _turns: Dictionary[int, String] = {}
var _replies: Dictionary[int, Dictionary] = {}
var _calls: Dictionary[int, Dictionary] = {}
var _called: int = 0
var _ended: int = 0
var _order: PackedStringArray = []
var _problems: PackedStringArray = []


func _init() -> void:
	_run.call_deferred()


func _run() -> void:
	var arguments := OS.get_cmdline_user_args()
	var scenario: Dictionary = JSON.parse_string(FileAccess.get_file_as_string(arguments[1]))
	var world_path := arguments[1].get_base_dir().path_join(scenario["world"])
	_sounds = arguments[2]
	Engine.max_fps = 90
	_session.url = arguments[0]
	_session.auto_connect = false
	_watch()
	_build(JSON.parse_string(FileAccess.get_file_as_string(world_path)))
	_microphone.fed_by_game = true
	_session.add_child(_microphone)
	root.add_child(_session)
	_session.open()
	await _until(func() -> bool: return _session.state == FrametalkSession.State.OPEN, "joining")
	_speaker = Speaker.new(_microphone)
	await _play(scenario["steps"])
	_speaker.stop()
	_session.close("played")
	var file := FileAccess.open(arguments[3], FileAccess.WRITE)
	file.store_string(JSON.stringify(_written()))
	file.close()
	quit(0 if _problems.is_empty() else 1)


# ---- what happens --------------------------------------------------------------------------------


func _watch() -> void:
	_session.transcript.connect(
		func(text: String, _stable: int, final: bool) -> void:
			if final:
				_turns[int(_session.turn.get("turn", 0))] = text
	)
	_session.reply_begun.connect(_on_begun)
	_session.reply_sounding.connect(func(reply: int) -> void: _order.append("reply %d sounding" % reply))
	_session.reply_ended.connect(func(reply: int) -> void: _end(reply, "finished"))
	_session.reply_cut.connect(func(reply: int, why: String, _sample: int) -> void: _end(reply, why))
	_session.caption.connect(func(text: String, reply: int) -> void: _replies[reply]["captions"].append(text))
	_session.word.connect(func(text: String, reply: int) -> void: _replies[reply]["words"].append(text))
	_session.tool_called.connect(func(_call: FrametalkCall) -> void: _called += 1)
	_session.tool_finished.connect(_on_finished)
	_session.error.connect(func(failure: FrametalkError) -> void: _problems.append(str(failure)))


func _on_begun(reply: int, turn: int) -> void:
	_order.append("reply %d begin" % reply)
	_replies[reply] = {"reply": reply, "turn": turn, "how": "", "captions": [], "words": [], "gestures": []}


func _end(reply: int, how: String) -> void:
	_order.append("reply %d ended" % reply)
	_replies[reply]["how"] = how
	_ended += 1


func _on_finished(call: FrametalkCall) -> void:
	var state: String = FrametalkCall.State.keys()[call.state].to_lower()
	_order.append("call %d %s" % [call.id, state])
	_calls[call.id] = {
		"call": call.id,
		"name": call.name,
		"args": call.args,
		"state": state,
		"reason": call.reason,
		"value": call.value,
	}


func _written() -> Dictionary:
	var turns: Array[Dictionary] = []
	for turn: int in _turns:
		turns.append({"turn": turn, "text": _turns[turn]})
	return {
		"client": "godot",
		"failure": "; ".join(_problems),
		"turns": turns,
		"replies": _replies.values(),
		"tools": _calls.values(),
		"order": _order,
	}


# ---- the world -----------------------------------------------------------------------------------


func _build(world: Dictionary) -> void:
	var entities: Array[Dictionary] = []
	for entity: Dictionary in world["entity"]:
		entity.erase("position")
		entities.append(entity)
	_session.scene.snapshot(entities)
	for tool: Dictionary in world["tool"]:
		var options := {"verbs": tool["verbs"], "deadline_ms": int(tool["deadline_ms"])}
		options["changes_world"] = tool["changes_world"]
		_session.add_tool(_decide.bind(tool["rules"]), tool["name"], tool["parameters"], options)


func _decide(args: Dictionary, call: FrametalkCall, rules: Array) -> Variant:
	for rule: Dictionary in rules:
		if not _holds(rule["if"], args):
			continue
		if rule["refuse"]:
			call.refuse(_fill(rule["refuse"], args))
			return null
		for path: String in rule["set"]:
			var value: Variant = rule["set"][path]
			var owner := _named(path.get_slice(".", 0), args)
			_session.scene.set_state(owner, {path.get_slice(".", 1): _fill(value, args) if value is String else value})
		var said := _fill(rule["value"], args)
		return said if said else null
	call.refuse("nobody here can %s that" % call.name)
	return null


func _holds(conditions: Dictionary, args: Dictionary) -> bool:
	for path: String in conditions:
		var found: Variant = _session.scene.state(_named(path.get_slice(".", 0), args), path.get_slice(".", 1))
		if typeof(found) != typeof(conditions[path]) or found != conditions[path]:
			return false
	return true


func _named(name: String, args: Dictionary) -> String:
	return str(args.get(name, name))


func _fill(text: String, args: Dictionary) -> String:
	for name: String in args:
		var entity := _session.scene.entity(str(args[name]))
		if entity.is_empty():
			continue
		text = text.replace("{%s}" % name, entity["name"]).replace("{%s.id}" % name, entity["id"])
		for key: String in entity["state"]:
			text = text.replace("{%s.%s}" % [name, key], str(entity["state"][key]))
	return text


# ---- the steps -----------------------------------------------------------------------------------


func _play(steps: Array) -> void:
	var expected := 0
	for i in steps.size():
		var step: Dictionary = steps[i]
		expected += int(step.get("replies", 1))
		var before := _replies.size()
		await _begin(step)
		if step.has("at_word"):
			await _at_word(step, before)
		if not await _until(_is_settled.bind(expected), "step %d" % (i + 1)):
			return
		await create_timer(SETTLE_MS / 1000.0).timeout


func _is_settled(expected: int) -> bool:
	return _ended >= expected and _session.turn.get("state", "idle") == "idle" and _calls.size() == _called


func _begin(step: Dictionary) -> void:
	if step.has("event"):
		_session.scene.event(step["event"])
	elif step.has("say"):
		_session.say(step["say"])
	elif step.has("speak"):
		_say(step["speak"])
	elif step.has("press"):
		_microphone.mode = FrametalkMicrophone.Mode.PUSH_TO_TALK
		_microphone.press()
		_say(step["press"])
		await _until(func() -> bool: return not _speaker.is_speaking(), "speaking")
		_microphone.release()
		await create_timer(TAIL_MS / 1000.0).timeout
		_microphone.mode = FrametalkMicrophone.Mode.OPEN


func _at_word(step: Dictionary, before: int) -> void:
	var reached := func() -> bool:
		return _replies.size() > before and _replies.values()[-1]["words"].size() >= int(step["at_word"])
	await _until(reached, "word %d" % int(step["at_word"]))
	var then: Dictionary = step["then"]
	if then.has("interrupt"):
		_session.interrupt()
	if then.has("speak"):
		_say(then["speak"])
	if then.has("cut"):
		print("CUT")


func _say(line: String) -> void:
	var bytes := FileAccess.get_file_as_bytes(_sounds.path_join(line.replace(" ", "_") + ".wav"))
	_speaker.play(bytes.slice(HEADER_BYTES))


func _until(reached: Callable, what: String) -> bool:
	var end := Time.get_ticks_msec() + STEP_WITHIN_MS
	while not reached.call():
		await process_frame
		if Time.get_ticks_msec() > end:
			_problems.append("%s did not end" % what)
			return false
	return true
