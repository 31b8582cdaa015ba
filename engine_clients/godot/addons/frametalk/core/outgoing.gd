extends RefCounted
## What was sent and may not have arrived: sent again, in order, over the connection that resumes the session.

const Media := preload("media.gd")
const MAX_FRAMES := 500  # 10 s of the microphone
const MAX_MESSAGES := 2000
## Control messages that concern one connection; neither side counts them.
const UNCOUNTED: Array[String] = ["hello", "ping", "pong", "ack"]

## Whether messages that had not arrived were dropped: then the session cannot be resumed.
var overflowed: bool = false
## How many control messages were sent in this session, and how far the open microphone stream is.
var sent: int = 0
var mic_sample: int = 0

var _numbers := PackedInt64Array()  # a control message counts from 1; a media frame has 0
var _ends := PackedInt64Array()  # one past a media frame's last sample
var _data: Array[PackedByteArray] = []
var _frames: int = 0


## A control message is sent; [param bytes] is its encoded form.
func message(type: String, bytes: PackedByteArray) -> void:
	if type in UNCOUNTED:
		return
	sent += 1
	if type == "mic.start":
		mic_sample = 0
	_keep(sent, 0, bytes)
	if _data.size() - _frames > MAX_MESSAGES:
		overflowed = true
		_drop(false)


## A microphone frame is sent.
func frame(bytes: PackedByteArray) -> void:
	mic_sample = Media.sample_of(bytes) + Media.count_of(bytes)
	_keep(0, mic_sample, bytes)
	_frames += 1
	if _frames > MAX_FRAMES:
		_drop(true)


## So many messages have arrived, and the microphone's open stream up to this sample (-1: none is open).
func confirm(messages: int, heard_sample: int) -> void:
	# What arrived is a prefix: all that was sent before a message that arrived did too.
	var from := 0
	for i in _numbers.size():
		if _numbers[i] > messages:
			break
		if _numbers[i] > 0:
			from = i + 1
	while from < _numbers.size() and _numbers[from] == 0 and heard_sample >= _ends[from]:
		from += 1
	if from == 0:
		return
	_numbers = _numbers.slice(from)
	_ends = _ends.slice(from)
	_data = _data.slice(from)
	_frames = _numbers.count(0)


## Whether something waits to be confirmed.
func waits() -> bool:
	return not _data.is_empty()


## Everything that is kept, in the order of sending.
func rest() -> Array[PackedByteArray]:
	return _data


## A new session begins.
func reset() -> void:
	overflowed = false
	sent = 0
	mic_sample = 0
	_numbers.clear()
	_ends.clear()
	_data.clear()
	_frames = 0


func _keep(number: int, end: int, bytes: PackedByteArray) -> void:
	_numbers.append(number)
	_ends.append(end)
	_data.append(bytes)


func _drop(media: bool) -> void:
	for i in _numbers.size():
		if (_numbers[i] == 0) == media:
			_numbers.remove_at(i)
			_ends.remove_at(i)
			_data.remove_at(i)
			_frames -= 1 if media else 0
			return
