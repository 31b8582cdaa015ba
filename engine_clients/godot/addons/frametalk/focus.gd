class_name FrametalkFocus
extends RefCounted
## What the player looks at, points at, touches or stands near, so that "open that" is understood.
##
## Call its methods as often as you like, in every frame too: only changes are sent, at most ten a second. Each takes
## an entity's id; an empty one means nothing.

var _send: Callable
var _now_us: Callable
var _last: Dictionary[StringName, String] = {}
var _sent_us: int = -1_000_000


func _init(send: Callable, now_us: Callable) -> void:
	_send = send
	_now_us = now_us


## What the player looks at.
func gaze(entity: String) -> void:
	_attend(&"gaze", entity)


## What a ray or a finger points at.
func point(entity: String) -> void:
	_attend(&"point", entity)


## What the player touches.
func touch(entity: String) -> void:
	_attend(&"touch", entity)


## What the player stands near.
func near(entity: String) -> void:
	_attend(&"near", entity)


## For the session alone: nothing has been sent yet.
func reset() -> void:
	_last.clear()


func _attend(attention: StringName, entity: String) -> void:
	if _last.get(attention, "") == entity:
		return
	if entity:
		# Within the limit a glance is skipped; one that lasts is sent by a later call.
		var now_us: int = _now_us.call()
		if now_us - _sent_us < 100_000:
			return
		_sent_us = now_us
		_send.call({"type": "focus", "entity": entity})
	_last[attention] = entity
