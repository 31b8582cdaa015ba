@tool
extends Node
## Says one line to a character and collects its answer: a small client of its own, for the editor.
##
## It speaks the wire's JSON, needs no microphone, and reports all sound as played as soon as it has arrived.

## A clause of the answer has come.
signal clause(text: String)
## The answer is complete. [param first_ms]: from the line to the first sound, -1 without sound.
signal answered(sound: AudioStreamWAV, first_ms: float)
## It did not work, and why.
signal failed(why: String)

const LIMIT_S := 20.0

var _socket: WebSocketPeer
var _line := ""
var _character := ""
var _token := ""
var _sent_us := 0
var _first_us := 0
var _rate_hz := 22050
var _reply := -1
var _pcm := PackedByteArray()
var _joined := false
var _left_s := 0.0


## Opens a session with [param character] ("" for the first) and says [param line].
func say(url: String, character: String, line: String, token: String = "") -> void:
	_socket = WebSocketPeer.new()
	_socket.inbound_buffer_size = 1 << 20
	_line = line
	_character = character
	_token = token
	_joined = false
	_reply = -1
	_first_us = 0
	_pcm = PackedByteArray()
	_left_s = LIMIT_S
	var error := _socket.connect_to_url(url.rstrip("/") + "/v1")
	if error != OK:
		_end("The address cannot be used: %s" % error_string(error))


## Whether it waits for an answer.
func is_busy() -> bool:
	return _socket != null


func _process(delta: float) -> void:
	if _socket == null:
		return
	_socket.poll()
	_left_s -= delta
	match _socket.get_ready_state():
		WebSocketPeer.STATE_OPEN:
			if not _joined:
				_joined = true
				_send(_hello())
			_read()
		WebSocketPeer.STATE_CLOSED:
			_end(
				"The server closed the connection: %s" % _socket.get_close_reason() if _joined else "No server answers."
			)
	if _socket and _left_s <= 0.0:
		_end("No answer within %d s." % roundi(LIMIT_S))


func _hello() -> Dictionary:
	var client := {"name": "editor", "engine": "Godot %s" % Engine.get_version_info()["string"]}
	return {"type": "hello", "protocol": 1, "client": client, "character": _character, "token": _token}


func _read() -> void:
	while _socket and _socket.get_available_packet_count():
		var frame := _socket.get_packet()
		if not _socket.was_string_packet():
			_hear(frame)
			continue
		var message: Variant = JSON.parse_string(frame.get_string_from_utf8())
		if message is Dictionary:
			_take(message)


func _take(message: Dictionary) -> void:
	match message.get("type"):
		"welcome":
			_sent_us = Time.get_ticks_usec()
			_send({"type": "say", "text": _line})
		"ping":
			var now := Time.get_ticks_usec()
			_send({"type": "pong", "id": message["id"], "t_us": message["t_us"], "received_us": now, "sent_us": now})
		"reply.begin":
			_reply = message["reply"]
			_rate_hz = message["rate_hz"]
		"reply.text":
			clause.emit(str(message["text"]))
		"reply.end":
			_report(true)
			_finish()
		"reply.cut":
			_end("The answer was cut (%s)." % message.get("reason", ""))
		"error":
			if message.get("fatal", false):
				_end("%s: %s %s" % [message["code"], message.get("text", ""), message.get("remedy", "")])


func _hear(frame: PackedByteArray) -> void:
	if frame.size() <= 16 or frame[0] != 1 or _reply < 0:
		return
	if _first_us == 0:
		_first_us = Time.get_ticks_usec()
	_pcm.append_array(frame.slice(16))
	_report(false)


func _report(done: bool) -> void:
	_send({"type": "played", "reply": _reply, "sample": _pcm.size() >> 1, "done": done})


func _finish() -> void:
	_send({"type": "bye", "reason": "said"})
	_socket.close(1000)
	_socket = null
	var sound := AudioStreamWAV.new()
	sound.format = AudioStreamWAV.FORMAT_16_BITS
	sound.mix_rate = _rate_hz
	sound.data = _pcm
	answered.emit(sound, (_first_us - _sent_us) / 1e3 if _first_us else -1.0)


func _end(why: String) -> void:
	_socket = null
	failed.emit(why)


func _send(message: Dictionary) -> void:
	_socket.send_text(JSON.stringify(message))
