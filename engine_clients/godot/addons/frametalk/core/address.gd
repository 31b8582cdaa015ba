extends RefCounted
## Where a session connects next: the address that the game set, or the one that a [code]goaway[/code] named.

const Greeting := preload("greeting.gd")
const ATTEMPTS := 5  # in a row without an answer; then the game's address is used again

var _set_by_game: String
var _current: String
var _unanswered: int = 0


func _init(url: String) -> void:
	_set_by_game = url
	_current = url


## The address for an attempt to connect, which begins now.
func next() -> String:
	if _unanswered >= ATTEMPTS:
		_current = _set_by_game
		_unanswered = 0
	_unanswered += 1
	return _current


## Go where a [code]goaway[/code] says, from the next attempt on. Returns what is wrong with its url; empty: nothing.
func leave(url: String) -> String:
	if url.is_empty():
		return ""
	var scheme := _scheme(url)
	if scheme.is_empty():
		return 'goaway: "%s" is neither ws:// nor wss://' % url
	if scheme == "ws" and _scheme(_current) == "wss":
		return 'goaway: "%s" leads from wss:// to ws://' % url
	_current = Greeting.address_of(url)
	_unanswered = 0
	return ""


## The newest attempt got an answer.
func answered() -> void:
	_unanswered = 0


## [code]ws[/code] or [code]wss[/code]; empty: another address, or none.
static func _scheme(url: String) -> String:
	var parts := url.split("://", true, 1)
	if parts.size() < 2 or parts[1].get_slice("/", 0).get_slice(":", 0).is_empty():
		return ""
	var scheme := parts[0].to_lower()
	return scheme if scheme == "ws" or scheme == "wss" else ""
