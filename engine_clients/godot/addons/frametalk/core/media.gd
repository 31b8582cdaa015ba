extends RefCounted
## Media frames (protocols/wire.md): a header of 16 bytes, then sound.

const HEADER_BYTES := 16
const MAX_BYTES := 61_440
const PCM16 := 1
const OPUS := 2
const FLAG_LAST := 1
const FLAG_SPEECH := 2
const FULL_SCALE := 32_768.0
const MAX_SAMPLE := 9_007_199_254_740_991


## The wire's code of what is wrong with a frame; empty: nothing.
static func fault(frame: PackedByteArray) -> String:
	if frame.size() > MAX_BYTES:
		return "message_too_large"
	if frame.size() < 1:
		return "message_malformed"
	if frame[0] != PCM16 and frame[0] != OPUS:
		return "media_kind_unknown"
	if frame.size() < HEADER_BYTES:
		return "media_truncated"
	if frame[0] == PCM16 and frame.size() & 1:
		return "media_odd_length"
	var sample := frame.decode_u64(8)
	return "message_invalid" if sample > MAX_SAMPLE or sample < 0 else ""


static func stream_of(frame: PackedByteArray) -> int:
	return frame.decode_u16(2)


static func sample_of(frame: PackedByteArray) -> int:
	return frame.decode_u64(8)


## How many PCM16 samples a frame contains.
static func count_of(frame: PackedByteArray) -> int:
	return (frame.size() - HEADER_BYTES) >> 1


## Write the header to the first 16 bytes of a frame.
static func write_header(frame: PackedByteArray, flags: int, stream: int, seq: int, sample: int) -> void:
	frame[0] = PCM16
	frame[1] = flags
	frame.encode_u16(2, stream)
	frame.encode_u32(4, seq & 0xffffffff)
	frame.encode_u64(8, sample)


## The samples of a PCM16 frame from [param first] on, for both ears.
static func stereo_of(frame: PackedByteArray, first: int) -> PackedVector2Array:
	var count := count_of(frame) - first
	var out := PackedVector2Array()
	if count <= 0:
		return out
	out.resize(count)
	var at := HEADER_BYTES + 2 * first
	for i in count:
		var level := frame.decode_s16(at) / FULL_SCALE
		out[i] = Vector2(level, level)
		at += 2
	return out
