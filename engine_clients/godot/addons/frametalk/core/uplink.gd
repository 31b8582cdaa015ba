extends RefCounted
## Sends the microphone to the server: streams, push-to-talk, the sample clock, the level.

## How the microphone is used.
enum Mode { NONE, OPEN, PUSH_TO_TALK }

const Media := preload("media.gd")
const MicSource := preload("mic_source.gd")
const StatsKeeper := preload("stats_keeper.gd")
const VoiceOnset := preload("voice_onset.gd")
const AFTER_RELEASE_US := 250_000  # people release the button early
const DEAD_US := 1_000_000  # without a sample
const MOST_READ := 9600
const START_US := 4_000_000  # some devices give nothing at first
const PLACE_EVERY_US := 1_000_000

var muted: bool = false
## The loudspeaker's level now, in dB of full scale; for echo.
var played_db: float = VoiceOnset.SILENCE_DB
## The sound's level, in dB of full scale.
var level_db: float = VoiceOnset.SILENCE_DB
## A voice has begun since this was last set to false.
var voice_began: bool = false
var onset := VoiceOnset.new()

var _send: Callable  # (message: Dictionary)
var _send_frame: Callable  # (frame: PackedByteArray)
var _emit: Callable  # (event: Dictionary)
var _stats: StatsKeeper
var _source: MicSource = null
var _mode: Mode = Mode.NONE
var _joined: bool = false
var _pressed: bool = false
var _paused: bool = false
var _tail_until_us: int = 0
var _open: bool = false
var _started: bool = false  # mic.start is sent with the first frame
var _stream: int = 0
var _rate_hz: int = 0
var _frame_ms: float = 20.0
var _seq: int = 0
var _sent: int = 0
var _pending := PackedByteArray()  # samples that do not fill a frame yet
var _zero_us: float = INF  # when sample 0 of the stream was captured, by the newest arrivals and those before
var _zero_before_us: float = INF
var _placed_us: int = 0
var _newest_us: int = 0  # when a sample came last
var _dead: bool = false


func _init(stats: StatsKeeper, send: Callable, send_frame: Callable, emit: Callable) -> void:
	_stats = stats
	_send = send
	_send_frame = send_frame
	_emit = emit


## The microphone's samples come from here; null: there is none.
func attach(source: MicSource, now_us: int) -> void:
	_close()
	_source = source
	_newest_us = now_us + START_US
	_dead = false
	if source:
		source.skip()
	_update(now_us)


func set_mode(mode: Mode, now_us: int) -> void:
	if mode != _mode:
		_close()
	_mode = mode
	_update(now_us)


## A session begins: open a new stream.
func join(frame_ms: float, now_us: int) -> void:
	_frame_ms = frame_ms
	_joined = true
	_update(now_us)


## The session has ended.
func leave(now_us: int) -> void:
	_joined = false
	_started = false
	_update(now_us)


## The game stands still, or goes on: close the stream meanwhile.
func pause(stands: bool, now_us: int) -> void:
	_paused = stands
	_newest_us = now_us
	_update(now_us)


func press(now_us: int) -> void:
	if _tail_until_us > 0:
		_tail_until_us = 0
		_close()
	_pressed = true
	_update(now_us)


func release(now_us: int) -> void:
	if _pressed:
		_pressed = false
		_tail_until_us = now_us + AFTER_RELEASE_US


## The microphone's sample at this time; null while it is closed.
func sample_at(us: int) -> Variant:
	if not _started or is_inf(_began_us()):
		return null
	return maxi(0, roundi((us - _began_us()) * _rate_hz / 1e6))


## Read and send what has come.
func step(now_us: int) -> void:
	if _tail_until_us > 0 and now_us >= _tail_until_us:
		_tail_until_us = 0
		_update(now_us)
	if _source == null:
		return
	var samples := _source.read(MOST_READ)
	if samples.is_empty():
		_watch(now_us)
		return
	_newest_us = now_us
	if _dead:
		_dead = false
		_emit.call({"on": "mic_dead", "dead": false})
	if muted:
		samples.fill(0)
	_listen(samples)
	if _open:
		_take(samples, now_us)


