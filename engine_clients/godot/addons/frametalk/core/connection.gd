extends RefCounted
## The connection's states from hello to the end, with reconnecting. No sockets, and no clock of its own.

## [code]CONNECTING[/code]: the socket opens. [code]JOINING[/code]: hello was sent. [code]WAITING[/code]: the connection
## was lost and is opened again later. The numbers are those of FrametalkSession.State.
enum State { IDLE, CONNECTING, JOINING, OPEN, WAITING, CLOSED }

const Address := preload("address.gd")
const BACKOFF_MS: Array[int] = [250, 500, 1000, 2000, 4000, 5000]
const RESUME_BACKOFF_MS: Array[int] = [0, 100, 250, 500, 1000]  # it costs the server little
const NORMAL := 1000
const GOING_AWAY := 1001  # the server stops, and with it the session
const POLICY_VIOLATION := 1008  # the same refusal would follow
const TRY_AGAIN_LATER := 1013  # no room now
const BROKEN := 1006  # no close frame

var state: State = State.IDLE
## The newest close code.
var code: int = 0
## When to call [method retry], on the clock of [method lost].
var retry_at_ms: float = INF

var _address: Address
var _hello: Dictionary
var _reconnect: bool
var _open_socket: Callable  # (url: String)
var _close_socket: Callable  # ()
var _send: Callable  # (hello: Dictionary)
var _counts: Callable  # () -> Dictionary
var _changed: Callable  # (state: State, failure: FrametalkError, retry_ms: int)
var _attempts: int = 0
var _welcomed: bool = false
var _token: String = ""
var _window_ms: float = 0.0
var _lost_at_ms: float = 0.0
var _fatal: FrametalkError = null


func _init(url: String, hello: Dictionary, reconnect: bool, actions: Dictionary[String, Callable]) -> void:
	_address = Address.new(url)
	_hello = hello
	_reconnect = reconnect
	_open_socket = actions["open_socket"]
	_close_socket = actions["close_socket"]
	_send = actions["send"]
	_counts = actions["counts"]
	_changed = actions["changed"]


func start() -> void:
	_attempts = 0
	_welcomed = false
	_token = ""
	_open()


## The socket is open: say hello.
func opened(now_ms: float) -> void:
	if state != State.CONNECTING:
		return
	var hello := _hello.duplicate()
	if resumable(now_ms):
		hello["resume"] = _token
		hello["resume_from"] = _counts.call()
	_become(State.JOINING)
	_send.call(hello)


## Whether the session can be resumed: the connection is lost, and not for too long.
func resumable(now_ms: float) -> bool:
	return _token != "" and now_ms - _lost_at_ms <= _window_ms


## The session cannot be resumed any more.
func forget() -> void:
	_token = ""


## For so long a lost session can be resumed, in milliseconds.
func window_ms() -> float:
	return _window_ms


## The game stands still for at most so long: the server keeps the session as long.
func widen(window: float) -> void:
	_window_ms = window


func welcome(message: Dictionary) -> void:
	if state != State.JOINING:
		return
	_address.answered()
	_attempts = 0
	_welcomed = true
	_token = message.get("resume", "")
	_window_ms = (message["limits"] as Dictionary).get("resume_ms", 0)
	_become(State.OPEN)


## The server sent a fatal error: the reason of the close that follows.
func failed(failure: FrametalkError) -> void:
	_address.answered()
	_fatal = failure


## The server is going to stop: connect to this address next. Returns what is wrong with it; empty: nothing.
func go_away(url: String) -> String:
	return _address.leave(url)


## Try again now: it is time, or the network is back.
func retry() -> void:
	if state == State.WAITING:
		_open()


## The socket was closed, with this code.
func lost(close_code: int, now_ms: float) -> void:
	if state == State.IDLE or state == State.CLOSED or state == State.WAITING:
		return
	var failure := _fatal if _fatal else _reason_of(close_code)
	code = close_code
	if state == State.OPEN:
		_lost_at_ms = now_ms
	if close_code == GOING_AWAY:
		forget()
	var may_come_back := _welcomed or close_code == TRY_AGAIN_LATER
	if not _reconnect or not may_come_back or close_code == POLICY_VIOLATION or close_code == NORMAL:
		_become(State.CLOSED, null if close_code == NORMAL else failure)
		return
	var backoff := RESUME_BACKOFF_MS if resumable(now_ms) else BACKOFF_MS
	var wait_ms := backoff[mini(_attempts, backoff.size() - 1)]
	if _fatal:
		wait_ms = maxi(wait_ms, ceili(_fatal.retry_after_ms))
	_attempts += 1
	retry_at_ms = now_ms + wait_ms
	_become(State.WAITING, failure, wait_ms)


## Close it for good.
func stop() -> void:
	if state == State.CLOSED or state == State.IDLE:
		return
	_close_socket.call()
	code = NORMAL
	retry_at_ms = INF
	_become(State.CLOSED)


func _open() -> void:
	_fatal = null
	retry_at_ms = INF
	_become(State.CONNECTING)
	_open_socket.call(_address.next())


func _become(next: State, failure: FrametalkError = null, retry_ms: int = -1) -> void:
	state = next
	_changed.call(next, failure, retry_ms)


func _reason_of(close_code: int) -> FrametalkError:
	if state == State.CONNECTING:
		return FrametalkError.new(
			"cannot_connect",
			"no frametalk server answers at that address",
			"start `frametalk serve`, and check the session's url",
			"link",
			"user",
			true
		)
	return FrametalkError.new(
		"server_stopped" if close_code == GOING_AWAY else "connection_lost",
		"the connection ended (%d)" % close_code,
		"check whether the server runs and the network is up",
		"link",
		"server" if close_code == 1011 else "",
		true
	)
