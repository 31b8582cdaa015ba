extends RefCounted
## The reply under way: its sound, its reports of what was heard, and what is due at a sample.

const LipClock := preload("lip_clock.gd")
const Marks := preload("marks.gd")
const Media := preload("media.gd")
const Reply := preload("reply.gd")
const Sink := preload("sink.gd")
const StatsKeeper := preload("stats_keeper.gd")
const PLAYED_EVERY_US := 100_000
const BUFFERED_EVERY_US := 100_000
const UNCONFIRMED_DUCK_US := 400_000
const FLUSH_WITHIN_US := 300_000
const SILENCE_DB := -96.0
const MARGIN_US := 500  # a sample that is due within this has left

## How often reports are sent.
var played_every_us: int = PLAYED_EVERY_US
## The reply under way; null: none.
var current: Reply = null
## For the mouth.
var lips := LipClock.new()
var sink: Sink
## Grows with every cut: the main thread should make the voice silent. 0: sound has been pushed since.
var flush_token: int = 0

var _send: Callable  # (message: Dictionary)
var _emit: Callable  # (event: Dictionary)
var _mic_sample: Callable  # (us: int) -> Variant
var _stats: StatsKeeper
var _cuts: int = 0
var _flush_until_us: int = 0
var _heard_reply: int = -1  # the newest reply that was reported, and how far it was heard
var _heard_sample: int = 0
var _game_paused: bool = false
var _turn_paused: bool = false
var _ducked: bool = false
var _onset_until_us: int = 0
var _voice := [false, false]
var _looked_us: int = 0
var _frame_cost: Dictionary = {}  # of the newest second, until it was reported


func _init(p_sink: Sink, stats: StatsKeeper, send: Callable, emit: Callable, mic_sample: Callable) -> void:
	sink = p_sink
	_stats = stats
	_send = send
	_emit = emit
	_mic_sample = mic_sample


## The voice has a new, empty generator.
func attach(playback: Object, playback_hz: int, capacity: int) -> void:
	sink.attach(playback, playback_hz, capacity)
	_flush_until_us = 0
	if current and current.started():
		current.rebase()


func begin(message: Dictionary, now_us: int) -> void:
	if current:
		_finish("disconnected", now_us)
	current = Reply.new(message, sink)
	current.reported_us = now_us
	_turn_paused = false
	_ducked = false


## Take a media frame.
func media(frame: PackedByteArray, now_us: int) -> void:
	if current == null or current.how or current.stream != Media.stream_of(frame):
		return
	_stats.speech_frames += 1
	if current.arrived_us < 0:
		current.arrived_us = now_us
	current.feed(frame)


## Marks that are not visemes come as events when they are heard.
func marks(reply: int, marked: Marks) -> void:
	for mark in marked.others:
		_when(reply, mark[1], {"on": "mark", "reply": reply, "kind": mark[0], "name": mark[2], "value": mark[3]})


func text(message: Dictionary) -> void:
	_when(message["reply"], message["at"], {"on": "caption", "reply": message["reply"], "text": message["text"]})


func end(message: Dictionary) -> void:
	if current and current.id == message["reply"] and current.total < 0:
		current.total = message["samples"]


func cut(message: Dictionary, now_us: int) -> void:
	if current == null or current.id != message["reply"]:
		return
	current.discard()
	_flush(now_us)
	_finish(str(message.get("reason", "interrupted")), now_us)


## A turn.state: it may lower or pause the reply.
func turn(message: Dictionary) -> void:
	_ducked = message["state"] == "ducked"
	_turn_paused = _ducked and message.get("paused", false) == true
	if _ducked or message["state"] != "speaking":
		_onset_until_us = 0


## What the addon cost the main thread in a second's frames.
func take_frame_cost(cost: Dictionary) -> void:
	_frame_cost = cost


## The game stands still, or goes on.
func pause(stands: bool) -> void:
	_game_paused = stands


## The player may be speaking: lower the reply that is heard until the server has decided. Returns whether one is.
func voice_began(now_us: int) -> bool:
	if current == null or not current.sounding:
		return false
	_onset_until_us = now_us + UNCONFIRMED_DUCK_US
	return true


## The level of the sound that is played, in dB of full scale.
func played_db() -> float:
	return current.level_db if current else SILENCE_DB


