extends RefCounted
## Checks that bytes are UTF-8, which Godot does not: its own conversion replaces what is not, without a word.

const HIGH_BITS := -0x7f7f7f7f7f7f7f80  # 0x8080808080808080


## Text from UTF-8; empty if the bytes are not UTF-8.
static func text_of(bytes: PackedByteArray) -> String:
	return bytes.get_string_from_utf8() if is_utf8(bytes) else ""


## Whether these bytes are UTF-8.
static func is_utf8(bytes: PackedByteArray) -> bool:
	var size := bytes.size()
	var at := 0
	while at < size:
		if at + 8 <= size and not bytes.decode_u64(at) & HIGH_BITS:
			at += 8
			continue
		var length := _sequence_at(bytes, at, size)
		if length == 0:
			return false
		at += length
	return true


## How many bytes the character at this place has; 0: it is not UTF-8.
static func _sequence_at(bytes: PackedByteArray, at: int, size: int) -> int:
	var lead := bytes[at]
	if lead < 0x80:
		return 1
	var length := 2 if lead < 0xe0 else (3 if lead < 0xf0 else 4)
	if lead < 0xc2 or lead > 0xf4 or at + length > size:
		return 0
	for i in range(at + 1, at + length):
		if bytes[i] & 0xc0 != 0x80:
			return 0
	var second := bytes[at + 1]
	var overlong := (lead == 0xe0 and second < 0xa0) or (lead == 0xf0 and second < 0x90)
	var impossible := (lead == 0xed and second > 0x9f) or (lead == 0xf4 and second > 0x8f)
	return 0 if overlong or impossible else length
