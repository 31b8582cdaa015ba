@tool
@icon("res://addons/frametalk/icons/session.svg")
class_name FrametalkSession
extends Node
## A session with one character: connection, conversation, scene and tools.
##
## Put it into the scene with a [FrametalkMicrophone] and a [FrametalkCharacter] below it. It connects by itself when
## it is ready, and reconnects and resumes when the connection breaks. Socket, reports and sound run on a thread of
## their own, so that a main thread that stands still for seconds loses neither reply nor session; all signals come on
## the main thread.

## The session is open; also after each reconnect ([code]welcome.resumed[/code]).
@warning_ignore("unused_signal")
signal opened(welcome: Dictionary)
## The session has ended for good. [param code] is the WebSocket's close code.
@warning_ignore("unused_signal")
signal closed(code: int, reason: String)
## The connection was lost and is opened again in [param retry_ms]. [param resumable]: nothing is lost.
@warning_ignore("unused_signal")
signal reconnecting(retry_ms: int, resumable: bool)
## [member state] has changed.
@warning_ignore("unused_signal")
signal state_changed(state: State)
## What the character does: [code]idle hearing holding thinking speaking ducked[/code]. [param message]: all fields.
@warning_ignore("unused_signal")
signal turn_state(state: String, message: Dictionary)
## The text of the player's turn so far. The first [param stable] characters will not change.
@warning_ignore("unused_signal")
signal transcript(text: String, stable: int, final: bool)
## A clause of the reply begins to be heard.
@warning_ignore("unused_signal")
signal caption(text: String, reply: int)
## A word of the reply begins to be heard.
@warning_ignore("unused_signal")
signal word(text: String, reply: int)
## A gesture for the character's body, now: in a reply, or while it listens or thinks ([param reply] is then -1).
@warning_ignore("unused_signal")
signal gesture(name: String, reply: int)
## An emotion begins, which lasts until the next or until the reply ends.
@warning_ignore("unused_signal")
signal emotion(name: String, strength: float, reply: int)
## The character looks at something. [param target]: the node of the [FrametalkSceneObject] with that id; else null.
@warning_ignore("unused_signal")
signal gaze(target: Node, name: String, reply: int)
## A reply begins; its sound comes.
@warning_ignore("unused_signal")
signal reply_begun(reply: int, turn: int)
## The first sample of a reply is heard.
@warning_ignore("unused_signal")
signal reply_sounding(reply: int)
## A reply was heard to its end.
@warning_ignore("unused_signal")
signal reply_ended(reply: int)
## A reply was cut at [param sample]: [code]interrupted continued stopped failed floor disconnected[/code].
@warning_ignore("unused_signal")
signal reply_cut(reply: int, reason: String, sample: int)
## A tool is called; its handler has begun.
signal tool_called(call: FrametalkCall)
## A tool call has ended: done, refused, failed or cancelled.
signal tool_finished(call: FrametalkCall)
## Something failed; show its text and remedy.
@warning_ignore("unused_signal")
signal error(failure: FrametalkError)
## A turn's times are known: [code]{turn, reply, mouth_to_ear_ms, stages, unmeasured, unseen, ready,
## discarded, measures}[/code].
@warning_ignore("unused_signal")
signal trace(waterfall: Dictionary)
## [member stats] is renewed, once a second.
@warning_ignore("unused_signal")
signal stats_changed(stats: Dictionary)
## The server is going to stop, in [param in_ms] at the latest. The session connects again by itself, to the server that
## this one has named if it has, and to [member url] again when 5 attempts in a row get no answer there.
@warning_ignore("unused_signal")
signal going_away(reason: String, in_ms: int)

## The connection's state.
enum State { IDLE, CONNECTING, JOINING, OPEN, WAITING, CLOSED }
## What keeps the reply's own sound from being taken for the player's speech, see [code]hello[/code] in wire.md.
enum Echo { DUCK, NONE, HALF_DUPLEX, PLATFORM_AEC }
## What interrupts a reply.
enum Interruptible { CHARACTER_DEFAULT, ALWAYS, WORDS, NEVER }
## Whether the character may listen and speak, see [code]floor.set[/code] in wire.md.
enum Floor { FREE, HOLD, SILENCE, SCRIPT }
## What the game knows of a turn's end, see [code]turn.hint[/code] in wire.md.
enum Hint { FORCE, HOLD, CANCEL }
## What is wrong with something that the character said or did.
enum Complaint { ILLEGAL, SEXUAL, HATEFUL, VIOLENT, SELF_HARM, OFF_TOPIC, OTHER }

