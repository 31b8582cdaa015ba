extends "res://tests/case.gd"
## Media frames against the golden bytes of the protocol.

const Golden := preload("res://tests/golden.gd")
const Media := preload("res://addons/frametalk/core/media.gd")


func cases_media_frames() -> Dictionary:
	var cases := {}
	for item: Dictionary in protocol("golden/media.json"):
		cases[item["name"]] = item
	return cases


func test_media_frames(item: Dictionary) -> void:
	var frame: PackedByteArray = item["hex"].hex_decode()
	same(Media.fault(frame), "", "fault")
	same(Media.stream_of(frame), int(item["stream"]), "stream")
	same(Media.sample_of(frame), int(item["sample"]), "sample")
	same(frame.slice(Media.HEADER_BYTES).hex_encode(), item["payload_hex"], "payload")
	if item["kind"] == 1.0:
		var made := frame.slice(0)
		made.fill(0)
		Media.write_header(made, int(item["flags"]), int(item["stream"]), int(item["seq"]), int(item["sample"]))
		same(made.slice(0, 16).hex_encode(), frame.slice(0, 16).hex_encode(), "header")


func cases_broken_frames_are_refused() -> Dictionary:
	return Golden.broken(true)


func test_broken_frames_are_refused(broken: Dictionary) -> void:
	same(Media.fault(broken["frame"]), broken["code"])