func _watch(now_us: int) -> void:
	var watched := _source.kind != MicSource.Kind.GAME and _mode != Mode.NONE and not _paused
	if watched and not _dead and now_us - _newest_us > DEAD_US:
		_dead = true
		_emit.call({"on": "mic_dead", "dead": true})


func _listen(samples: PackedByteArray) -> void:
	var block := maxi(1, _source.rate_hz * VoiceOnset.BLOCK_MS / 1000)
	var count := samples.size() >> 1
	var at := 0
	while at + block <= count or at == 0:
		var until := mini(at + block, count)
		level_db = _level(samples, at, until)
		if onset.feed(level_db, played_db):
			voice_began = true
		at = until
		if at >= count:
			break


## The level of samples in dB; every fourth one is enough.
static func _level(samples: PackedByteArray, from: int, to: int) -> float:
	var power := 0.0
	var count := 0
	for i in range(from, to, 4):
		var sample := samples.decode_s16(2 * i) / Media.FULL_SCALE
		power += sample * sample
		count += 1
	if power <= 0.0:
		return VoiceOnset.SILENCE_DB
	return maxf(VoiceOnset.SILENCE_DB, 10.0 * log(power / count) / log(10.0))


func _take(samples: PackedByteArray, now_us: int) -> void:
	if _source.rate_hz != _rate_hz:
		_close()
		_update(now_us)
	_pending.append_array(samples)
	_place(now_us)
	var size := 2 * int(_rate_hz * _frame_ms / 1000.0)
	var at := 0
	while _pending.size() - at >= size:
		_send_one(_pending.slice(at, at + size), now_us)
		at += size
	if at > 0:
		_pending = _pending.slice(at)


## The earliest arrival says best when a sample was captured. Only those of the last seconds count: a device's clock
## drifts against ours, and a device may lose samples.
func _place(now_us: int) -> void:
	if now_us - _placed_us >= PLACE_EVERY_US:
		_placed_us = now_us
		_zero_before_us = _zero_us
		_zero_us = INF
	var captured := _sent + (_pending.size() >> 1)
	_zero_us = minf(_zero_us, now_us - captured * 1e6 / _rate_hz)


func _began_us() -> float:
	return minf(_zero_us, _zero_before_us)


func _send_one(samples: PackedByteArray, now_us: int) -> void:
	if not _started:
		_started = true
		var mode := "ptt" if _mode == Mode.PUSH_TO_TALK else "open"
		_send.call({"type": "mic.start", "stream": _stream, "rate_hz": _rate_hz, "mode": mode})
	var frame := PackedByteArray()
	frame.resize(Media.HEADER_BYTES)
	Media.write_header(frame, 0, _stream, _seq, _sent)
	frame.append_array(samples)
	_send_frame.call(frame)
	_seq += 1
	_sent += samples.size() >> 1
	_stats.mic_frames += 1
	_stats.add("capture_to_wire_ms", (now_us - _began_us() - _sent * 1e6 / _rate_hz) / 1000.0)


func _update(now_us: int) -> void:
	var talking := _mode == Mode.OPEN or (_mode == Mode.PUSH_TO_TALK and (_pressed or _tail_until_us > now_us))
	var ready := _joined and _source != null and not _paused
	if (ready and talking) == _open:
		return
	if _open:
		_close()
		return
	_open = true
	_stream = _stream % 65_535 + 1
	_rate_hz = _source.rate_hz
	_seq = 0
	_sent = 0
	_zero_us = INF
	_zero_before_us = INF
	_placed_us = now_us
	_pending.clear()
	_emit.call({"on": "mic", "open": true})


func _close() -> void:
	if not _open:
		return
	_open = false
	if _started and _joined:
		_send.call({"type": "mic.stop", "stream": _stream, "at": _sent})
	_started = false
	_emit.call({"on": "mic", "open": false})
