class_name FrametalkError
extends RefCounted
## Something failed: a stable code, a text for people, and a remedy.
##
## Codes of the server are listed in [code]protocols/wire.md[/code], those of this addon in its README.

## A stable code, such as [code]cannot_connect[/code].
var code: String
## What is wrong, for people.
var text: String
## The stage that failed: [code]link[/code], [code]wire[/code], [code]hear[/code], [code]speak[/code], ...
var stage: String
## Who is at fault: [code]client[/code], [code]server[/code], [code]engine[/code] or [code]user[/code]; empty: unknown.
var fault: String
## What a person can do about it.
var remedy: String
## Whether the session has ended.
var fatal: bool
## Another try makes sense after this time; 0: that is not known.
var retry_after_ms: float = 0.0


func _init(
	p_code: String = "",
	p_text: String = "",
	p_remedy: String = "",
	p_stage: String = "",
	p_fault: String = "",
	p_fatal: bool = false
) -> void:
	code = p_code
	text = p_text
	remedy = p_remedy
	stage = p_stage
	fault = p_fault
	fatal = p_fatal


func _to_string() -> String:
	return "%s: %s (%s)" % [code, text, remedy] if remedy else "%s: %s" % [code, text]
