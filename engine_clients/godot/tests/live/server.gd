extends RefCounted
## A `frametalk serve` of its own for a test. The environment's FRAMETALK names the program.

const Case := preload("res://tests/case.gd")
const READY_MS := 30_000

var url: String = ""

var _port: int = 0
var _pid: int = -1
var _arguments: PackedStringArray = []


## Start it unless it runs.
func start_once(case: Case) -> void:
	if _pid < 0:
		await start(case)


## Start it on a free port with these settings; returns whether it is ready.
func start(case: Case, settings: PackedStringArray = []) -> bool:
	var free := TCPServer.new()
	free.listen(0, "127.0.0.1")
	_port = free.get_local_port()
	free.stop()
	url = "ws://127.0.0.1:%d" % _port
	_arguments = ["serve", "--port", str(_port), "--log-level", "WARNING"]
	for setting in settings:
		_arguments.append_array(["--set", setting])
	return await again(case)


## Start it once more, on the same port.
func again(case: Case) -> bool:
	var program := OS.get_environment("FRAMETALK") if OS.has_environment("FRAMETALK") else "frametalk"
	_pid = OS.create_process(program, _arguments)
	case.check(_pid > 0, "%s cannot be started" % program)
	return _pid > 0 and await case.until(_listens, "the server listens", READY_MS)


func stop() -> void:
	if _pid > 0:
		OS.kill(_pid)
	_pid = -1


## Whether something listens on its port.
func _listens() -> bool:
	var peer := StreamPeerTCP.new()
	if peer.connect_to_host("127.0.0.1", _port) != OK:
		return false
	for i in 20:
		peer.poll()
		if peer.get_status() != StreamPeerTCP.STATUS_CONNECTING:
			break
		OS.delay_msec(5)
	var connected := peer.get_status() == StreamPeerTCP.STATUS_CONNECTED
	peer.disconnect_from_host()
	return connected
