extends RefCounted
## The golden bytes of the protocol, as cases of tests.

const Case := preload("case.gd")
## Faults that only a server looks for: they are of a message's fields, not of its form.
const OF_FIELDS: Array[String] = [
	"field_missing",
	"field_wrong_type",
	"field_null",
	"text_empty",
	"text_long",
	"count_negative",
	"count_fraction",
	"rate_fraction",
	"rate_whole_float",
	"enum_unknown",
	"position_of_two",
	"text_fraction",
	"text_key_twice",  # Godot's JSON keeps the last
]


## Name of a message -> its file, without .msgpack and .json.
static func messages(folder: String) -> Dictionary:
	var cases := {}
	var path := Case.protocols().path_join("golden").path_join(folder)
	for file in DirAccess.get_files_at(path):
		if file.ends_with(".msgpack"):
			cases[file.trim_suffix(".msgpack")] = path.path_join(file.trim_suffix(".msgpack"))
	return cases


## What is wrong with a frame -> the frame, whether it is text, and the code of the error; of media frames or of others.
static func broken(of_media: bool) -> Dictionary:
	var cases := {}
	for item: Dictionary in Case.protocol("golden/bad.json"):
		var frame := PackedByteArray()
		for part: Dictionary in item["parts"]:
			var piece: PackedByteArray = part["hex"].hex_decode() if part.has("hex") else part["text"].to_utf8_buffer()
			for i: int in part["times"]:
				frame.append_array(piece)
		var text: bool = item["frame"] == "text"
		var media := not text and not frame.is_empty() and frame[0] < 0x80
		if item["name"] not in OF_FIELDS and media == of_media:
			cases["%s %s" % [item["frame"], item["name"]]] = {"frame": frame, "text": text, "code": item["code"]}
	return cases
