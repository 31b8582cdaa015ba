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
## it again. It hears nothing: each turn gets the recorded answer.

## A client has sent a control message.
signal received(message: Dictionary)
## The recording was played to its end.
signal finished

## What a frame of the recorded client stands for; other frames are not waited for.
const GATES: Dictionary[String, StringName] = {
	"hello": &"hello", "mic.start": &"turn", "say": &"turn", "tool.result": &"outcome", "played": &"played"
}
const Codec := preload("../core/codec.gd")
## Keys whose numbers grow when the recording is played again.
const IDS: Array[String] = ["turn", "reply", "call"]

## The recording.
@export_file("*.json") var recording: String = "res://addons/frametalk/testing/session.json"

## All control messages that clients have sent; for checks.
var messages: Array[Dictionary] = []
## How often the recording was played to its end.
var played: int = 0

var _listener := TCPServer.new()
var _socket: WebSocketPeer
var _codec: Codec = Codec.new()
var _script: Array[Dictionary] = []
var _at := 0
var _seq := 0
var _came: Dictionary[StringName, int] = {}
var _highest: Dictionary[String, int] = {}


## Listens on this machine; [param port] 0: any free one. Returns the address for [member FrametalkSession.url], or ""
## when it cannot listen.
func listen(port: int = 0) -> String:
	_load()
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
	if _socket == null:
		return
	_socket.poll()
	while _socket.get_available_packet_count():
		var frame := _socket.get_packet()
		if _socket.was_string_packet():
			_take(_codec.decode_text(frame))
		elif frame and frame[0] >= 0x80:
			_take(_codec.decode(frame))
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
			var gate: StringName = GATES.get(entry["name"], &"")
			if gate and not _came.get(gate, 0):
				return
			if gate == &"played":
				_came[gate] = 0
			elif gate:
				_came[gate] -= 1
		elif entry["name"] not in ["ping", "scene.ack"]:
			var frame: PackedByteArray = entry["frame"]
			_socket.send(_renumbered(frame) if frame[0] >= 0x80 else frame)
		_at += 1
		if _at == _script.size():
			played += 1
			_at = _first_turn()
			_came.erase(&"outcome")
			finished.emit()


func _first_turn() -> int:
	for i in _script.size():
		if GATES.get(_script[i]["name"], &"") == &"turn":
			return i
	return _script.size()


## The frame with the next count, and with ids that grow from one playing of the recording to the next.
func _renumbered(frame: PackedByteArray) -> PackedByteArray:
	_seq += 1
	var out := _replaced(frame, "seq", func(_old: int) -> int: return _seq)
	for key in IDS:
		var more: int = played * _highest.get(key, 0)
		out = _replaced(out, key, func(old: int) -> int: return old + more if old else 0)
	return out


func _send_message(message: Dictionary) -> void:
	_socket.send(_codec.encode(message))


func _load() -> void:
	_script.clear()
	_highest.clear()
	var parsed: Variant = JSON.parse_string(FileAccess.get_file_as_string(recording))
	if not parsed is Array:
		push_error("frametalk: %s is no recorded session" % recording)
		return
	var entries: Array = parsed
	for entry: Dictionary in entries:
		var frame := str(entry["hex"]).hex_decode()
		_script.append({"from": entry["from"], "name": entry["name"], "frame": frame})
		if frame[0] < 0x80:
			continue
		for key in IDS:
			_replaced(
				frame,
				key,
				func(old: int) -> int:
					_highest[key] = maxi(_highest.get(key, 0), old)
					return old
			)


## The MessagePack frame with another number for a key; unchanged if it has no such number.
static func _replaced(frame: PackedByteArray, key: String, number: Callable) -> PackedByteArray:
	var name_bytes := PackedByteArray([0xa0 | key.length()])
	name_bytes.append_array(key.to_ascii_buffer())
	var at := _find(frame, name_bytes)
	if at < 0 or at >= frame.size():
		return frame
	var lead := frame[at]
	var old := lead
	var size := 1
	if lead >= 0xcc and lead <= 0xce:
		size += 1 << (lead - 0xcc)
		old = frame.slice(at + 1, at + size).hex_encode().hex_to_int()
	elif lead >= 0x80:
		return frame
	var value: int = number.call(old)
	var put := PackedByteArray([0xce, value >> 24 & 0xff, value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff])
	return frame.slice(0, at) + put + frame.slice(at + size)


## The place after the first occurrence of these bytes; -1 if they do not occur.
static func _find(frame: PackedByteArray, bytes: PackedByteArray) -> int:
	var at := frame.find(bytes[0])
	while at >= 0:
		if frame.slice(at, at + bytes.size()) == bytes:
			return at + bytes.size()
		at = frame.find(bytes[0], at + 1)
	return -1