## A call is due when its reply's clock reaches its sample; it is void if the reply is cut before that.
func tool(message: Dictionary) -> void:
	var event := {"on": "tool", "call": message}
	var reply: Variant = message.get("reply")
	var at: int = message.get("at", 0)
	if reply == null or at == 0:
		_emit.call(event)
	elif current and current.id == reply:
		current.wait_for(at, event)
	elif reply == _heard_reply and at <= _heard_sample:
		_emit.call(event)


## The reply under way and how far it was heard, for a session that is resumed.
func position() -> Dictionary:
	if current == null:
		return {"reply": null, "played": 0}
	return {"reply": current.id, "played": current.reported}


## The session has ended: stop playing, and send no reports.
func leave(now_us: int) -> void:
	if current:
		current.discard()
		_flush(now_us)
		_finish("disconnected", now_us, false)
	_heard_reply = -1
	_game_paused = false
	_turn_paused = false
	_ducked = false


## Do what is due.
func step(now_us: int) -> void:
	sink.measure()
	_set_voice(now_us)
	if current == null:
		return
	if now_us >= _flush_until_us:
		var pushed := sink.pushed
		if current.push():
			_stats.underruns += 1
		if sink.pushed != pushed:
			flush_token = 0
	_move_lips()
	_report(now_us)


func _when(reply: int, at: int, event: Dictionary) -> void:
	# What is at sample 0 belongs to the first sound, not to the announcement of the reply.
	if current and current.id == reply and not current.how:
		current.wait_for(maxi(at, 1), event)


func _set_voice(now_us: int) -> void:
	var held := _game_paused or _turn_paused
	if current:
		current.paused = held
	var voice := [_ducked or now_us < _onset_until_us, held]
	if voice != _voice:
		_voice = voice
		_emit.call({"on": "voice", "ducked": voice[0], "paused": voice[1]})


func _move_lips() -> void:
	if current.started():
		lips.move(current.id, current.rate_hz, sink.anchor_us, current.anchor(), current.limit())


func _report(now_us: int) -> void:
	var at_us := now_us + MARGIN_US
	var sample := current.heard(at_us)
	var done := current.finished(at_us)
	var due := current.take_due(sample)
	var first := sample > 0 and not current.sounding
	if first or done or not due.is_empty() or now_us - current.reported_us >= played_every_us:
		_send_report(sample, done, now_us)
	if first:
		current.sounding = true
		_stats.add("received_to_output_ms", (now_us - current.arrived_us) / 1000.0)
		_emit.call({"on": "sounding", "reply": current.id})
	for event in due:
		_emit.call(event)
	if now_us - _looked_us >= BUFFERED_EVERY_US and current.sounding:
		_looked_us = now_us
		_stats.buffered_now_ms = current.buffered_ms(now_us)
		_stats.add("buffered_ms", _stats.buffered_now_ms)
	if done:
		_finish("finished", now_us, false)


func _send_report(sample: int, done: bool, now_us: int) -> void:
	current.reported = sample
	current.reported_us = now_us
	_heard_reply = current.id
	_heard_sample = sample
	var message := {
		"type": "played",
		"reply": current.id,
		"sample": sample,
		"t_us": now_us,
		"mic_sample": _mic_sample.call(now_us),
		"underruns": current.underruns,
		"done": done,
	}
	if current.arrived_us >= 0:
		message["arrived_us"] = current.arrived_us
	var output_ms: Variant = sink.output_ms()
	if output_ms != null:
		message["output_ms"] = output_ms
	if not _frame_cost.is_empty():
		message["frame_cost"] = _frame_cost
		_frame_cost = {}
	_send.call(message)


## Have the main thread make the voice silent; until then nothing else is pushed.
func _flush(now_us: int) -> void:
	if not current.started() or sink.rate_hz == 0:
		return
	_cuts += 1
	flush_token = _cuts
	_flush_until_us = now_us + FLUSH_WITHIN_US
	_emit.call({"on": "flush", "token": _cuts})


func _finish(how: String, now_us: int, report: bool = true) -> void:
	var sample := current.heard(now_us) if how != "finished" else current.reported
	if report:
		_send_report(sample, true, now_us)
	current.how = how
	lips.end(current.id, now_us, maxf(current.position(now_us), 0.0) if current.started() else 0.0, how != "finished")
	_emit.call({"on": "ended", "reply": current.id, "sample": sample, "how": how})
	current = null
	_stats.buffered_now_ms = 0.0
