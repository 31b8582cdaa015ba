extends RefCounted
## The socket to the server, and the one before it until the server has taken what was sent.

const Connection := preload("connection.gd")
const JOIN_WITHIN_US := 10_000_000
const CLOSE_WITHIN_US := 300_000
const OPEN := WebSocketPeer.STATE_OPEN
const CLOSED := WebSocketPeer.STATE_CLOSED
const NEVER := 0x7fffffffffffffff

## The connection whose socket it is; learns when the socket is open, and when it is lost.
var connection: Connection = null
## The socket in use; null: none.
var current: Object = null
## Until when the server may answer hello.
var join_until_us: int = NEVER

var _new_socket: Callable  # () -> Object like socket.gd
var _receive: Callable  # (frame: PackedByteArray, text: bool)
var _was_open: bool = false
var _closing: Object = null
var _closing_until_us: int = 0


func _init(new_socket: Callable, receive: Callable) -> void:
	_new_socket = new_socket
	_receive = receive


@warning_ignore_start("unsafe_method_access")


func open(url: String, now_us: int) -> void:
	close(now_us)
	current = _new_socket.call()
	_was_open = false
	join_until_us = now_us + JOIN_WITHIN_US
	current.open(url)


## Close it with a handshake, after what was sent.
func close(now_us: int) -> void:
	join_until_us = NEVER
	if current == null:
		return
	_closing = current
	_closing_until_us = now_us + CLOSE_WITHIN_US
	current = null
	_closing.close()


## The socket is not worth anything any more.
func drop(now_us: int) -> void:
	if current == null:
		return
	current.drop()
	_lose(Connection.BROKEN, now_us)


func send(bytes: PackedByteArray) -> void:
	current.send(bytes)


## Take what has come, and give up a server that does not answer hello.
func poll(now_us: int) -> void:
	if _closing:
		_closing.poll()
		if _closing.state() == CLOSED or now_us >= _closing_until_us:
			_closing = null
	if current == null:
		return
	var socket := current
	socket.poll()
	if not _was_open and socket.state() == OPEN:
		_was_open = true
		connection.opened(now_us / 1000.0)
	while socket == current and socket.has_frame():
		var frame: PackedByteArray = socket.take_frame()
		_receive.call(frame, socket.was_text())
	if socket == current and socket.state() == CLOSED:
		_lose(socket.close_code(), now_us)
	if now_us >= join_until_us:
		drop(now_us)


@warning_ignore_restore("unsafe_method_access")


## Whether there is none, not even one that closes.
func are_gone() -> bool:
	return current == null and _closing == null


func _lose(code: int, now_us: int) -> void:
	current = null
	join_until_us = NEVER
	connection.lost(code, now_us / 1000.0)
