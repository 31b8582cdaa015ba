extends RefCounted
## What the encoder and the decoder of control messages share: the wire's limits, and what is wrong with a message.

## The longest message, in bytes.
const MAX_BYTES := 61_440
const MAX_DEPTH := 32
const MAX_CONTAINERS := 8192
const MAX_WHOLE := 9_007_199_254_740_991

## The wire's code of what is wrong; empty: nothing.
var error_code: String = ""
## What is wrong, for people.
var error_text: String = ""

var _containers: int = 0


## Another message begins.
func _begin() -> void:
	error_code = ""
	error_text = ""
	_containers = 0


func _bad(code: String, text: String) -> Variant:
	if not error_code:
		error_code = code
		error_text = text
	return null


## A map or a list begins; returns whether all is well so far.
func _enter(depth: int) -> bool:
	_containers += 1
	if depth > MAX_DEPTH:
		_bad("message_too_deep", "deeper than %d" % MAX_DEPTH)
	elif _containers > MAX_CONTAINERS:
		_bad("message_invalid", "more than %d maps and lists" % MAX_CONTAINERS)
	return not error_code
