extends RefCounted
## The mouth's curve (protocols/visemes.md) over the viseme marks of one reply.

const Marks := preload("marks.gd")
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


## Add marks, which are in order. Usually they all come after those before.
func add(marks: Marks) -> void:
	_longest = maxi(_longest, marks.longest)
	var first := 0
	while first < marks.at.size() and not _at.is_empty() and marks.at[first] < _at[-1]:
		var place := _at.bsearch(marks.at[first], false)
		_at.insert(place, marks.at[first])
		_end.insert(place, marks.end[first])
		_shape.insert(place, marks.shape[first])
		_value.insert(place, marks.value[first])
		first += 1
	_at.append_array(marks.at.slice(first))
	_end.append_array(marks.end.slice(first))
	_shape.append_array(marks.shape.slice(first))
	_value.append_array(marks.value.slice(first))


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
