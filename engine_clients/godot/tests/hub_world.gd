extends RefCounted
## A hub with a scripted server and a scripted audio server, in virtual time.

const Hub := preload("res://addons/frametalk/core/hub.gd")
const MicSource := preload("res://addons/frametalk/core/mic_source.gd")
const Mixer := preload("res://addons/frametalk/core/mixer.gd")
const ScriptedSocket := preload("scripted_socket.gd")
const Sink := preload("res://addons/frametalk/core/sink.gd")
const STEP_US := 2000
const RATE_HZ := 22_050


## The audio server: a block every so often.
class FakeMixer:
	extends Mixer

	func _init() -> void:
		rate_hz = 44_100.0
		block_us = 11_610
		mixed_us = 0

	func read() -> void:
		pass

	func lock() -> void:
		pass

	func unlock() -> void:
		pass


## The generator's playback: fetches pieces of 128 frames out of a ring.
class FakePlayback:
	extends RefCounted

	var capacity: int = 16_383
	var ring: int = 0
	var fetched: int = 0
	var mixed: float = 0.0
	var rate_hz: float = 22_050.0
	var loudest: float = 0.0

	func get_playback_position() -> float:
		return fetched / rate_hz

	func get_frames_available() -> int:
		return capacity - ring

	func push_buffer(frames: PackedVector2Array) -> bool:
		ring += frames.size()
		for frame in frames:
			loudest = maxf(loudest, absf(frame.x))
		return true

	func mix(frames: float) -> void:
		mixed += frames
		while fetched + 128 <= mixed:
			fetched += 128
			ring -= mini(ring, 128)


var now_us: int = 1_000_000
var hub: Hub
var sockets: Array[ScriptedSocket] = []
var events: Array[Dictionary] = []
var mixer := FakeMixer.new()
var playback := FakePlayback.new()
## Whether blocks are mixed: a paused player gets none.
var mixing: bool = true
var mic: MicSource = null

var _next_block_us: int = 1_000_000
var _sound_seq: int = 0


func _init() -> void:
	hub = Hub.new(Sink.new(mixer), _new_socket, events.append)
	hub.now_us = now_us
	hub.down.attach(playback, RATE_HZ, playback.capacity)


func _new_socket() -> ScriptedSocket:
	sockets.append(ScriptedSocket.new())
	return sockets[-1]


## The newest connection.
func socket() -> ScriptedSocket:
	return sockets[-1]


func connect_only(hello: Dictionary = {}) -> void:
	hub.open("ws://test/v1", {"type": "hello", "protocol": 1}.merged(hello), true)


## Connect and join.
func join(changes: Dictionary = {}) -> void:
	connect_only()
	socket().accept()
	run(4)
	socket().welcome(changes)
	run(4)


## Let milliseconds pass.
func run(ms: float) -> void:
	var until_us := now_us + int(ms * 1000.0)
	while now_us < until_us:
		now_us += STEP_US
		while now_us >= _next_block_us:
			if mixing:
				mixer.mixed_us = _next_block_us
				playback.mix(512.0 * playback.rate_hz / mixer.rate_hz)
			_next_block_us += mixer.block_us
		hub.now_us = now_us
		hub.step(now_us)


## Events of this kind.
func of(kind: String) -> Array[Dictionary]:
	return events.filter(func(event: Dictionary) -> bool: return event["on"] == kind)


## A reply begins, and this much of its sound comes.
func reply(id: int, ms: float, rate_hz: int = RATE_HZ) -> void:
	_sound_seq = 0
	socket().give({"type": "reply.begin", "reply": id, "turn": id, "stream": id, "rate_hz": rate_hz})
	sound(id, 0, int(ms * rate_hz / 1000.0), rate_hz)


## Sound of a reply, from one sample to another.
func sound(id: int, from: int, to: int, rate_hz: int = RATE_HZ) -> void:
	var size := rate_hz / 50
	for at in range(from, to, size):
		var pcm := PackedByteArray()
		pcm.resize(2 * mini(size, to - at))
		for i in range(0, pcm.size(), 2):
			pcm.encode_s16(i, 8000)
		socket().give_sound(id, _sound_seq, at, pcm)
		_sound_seq += 1


func end(id: int, ms: float, rate_hz: int = RATE_HZ) -> void:
	socket().give({"type": "reply.end", "reply": id, "samples": int(ms * rate_hz / 1000.0)})


## The samples of the newest report, in milliseconds.
func played_ms(rate_hz: int = RATE_HZ) -> float:
	return socket().last("played").get("sample", 0) * 1000.0 / rate_hz


## A microphone that the test feeds.
func open_mic(push_to_talk: bool = false) -> void:
	mic = MicSource.from_game()
	mic.rate_hz = 16_000
	hub.attach_mic(mic)
	hub.set_mic_mode(Hub.Uplink.Mode.PUSH_TO_TALK if push_to_talk else Hub.Uplink.Mode.OPEN)


## The microphone captures this long, in real time; at this loudness.
func capture(ms: float, level: int = 0) -> void:
	for i in int(ms / 10.0):
		var pcm := PackedByteArray()
		pcm.resize(320)
		for k in range(0, 320, 2):
			pcm.encode_s16(k, level if k & 2 else -level)
		mic.feed(pcm, 16_000)
		run(10)