## The group that every session is in.
const GROUP := &"frametalk_sessions"

const Events := preload("core/events.gd")
const Greeting := preload("core/greeting.gd")
const FrameCosts := preload("core/frame_costs.gd")
const Link := preload("core/link.gd")
const DebugReport := preload("core/debug_report.gd")
const ToolCalls := preload("core/tool_calls.gd")
const PRIORITY := -100  # in front of the game's nodes; the mouth comes after them
const FLOORS: Array[String] = ["free", "hold", "silence", "script"]
const COMPLAINTS: Array[String] = ["illegal", "sexual", "hateful", "violent", "self_harm", "off_topic", "other"]
const HINTS: Array[String] = ["force", "hold", "cancel"]

@export_group("Server")
## The server's address: [code]ws://[/code] or [code]wss://[/code], host and port.
@export var url: String = "ws://localhost:8765":
	set(value):
		url = value
		update_configuration_warnings()
## The token that the server's operator or the game's backend has issued. Never put it into a released game's scene.
@export var token: String = ""
## Whether it connects when it is ready; else call [method open].
@export var auto_connect: bool = true
## Whether a lost connection is opened again.
@export var reconnect: bool = true
@export_group("Conversation")
## The character to talk to; empty: the server's first.
@export var character: String = ""
## The language that is spoken, such as [code]en[/code] or [code]de[/code]; empty: English, or the voice's own.
@export var language: String = ""
## How echo is handled. [code]DUCK[/code] is for loudspeakers, [code]NONE[/code] for headphones.
@export var echo: Echo = Echo.DUCK
## What interrupts a reply.
@export var interruptible: Interruptible = Interruptible.CHARACTER_DEFAULT
## Scopes whose tools the character may use in this session; tools without a scope are always allowed.
@export var scopes: PackedStringArray = []
## Whether the conversation stands still while the scene tree is paused.
@export var pause_with_tree: bool = true
@export_group("Privacy")
## The player is a child; see [i]Consent[/i] in wire.md.
@export var child: bool = false
## What the player agrees to: [code]store[/code], [code]record[/code], [code]third_party[/code]; empty: was not asked.
@export var consent: Dictionary[String, bool] = {}
@export_group("Advanced")
## Optional features of the wire that the session uses.
@export var features: PackedStringArray = ["resume", "floor", "turn_hint"]

## For the addon's nodes: the connection to the session's thread.
var link: Link = Link.new(self)
## The connection's state.
var state: State = State.IDLE
## While there is no connection: it will go on as soon as there is one, and nothing is lost.
var resumable: bool = false
## The server's answer to hello; empty before it.
var welcome: Dictionary = {}
## The newest [code]turn.state[/code]; empty before the first.
var turn: Dictionary = {}
## The reply under way; -1: none.
var reply: int = -1
## The scene that the character knows.
var scene: FrametalkScene = FrametalkScene.new(link.send)
## What the player attends to.
var focus: FrametalkFocus = FrametalkFocus.new(link.send, Time.get_ticks_usec)
## The character's mouth.
var mouth: FrametalkMouth = FrametalkMouth.new()
## Measurements of this client, renewed once a second: [code]capture_to_wire_ms received_to_output_ms buffered_ms[/code]
## as [code]{p50, p95, n}[/code] (null before the first), [code]round_trip_ms jitter_ms clock_offset_ms clock_error_ms
## underruns mic_frames speech_frames buffered_now_ms[/code].
var stats: Dictionary = {}
## The newest 64 waterfalls, oldest first; see [signal trace].
var traces: Array[Dictionary] = []
## What this addon's nodes of the session cost the main thread in the last frame, in microseconds.
var frame_cost_us: int = 0

var _tools: ToolCalls = ToolCalls.new(link.send, tool_called.emit, tool_finished.emit)
var _events: Events = Events.new(self, _tools)
var _costs: FrameCosts = FrameCosts.new()
var _tree_paused: bool = false


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	process_priority = PRIORITY


func _enter_tree() -> void:
	add_to_group(GROUP)


func _ready() -> void:
	DebugReport.watch(self)
	if auto_connect and not Engine.is_editor_hint():
		# At the end of the frame, when all nodes of the scene have added their tools.
		open.call_deferred()


func _exit_tree() -> void:
	close("the scene was left")


