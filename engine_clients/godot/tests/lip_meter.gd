extends Node
## Measures a mouth against the sound that the bus mixed, in every frame in which a reply is heard.
##
## The bus is captured, and each frame's sample of the mouth is noted with its time. Afterwards the reply's own samples
## are searched in the capture, which says which sample was mixed for that time.

const Mixer := preload("res://addons/frametalk/core/mixer.gd")
const FrameCost := preload("frame_cost.gd")
const BUS := &"LipMeter"
const CAPTURE_S := 8.0
const WINDOW := 1024  # samples of a reply that are searched at once
const EVERY := 8192
const REACH := 4096  # how far, in frames of the capture
const COARSE := 4
const LEAST_LIKENESS := 0.9
const SHORT_US := 300
const SOFTEST := 0.02

## For each frame in which a reply is heard: when, the reply, the mouth's sample, how open the mouth is.
var frames: Array[Array] = []
## What all nodes cost the main thread in each of these frames, in milliseconds.
var costs_ms: Array[float] = []

var _session: FrametalkSession
var _cost := FrameCost.new()
var _mixer := Mixer.new()
var _effect := AudioEffectCapture.new()
var _mix: PackedFloat32Array = []
var _blocks: Array[Array] = []  # [first index, when it was mixed in microseconds]


## The session whose mouth it measures; its voice plays to BUS.
func _init(session: FrametalkSession) -> void:
	_session = session
	process_priority = 1000
	process_mode = Node.PROCESS_MODE_ALWAYS
	if AudioServer.get_bus_index(BUS) < 0:
		AudioServer.add_bus()
		AudioServer.set_bus_name(AudioServer.bus_count - 1, BUS)
	add_child(_cost)
	_effect.buffer_length = CAPTURE_S
	AudioServer.add_bus_effect(AudioServer.get_bus_index(BUS), _effect)


func _exit_tree() -> void:
	var bus := AudioServer.get_bus_index(BUS)
	for i in AudioServer.get_bus_effect_count(bus):
		if AudioServer.get_bus_effect(bus, i) == _effect:
			AudioServer.remove_bus_effect(bus, i)
			return


func _process(_delta: float) -> void:
	AudioServer.lock()
	var count := _effect.get_frames_available()
	_mixer.read()
	AudioServer.unlock()
	if count > 0:
		_blocks.append([_mix.size(), _mixer.mixed_us])
		for frame in _effect.get_buffer(count):
			_mix.append(frame.x)
	if _session.reply < 0:
		return
	var open := 1.0 - _session.mouth.weights()[0]
	var before_us := Time.get_ticks_usec()
	var sample := _session.mouth.sample
	var between_us := Time.get_ticks_usec() - before_us
	# Of a look that was interrupted it is not known when it was.
	if _session.mouth.reply == _session.reply and between_us < SHORT_US:
		frames.append([before_us + between_us / 2, _session.reply, sample, open])
		costs_ms.append(_cost.newest_ms)


## In each frame the mouth's sample less the one that was mixed for that time, in milliseconds.
func errors_ms(sounds: Dictionary[int, PackedFloat32Array], rates: Dictionary[int, int]) -> Array[float]:
	var errors: Array[float] = []
	for reply: int in sounds:
		var heard := frames.filter(func(frame: Array) -> bool: return frame[1] == reply)
		var ratio := AudioServer.get_mix_rate() / rates[reply]
		var offset := _offset_of(sounds[reply], heard, ratio)
		if is_nan(offset):
			continue
		for frame: Array in heard:
			var sample: float = frame[2]
			if sample > 0.0 and sample < sounds[reply].size():
				errors.append((sample - (_index_at(frame[0]) - offset) / ratio) * 1000.0 / rates[reply])
	return errors


## Where sample 0 of a reply lies in the capture; NAN if it is not found.
func _offset_of(sound: PackedFloat32Array, heard: Array, ratio: float) -> float:
	var found: Array[float] = []
	for from in range(0, sound.size() - WINDOW, EVERY):
		var window := _stretched(sound, from, ratio)
		if _level(window) < SOFTEST:
			continue
		var near: Array = []
		for frame: Array in heard:
			if near.is_empty() or absf(frame[2] - from) < absf(near[2] - from):
				near = frame
		if near.is_empty():
			continue
		var guess := int(_index_at(near[0]) + (from - float(near[2])) * ratio)
		var place := _best(window, range(guess - REACH, guess + REACH, COARSE), COARSE)
		place = _best(window, range(place - COARSE, place + COARSE + 1), 1)
		if _likeness(window, place, 1) >= LEAST_LIKENESS:
			found.append(place - from * ratio)
	found.sort()
	return found[found.size() / 2] if not found.is_empty() else NAN


## The index of the capture that leaves the mixer at this time.
func _index_at(us: int) -> float:
	var k := _blocks.size() - 1
	while k > 0 and _blocks[k][1] > us:
		k -= 1
	return _blocks[k][0] + (us - int(_blocks[k][1])) * AudioServer.get_mix_rate() / 1e6


func _stretched(sound: PackedFloat32Array, from: int, ratio: float) -> PackedFloat32Array:
	var out := PackedFloat32Array()
	for i in int((WINDOW - 1) * ratio):
		var at := from + i / ratio
		out.append(lerpf(sound[int(at)], sound[int(at) + 1], at - int(at)))
	return out


func _level(window: PackedFloat32Array) -> float:
	var power := 0.0
	for value in window:
		power += value * value
	return sqrt(power / window.size())


func _best(window: PackedFloat32Array, places: Array, step: int) -> int:
	var best: int = places[0]
	var most := -1.0
	for place: int in places:
		var likeness := _likeness(window, place, step)
		if likeness > most:
			most = likeness
			best = place
	return best


## How much the capture at this place is like the window, at most 1.
func _likeness(window: PackedFloat32Array, place: int, step: int) -> float:
	if place < 0 or place + window.size() > _mix.size():
		return -1.0
	var product := 0.0
	var ours := 1e-9
	var theirs := 1e-9
	for i in range(0, window.size(), step):
		var a := window[i]
		var b := _mix[place + i]
		product += a * b
		ours += a * a
		theirs += b * b
	return product / sqrt(ours * theirs)


static func percentile(values: Array[float], share: float) -> float:
	var sorted := values.duplicate()
	sorted.sort()
	return sorted[clampi(int(share * sorted.size()), 0, sorted.size() - 1)]
