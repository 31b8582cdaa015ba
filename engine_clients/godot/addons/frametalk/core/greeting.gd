extends RefCounted
## What a session says first: its address and hello.

const ECHOES: Array[String] = ["duck", "none", "half_duplex", "platform_aec"]
const INTERRUPTIBLES: Array[String] = ["", "always", "words", "never"]
const PATH := "/v1"


## The address with the wire's path, if it has none.
static func address_of(url: String) -> String:
	var place := url.substr(url.find("://") + 3).trim_suffix("/")
	return url if "/" in place else url.trim_suffix("/") + PATH


static func hello_of(session: FrametalkSession, tools: Array[Dictionary]) -> Dictionary:
	var hello := {
		"type": "hello",
		"protocol": 1,
		"client": _client(),
		"echo": ECHOES[session.echo],
		"tools": tools,
		"features": session.features,
	}
	if session.character:
		hello["character"] = session.character
	if session.language:
		hello["language"] = session.language
	if session.token:
		hello["token"] = session.token
	if session.interruptible != FrametalkSession.Interruptible.CHARACTER_DEFAULT:
		hello["interruptible"] = INTERRUPTIBLES[session.interruptible]
	if session.child:
		hello["child"] = true
	if not session.consent.is_empty():
		hello["consent"] = session.consent
	if not session.scopes.is_empty():
		hello["scopes"] = session.scopes
	return hello.duplicate(true)


static func _client() -> Dictionary:
	return {
		"name": str(ProjectSettings.get_setting("application/config/name", "")).left(64),
		"version": str(ProjectSettings.get_setting("application/config/version", "")).left(32),
		"engine": "Godot %s" % Engine.get_version_info()["string"],
	}
