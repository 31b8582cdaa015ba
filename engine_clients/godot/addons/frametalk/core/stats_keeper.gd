extends RefCounted
## This client's measurements.

const ClockEstimate := preload("clock_estimate.gd")
const KEPT := 256

var underruns: int = 0
var mic_frames: int = 0
var speech_frames: int = 0
## How much sound lay ready at the newest look.
var buffered_now_ms: float = 0.0

var _clock: ClockEstimate
var _windows: Dictionary[String, PackedFloat32Array] = {}
var _next: Dictionary[String, int] = {}


func _init(clock: ClockEstimate) -> void:
	_clock = clock


## Add a measurement of [code]capture_to_wire_ms received_to_output_ms buffered_ms[/code].
func add(what: String, ms: float) -> void:
	var window: PackedFloat32Array = _windows.get(what, PackedFloat32Array())
	var place: int = _next.get(what, 0)
	if window.size() < KEPT:
		window.append(ms)
	else:
		window[place] = ms
	_windows[what] = window
	_next[what] = (place + 1) % KEPT


## All of it, as [member FrametalkSession.stats] describes.
func summary() -> Dictionary:
	return {
		"capture_to_wire_ms": _spread("capture_to_wire_ms"),
		"received_to_output_ms": _spread("received_to_output_ms"),
		"buffered_ms": _spread("buffered_ms"),
		"round_trip_ms": _known(_clock.round_trip_us >= 0.0, _clock.round_trip_us),
		"jitter_ms": _known(_clock.jitter_us >= 0.0, _clock.jitter_us),
		"clock_offset_ms": _known(_clock.error_us >= 0.0, _clock.offset_us),
		"clock_error_ms": _known(_clock.error_us >= 0.0, _clock.error_us),
		"underruns": underruns,
		"mic_frames": mic_frames,
		"speech_frames": speech_frames,
		"buffered_now_ms": buffered_now_ms,
	}


func _spread(what: String) -> Dictionary:
	var sorted: PackedFloat32Array = _windows.get(what, PackedFloat32Array()).duplicate()
	var n := sorted.size()
	if n == 0:
		return {"p50": null, "p95": null, "n": 0}
	sorted.sort()
	return {"p50": sorted[int(0.5 * (n - 1))], "p95": sorted[int(0.95 * (n - 1))], "n": n}


static func _known(known: bool, us: float) -> Variant:
	return us / 1000.0 if known else null
