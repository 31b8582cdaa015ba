extends RefCounted
## The WebSocket; tests replace it.

enum State { CONNECTING, OPEN, CLOSING, CLOSED }

const IN_BYTES := 1 << 20
const OUT_BYTES := 1 << 21  # what was kept for a session that is resumed goes out at once
const PACKETS := 4096

var _peer: WebSocketPeer = null
var _failed: bool = false
var _delay_set: bool = false


func open(url: String) -> void:
	_peer = WebSocketPeer.new()
	_peer.inbound_buffer_size = IN_BYTES
	_peer.outbound_buffer_size = OUT_BYTES
	_peer.max_queued_packets = PACKETS
	_failed = _peer.connect_to_url(url) != OK


func poll() -> void:
	if _failed or _peer == null:
		return
	_peer.poll()
	if not _delay_set and _peer.get_ready_state() == WebSocketPeer.STATE_OPEN:
		_delay_set = true
		_peer.set_no_delay(true)


func state() -> State:
	if _peer == null or _failed:
		return State.CLOSED
	return _peer.get_ready_state() as State


## Whether another frame has come.
func has_frame() -> bool:
	return not _failed and _peer != null and _peer.get_available_packet_count() > 0


func take_frame() -> PackedByteArray:
	return _peer.get_packet()


## Whether the frame that was taken last is a text frame.
func was_text() -> bool:
	return _peer.was_string_packet()


func send(bytes: PackedByteArray) -> void:
	_peer.send(bytes, WebSocketPeer.WRITE_MODE_BINARY)


## Close it with a handshake: the session ends.
func close() -> void:
	if _peer:
		_peer.close()


## Give it up without one: the session can be resumed.
func drop() -> void:
	if _peer:
		_peer.close(-1)


## The close frame's code; 1006 without one.
func close_code() -> int:
	var code := _peer.get_close_code() if _peer and not _failed else -1
	return code if code > 0 else 1006
