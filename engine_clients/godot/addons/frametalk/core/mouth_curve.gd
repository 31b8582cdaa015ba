extends RefCounted
## The mouth's curve (protocols/visemes.md) over the viseme marks of one reply.

const Visemes := preload("visemes.gd")
const REACH_MS := 80.0

## The reply clock's rate.
var rate_hz: float = 0.0

var _at := PackedInt64Array()
var _end := PackedInt64Array()
var _shape := PackedByteArray()
var _value := PackedFloat32Array()
var _longest: int = 0
var _closures := PackedInt32Array()
var _levels := PackedFloat64Array()


func _init(p_rate_hz: float) -> void:
	rate_hz = p_rate_hz


## Add marks, as columns. They come in order of [code]at[/code], so this is the end.
func add(at: PackedInt64Array, end: PackedInt64Array, shape: PackedByteArray, value: PackedFloat32Array) -> void:
	for i in at.size():
		if shape[i] >= Visemes.NAMES.size():
			continue
		_longest = maxi(_longest, end[i] - at[i])
		var place := _at.size()
		if place > 0 and _at[place - 1] > at[i]:
			place = _at.bsearch(at[i], false)
		_at.insert(place, at[i])
		_end.insert(place, end[i])
		_shape.insert(place, shape[i])
		_value.insert(place, value[i])


## The 15 weights at sample [param t], written to [param into]; [param cut_at]: where the reply was cut, or -1.
func weights(t: float, cut_at: float, into: PackedFloat32Array) -> void:
	if cut_at < 0.0 or t <= cut_at:
		_weights_at(t, into)
		return
	_weights_at(cut_at, into)
	var left := _ramp(1.0 - (t - cut_at) / (Visemes.CUT_RELEASE_MS * rate_hz / 1000.0))
	for i in range(1, 15):
		into[i] *= left
	_rest(into)


## Whether all marks before sample [param t] no longer move the mouth, and none follows.
func is_over(t: float) -> bool:
	return _end.is_empty() or t > _end[_end.size() - 1] + REACH_MS * rate_hz / 1000.0


func _weights_at(t: float, into: PackedFloat32Array) -> void:
	into.fill(0.0)
	_closures.clear()
	_levels.clear()
	var reach := REACH_MS * rate_hz / 1000.0
	var attack := Visemes.ATTACK_MS * rate_hz / 1000.0
	var release := Visemes.RELEASE_MS * rate_hz / 1000.0
	var closing := Visemes.CLOSURE_ATTACK_MS * rate_hz / 1000.0
	var opening := Visemes.CLOSURE_RELEASE_MS * rate_hz / 1000.0
	var last := t + reach
	var sum := 0.0
	for i in range(_at.bsearch(floori(t - reach) - _longest), _at.size()):
		var at := _at[i]
		if at >= last:
			break
		var shape := _shape[i]
		var end := _end[i]
		if shape == 0 or end <= t - reach:
			continue
		var closure := shape == 1 or shape == 2
		var level := _value[i]
		if t < at:
			level *= _ramp(1.0 - (at - t) / (closing if closure else attack))
		if t > end:
			level *= _ramp(1.0 - (t - end) / (opening if closure else release))
		if level <= 0.0:
			continue
		if closure:
			_closures.append(shape)
			_levels.append(level)
		elif level > into[shape]:
			sum += level - into[shape]
			into[shape] = level
	if sum > 1.0:
		for i in range(3, 15):
			into[i] /= sum
	for k in _closures.size():
		_close(_closures[k], _levels[k], into)
	_rest(into)


func _close(shape: int, level: float, into: PackedFloat32Array) -> void:
	for i in range(1, 15):
		into[i] *= 1.0 - level
	into[shape] = maxf(into[shape], level)


static func _ramp(x: float) -> float:
	if x <= 0.0:
		return 0.0
	return x * x * (3.0 - 2.0 * x) if x < 1.0 else 1.0


static func _rest(into: PackedFloat32Array) -> void:
	var sum := 0.0
	for i in range(1, 15):
		sum += into[i]
	into[0] = maxf(0.0, 1.0 - sum)
