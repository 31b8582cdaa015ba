class_name FrametalkReplayServer
extends Node
## A server that plays a recorded session, in the game's own process: tests of a game need no frametalk.
##
## [codeblock]
## var server := FrametalkReplayServer.new()
## add_child(server)
## session.url = server.listen()
## session.open()
## [/codeblock]
## The recording is a list of frames in the form of [code]protocols/golden/session.json[/code]. After
## [code]hello[/code] it waits for a turn ([code]mic.start[/code] or [code]say[/code]), for each tool's outcome, and for
## each [code]played[/code] of the recording, so that the client takes part as with a real server. A further turn plays
## it again. It hears nothing: each turn gets the recorded answer. A reply that the recording cuts goes on in silence
## until enough of it was played.

## A client has sent a control message.
signal received(message: Dictionary)
## The recording was played to its end.
signal finished

## What a frame of the recorded client stands for; other frames are not waited for.
const GATES: Dictionary[String, StringName] = {
	"hello": &"hello", "mic.start": &"turn", "say": &"turn", "tool.result": &"outcome", "played": &"played"
}
const Decoder := preload("../core/decoder.gd")
const Encoder := preload("../core/encoder.gd")
const Recording := preload("recording.gd")
const Media := preload("../core/media.gd")
## How far ahead of what was played sound is sent, in seconds.
const LEAD_S := 0.4
## The recording.
@export_file("*.json") var recording: String = "res://addons/frametalk/testing/session.json"

## All control messages that clients have sent; for checks.
var messages: Array[Dictionary] = []
## How often the recording was played to its end.
var played: int = 0

var _listener := TCPServer.new()
var _socket: WebSocketPeer
var _decoder := Decoder.new()
var _encoder := Encoder.new()
var _recording: Recording = Recording.new()
var _script: Array[Dictionary] = []
var _at := 0
var _seq := 0
var _came: Dictionary[StringName, int] = {}
var _heard := 0
var _rate_hz := 0
var _last_media := PackedByteArray()


## Listens on this machine; [param port] 0: any free one. Returns the address for [member FrametalkSession.url], or ""
## when it cannot listen.
func listen(port: int = 0) -> String:
	_script = _recording.load_from(recording)
	if _script.is_empty() or _listener.listen(port, "127.0.0.1") != OK:
		return ""
	return "ws://127.0.0.1:%d" % _listener.get_local_port()


## Breaks the connection, as a network does.
func drop() -> void:
	_socket = null


## Stops listening, and breaks the connection.
func stop() -> void:
	_listener.stop()
	drop()


func _init() -> void:
	process_mode = PROCESS_MODE_ALWAYS


func _exit_tree() -> void:
	stop()


func _process(_delta: float) -> void:
	if _listener.is_connection_available():
		_socket = WebSocketPeer.new()
		_socket.outbound_buffer_size = 1 << 20
		_socket.inbound_buffer_size = 1 << 20
		_socket.accept_stream(_listener.take_connection())
		_at = 0
		_seq = 0
		played = 0
		_came.clear()
		_last_media.clear()
	if _socket == null:
		return
	_socket.poll()
	while _socket.get_available_packet_count():
		var frame := _socket.get_packet()
		if _socket.was_string_packet():
			_take(_decoder.decode_text(frame))
		elif frame and frame[0] >= 0x80:
			_take(_decoder.decode(frame))
	if _socket.get_ready_state() == WebSocketPeer.STATE_OPEN:
		_advance()


func _take(message: Dictionary) -> void:
	if message.is_empty():
		return
	messages.append(message)
	var type: String = message["type"]
	match type:
		"ping":
			var now := Time.get_ticks_usec()
			_send_message(
				{"type": "pong", "id": message["id"], "t_us": message["t_us"], "received_us": now, "sent_us": now}
			)
		"scene.snapshot", "scene.patch":
			_seq += 1
			_send_message({"type": "scene.ack", "seq": _seq, "rev": message["rev"]})
		"bye":
			_socket.close(1000)
		"tool.ack":
			if not message.get("accepted", true):
				_come(&"outcome")
		"played":
			_heard = maxi(_heard, message["sample"])
	if GATES.has(type):
		_come(GATES[type])
	received.emit(message)


func _come(gate: StringName) -> void:
	_came[gate] = _came.get(gate, 0) + 1


## Sends what the recorded server sent, up to the next frame of the client that has not come yet.
func _advance() -> void:
	while _at < _script.size():
		var entry := _script[_at]
		if entry["from"] == "client":
			if not _passes(entry):
				return
		elif entry["name"] not in ["ping", "scene.ack"]:
			_send_recorded(entry)
		_at += 1
		if _at == _script.size():
			played += 1
			_at = _first_turn()
			_came.clear()
			finished.emit()


## Whether what the client sent is enough to go on after this frame of the recorded client.
func _passes(entry: Dictionary) -> bool:
	var gate: StringName = GATES.get(entry["name"], &"")
	if gate == &"":
		return true
	if gate == &"played":
		var message: Dictionary = entry["message"]
		if message.get("done", false) or _heard >= message["sample"]:
			return true
		_go_on_in_silence()
		return false
	if not _came.get(gate, 0):
		return false
	_came[gate] -= 1
	return true


func _send_recorded(entry: Dictionary) -> void:
	var frame: PackedByteArray = entry["frame"]
	if frame[0] < 0x80:
		_last_media = frame.duplicate()
		_socket.send(frame)
		return
	if entry["name"] == "reply.begin":
		_heard = 0
		_rate_hz = entry["message"]["rate_hz"]
		_last_media.clear()
	_seq += 1
	_socket.send(_recording.renumbered(frame, _seq, played))


## Silence behind the last recorded frame of a reply, as far ahead as a server sends.
func _go_on_in_silence() -> void:
	for i in range(_at, _script.size()):
		if _script[i]["name"] in ["media", "reply.end"] and _script[i]["from"] == "server":
			return
	var samples := (_last_media.size() - Media.HEADER_BYTES) >> 1
	while samples > 0 and _last_media.decode_u64(8) < _heard + int(LEAD_S * _rate_hz):
		_last_media.encode_u32(4, _last_media.decode_u32(4) + 1)
		_last_media.encode_u64(8, _last_media.decode_u64(8) + samples)
		for i in samples:
			_last_media.encode_s16(Media.HEADER_BYTES + 2 * i, 0)
		_socket.send(_last_media)


func _first_turn() -> int:
	for i in _script.size():
		if GATES.get(_script[i]["name"], &"") == &"turn":
			return i
	return _script.size()


func _send_message(message: Dictionary) -> void:
	_socket.send(_encoder.encode(message))
