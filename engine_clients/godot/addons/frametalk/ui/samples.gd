extends RefCounted
## The newest numbers of a measurement, with their quantiles.

var _values := PackedFloat32Array()
var _next := 0
var _size: int


## [param size]: how many of the newest numbers count.
func _init(size: int) -> void:
	_size = size


func add(value: float) -> void:
	if _values.size() < _size:
		_values.append(value)
	else:
		_values[_next] = value
		_next = (_next + 1) % _size


func count() -> int:
	return _values.size()


## [code]{p50, p95, p99, max, n}[/code]; all 0 without numbers.
func summary() -> Dictionary[String, float]:
	var sorted := _values.duplicate()
	sorted.sort()
	return {
		"p50": _quantile(sorted, 0.5),
		"p95": _quantile(sorted, 0.95),
		"p99": _quantile(sorted, 0.99),
		"max": sorted[-1] if sorted else 0.0,
		"n": sorted.size(),
	}


static func _quantile(sorted: PackedFloat32Array, part: float) -> float:
	return sorted[mini(sorted.size() - 1, floori(part * sorted.size()))] if sorted else 0.0
