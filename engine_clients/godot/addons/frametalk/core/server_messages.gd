extends RefCounted
## What the server sends: frames are checked and decoded, and what concerns the turn and its reply is carried out.

const Decoder := preload("decoder.gd")
const Downlink := preload("downlink.gd")
const Marks := preload("marks.gd")
const Media := preload("media.gd")
const Shapes := preload("shapes.gd")
const Uplink := preload("uplink.gd")
const CONFIRMING: Array[String] = ["ducked", "hearing", "holding"]

var _up: Uplink
var _down: Downlink
var _emit: Callable  # (event: Dictionary)
var _decoder := Decoder.new()


func _init(up: Uplink, down: Downlink, emit: Callable) -> void:
	_up = up
	_down = down
	_emit = emit


## The control message of a frame; empty: it was media, which the downlink has taken, or it was broken.
func read(frame: PackedByteArray, text: bool, now_us: int) -> Dictionary:
	if not text and not frame.is_empty() and frame[0] < 0x80:
		var broken := Media.fault(frame)
		if broken:
			fail(broken, "a broken media frame", "", "server")
		elif frame[0] == Media.PCM16:
			_down.media(frame, now_us)
		return {}
	var message := _decoder.decode_text(frame) if text else _decoder.decode(frame)
	if message.is_empty():
		fail(_decoder.error_code, _decoder.error_text, "", "server")
		return {}
	var wrong := Shapes.fault(message)
	if wrong:
		fail("message_invalid", wrong, "", "server")
		return {}
	return message


## Carry a message out, and tell the game.
func act(message: Dictionary, now_us: int) -> void:
	match message["type"]:
		"tool.call":
			_down.tool(message)
			return
		"reply.marks":
			_take_marks(message)
			return
		"reply.begin":
			_down.begin(message, now_us)  # ends the reply before: the game learns that first
		"reply.text":
			_down.text(message)
		"reply.end":
			_down.end(message)
		"reply.cut":
			_down.cut(message, now_us)
		"turn.state":
			_down.turn(message)
			_up.onset.confirmed = message["state"] in CONFIRMING
	_emit.call({"on": "message", "message": message})


## Something on the wire was wrong.
func fail(code: String, text: String, remedy: String, fault: String) -> void:
	_emit.call({"on": "failure", "failure": FrametalkError.new(code, text, remedy, "wire", fault)})


## The failure that an [code]error[/code] of the server describes.
static func failure_of(message: Dictionary) -> FrametalkError:
	var failure := FrametalkError.new(
		message["code"],
		message.get("text", ""),
		message.get("remedy", ""),
		message.get("stage", ""),
		message.get("fault", ""),
		message.get("fatal", false)
	)
	failure.retry_after_ms = message.get("retry_after_ms", 0.0)
	return failure


func _take_marks(message: Dictionary) -> void:
	var marks: Marks = Marks.read(message)
	if marks == null:
		fail("message_invalid", "reply.marks: neither packed nor rows", "", "server")
		return
	_down.marks(message["reply"], marks)
	if not marks.at.is_empty():
		_emit.call({"on": "marks", "reply": message["reply"], "marks": marks})
