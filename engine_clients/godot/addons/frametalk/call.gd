class_name FrametalkCall
extends RefCounted
## One tool call of the character, for its handler.
##
## The handler's return value is the call's value. To refuse, it calls [method refuse] and returns; when it cannot
## do what it should, it calls [method fail]. It may [code]await[/code], and should stop when [signal cancelled] comes.

## The call is cancelled: by the server, by its deadline, or because the session has ended.
signal cancelled
## The call has ended; [member state] says how.
signal finished

## How far a call is.
enum State { CALLED, DONE, REFUSED, FAILED, CANCELLED }

## The call's id.
var id: int = 0
## The tool's name.
var name: String = ""
## The arguments by name; they fit the tool's schema.
var args: Dictionary = {}
## The turn that caused it; 0: none.
var turn: int = 0
## The reply that it belongs to; -1: none.
var reply: int = -1
## The revision of the scene that the mind knew.
var scene_rev: int = 0
## Time within which the result must arrive, in milliseconds.
var deadline_ms: float = 0.0
## How far the call is.
var state: State = State.CALLED
## What the handler returned, once the call is done.
var value: Variant = null
## Why it was refused or failed; else empty.
var reason: String = ""


## Refuse the call, in words that the character can say: "the chest is locked".
func refuse(why: String) -> void:
	end_as(State.REFUSED, why)


## The call was tried and failed, in words that the character can say.
func fail(why: String) -> void:
	end_as(State.FAILED, why)


## Whether the call was cancelled; what it would still do is void.
func is_cancelled() -> bool:
	return state == State.CANCELLED


## For the session alone: the call has ended.
func end_as(how: State, why: String = "", result: Variant = null) -> void:
	if state != State.CALLED:
		return
	state = how
	reason = why
	value = result
	if how == State.CANCELLED:
		cancelled.emit()
	finished.emit()
