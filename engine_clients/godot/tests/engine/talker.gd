extends Node3D
## A talking character on the real audio server: session, voice in space, head and meter, with a scripted server.

const Head := preload("res://tests/head.gd")
const LipMeter := preload("res://tests/lip_meter.gd")
const ScriptedSocket := preload("res://tests/scripted_socket.gd")
const SHAPES: Array[String] = ["aa", "PP", "oh", "SS", "E", "FF", "ou", "nn"]
const MARK_MS := 90

var session := FrametalkSession.new()
var character := FrametalkCharacter.new()
var meter: LipMeter
var head: Head
## Reply -> its samples, and their rate.
var sounds: Dictionary[int, PackedFloat32Array] = {}
var rates: Dictionary[int, int] = {}

var _rate_hz: int
var _socket: ScriptedSocket


func _init(rate_hz: int = 22_050) -> void:
	_rate_hz = rate_hz
	session.url = "ws://scripted"
	session.link.new_socket = _new_socket
	character.bus = LipMeter.BUS
	meter = LipMeter.new(session)
	head = Head.new(session)
	session.add_child(character)
	session.add_child(meter)
	add_child(session)
	add_child(head)
	var ears := Camera3D.new()
	ears.position = Vector3(0.0, 0.0, 1.0)
	add_child(ears)


## The server: it welcomes.
func _new_socket() -> ScriptedSocket:
	_socket = ScriptedSocket.new()
	_socket.accept()
	_socket.answer = func(to: ScriptedSocket, message: Dictionary) -> void:
		if message["type"] == "hello":
			to.welcome({"rate_hz": _rate_hz})
		elif message["type"] == "ping":
			var now: int = message["t_us"]
			to.give({"type": "pong", "seq": 0, "id": message["id"], "t_us": now, "received_us": now, "sent_us": now})
	return _socket


## A reply of noise with marks, all of it at once.
func speak(reply: int, ms: int, rate_hz: int = 0) -> void:
	var hz := rate_hz if rate_hz > 0 else _rate_hz
	rates[reply] = hz
	sounds[reply] = PackedFloat32Array()
	_socket.give({"type": "reply.begin", "reply": reply, "turn": reply, "stream": reply, "rate_hz": hz})
	var rows: Array = []
	for from in range(0, ms, MARK_MS):
		var at := from * hz / 1000
		rows.append(["viseme", at, at + MARK_MS * hz / 1000, SHAPES[rows.size() % SHAPES.size()], 1.0])
	for first in range(0, rows.size(), 55):
		_socket.give({"type": "reply.marks", "reply": reply, "marks": rows.slice(first, first + 55)})
	var total := ms * hz / 1000
	var level := 0.0
	var smooth := 0.0  # so that it is alike after any conversion of rates
	for at in range(0, total, hz / 50):
		var pcm := PackedByteArray()
		pcm.resize(2 * mini(hz / 50, total - at))
		for i in range(0, pcm.size(), 2):
			level = 0.9 * level + 0.1 * randf_range(-1.0, 1.0)
			smooth = 0.9 * smooth + 0.3 * level
			pcm.encode_s16(i, int(clampf(smooth, -1.0, 1.0) * 32_000.0))
			sounds[reply].append(pcm.decode_s16(i) / 32_768.0)
		_socket.give_sound(reply, at / (hz / 50), at, pcm)
	_socket.give({"type": "reply.end", "reply": reply, "samples": total})


func cut(reply: int) -> void:
	_socket.give({"type": "reply.cut", "reply": reply, "at": 0, "reason": "interrupted"})


func socket() -> ScriptedSocket:
	return _socket


func is_open() -> bool:
	return session.state == FrametalkSession.State.OPEN


func is_silent() -> bool:
	return session.reply < 0