func _process(_delta: float) -> void:
	var began_us := Time.get_ticks_usec()
	frame_cost_us = link.take_cost()
	if not link.is_running():
		return
	var second := _costs.add(frame_cost_us, began_us)
	if not second.is_empty():
		link.post(link.hub().down.take_frame_cost.bind(second))
	if pause_with_tree and get_tree().paused != _tree_paused:
		_tree_paused = get_tree().paused
		pause(_tree_paused)
	for event in link.take():
		_events.handle(event)
	if state == State.CLOSED:
		link.stop("")
	link.count_cost(began_us)


func _get_configuration_warnings() -> PackedStringArray:
	var warnings := PackedStringArray()
	if not (url.begins_with("ws://") or url.begins_with("wss://")):
		warnings.append("The url must begin with ws:// or wss://.")
	return warnings


## The session that a node belongs to: the nearest one above it, else the first of the scene tree, else null.
static func of(node: Node) -> FrametalkSession:
	var above := node.get_parent()
	while above:
		if above is FrametalkSession:
			return above
		above = above.get_parent()
	if not node.is_inside_tree():
		return null
	return node.get_tree().get_first_node_in_group(GROUP) as FrametalkSession


## Connect; add tools before. Failures come as [signal error] and [signal closed].
func open() -> void:
	close("opened again")
	welcome = {}
	_tree_paused = false
	_events.become(State.CONNECTING)
	link.start(Greeting.address_of(url), Greeting.hello_of(self, _tools.declare()), reconnect)


## End the session. [method open] begins another one.
func close(reason: String = "") -> void:
	if not link.is_running():
		return
	for event in link.stop(reason):
		_events.handle(event)


## Open a lost connection again now, without waiting.
func retry() -> void:
	if link.is_running():
		link.post(link.hub().retry)


## Send a typed turn of 1 to 2,000 characters. Returns false without a connection that it can be sent over.
func say(text: String) -> bool:
	if state != State.OPEN and not resumable:
		return false
	scene.flush()
	link.send({"type": "say", "text": text})
	return true


## Stop the present reply: the player's stop button.
func interrupt() -> void:
	link.send({"type": "interrupt"})


## The game stands still (a menu, a level that loads), for at most [param for_ms] (0: as long as the server allows), or
## goes on. The reply stands still too, and nothing fails meanwhile.
func pause(paused: bool = true, for_ms: float = 0.0) -> void:
	if link.is_running():
		link.post(link.hub().pause.bind(paused, for_ms))


## Set whether the character may listen and speak; [param until_ms] 0: until the next call.
func set_floor(mode: Floor, until_ms: float = 0.0) -> void:
	var message := {"type": "floor.set", "mode": FLOORS[mode]}
	if until_ms > 0.0:
		message["until_ms"] = until_ms
	link.send(message)


## Tell the server what the game knows of a turn's end; [param turn_id] 0: the present turn.
func hint(what: Hint, turn_id: int = 0) -> void:
	var number: int = turn_id if turn_id > 0 else turn.get("turn", 0)
	link.send({"type": "turn.hint", "turn": number, "hint": HINTS[what]})


## The player reports a reply (-1: the conversation) to those who run the game.
func report(what: Complaint, about: int = -1, text: String = "") -> void:
	var message := {"type": "report", "reason": COMPLAINTS[what]}
	if about >= 0:
		message["reply"] = about
	if text:
		message["text"] = text
	link.send(message)


## Declare a tool, before [method open]. Its handler takes nothing, [code](args: Dictionary)[/code] or
## [code](args: Dictionary, call: FrametalkCall)[/code], may [code]await[/code], and returns the call's value; to
## refuse it calls [method FrametalkCall.refuse]. It is called when the reply's sound reaches the call's sample.
## [param tool_name] empty: the method's own name. [param parameters]: JSON Schema of the arguments, or names of
## properties with their schemas. [param options]: [code]description changes_world deadline_ms verbs scope[/code].
func add_tool(
	handler: Callable, tool_name: String = "", parameters: Dictionary = {}, options: Dictionary = {}
) -> FrametalkError:
	return _tools.define(handler, tool_name, parameters, options)


## Names of the tools that are declared.
func tool_names() -> PackedStringArray:
	return _tools.names()


## The node that a scene object with this id stands for; null if there is none.
func node_of(entity: String) -> Node:
	return link.objects.get(entity)


## The median mouth-to-ear of [member traces] in milliseconds; -1 before the first.
func mouth_to_ear_ms() -> float:
	var measured := PackedFloat32Array()
	for waterfall in traces:
		if waterfall["mouth_to_ear_ms"] != null:
			measured.append(waterfall["mouth_to_ear_ms"])
	if measured.is_empty():
		return -1.0
	measured.sort()
	return measured[measured.size() >> 1]
