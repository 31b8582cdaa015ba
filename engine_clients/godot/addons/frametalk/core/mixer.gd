extends RefCounted
## What the audio server says of its mixing; tests replace it.

const ATTEMPTS := 4
const SHORT_US := 100
const LATENCY_EVERY_US := 1_000_000

## The output's rate.
var rate_hz: float = 44_100.0
## When the newest block was mixed, and how long it lasts, in microseconds.
var mixed_us: int = 0
var block_us: int = 0
## From a block's mixing to the loudspeaker, without the block itself.
var latency_us: int = 0

var _latency_at_us: int = -LATENCY_EVERY_US


## Read it anew; between [method lock] and [method unlock] if it should fit to something else.
func read() -> void:
	rate_hz = AudioServer.get_mix_rate()
	var since := 0.0
	var now_us := 0
	for attempt in ATTEMPTS:
		var before_us := Time.get_ticks_usec()
		since = AudioServer.get_time_since_last_mix()
		now_us = Time.get_ticks_usec()
		# If the thread was interrupted in between, it is not known which time belongs to it.
		if now_us - before_us < SHORT_US:
			break
	mixed_us = now_us - int(since * 1e6)
	block_us = maxi(0, int((since + AudioServer.get_time_to_next_mix()) * 1e6))
	if now_us - _latency_at_us >= LATENCY_EVERY_US:
		# Some drivers ask their system for it, which takes long.
		_latency_at_us = now_us
		latency_us = int(AudioServer.get_output_latency() * 1e6)


## No block is mixed between these two calls.
func lock() -> void:
	AudioServer.lock()


func unlock() -> void:
	AudioServer.unlock()
