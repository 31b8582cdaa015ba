extends RefCounted
## Marks of a reply (protocols/wire.md): packed into 7 bytes each in MessagePack, rows in JSON.
##
## Visemes come as columns, so that a message of many marks makes no object for each.

const Visemes := preload("visemes.gd")
const MARK_BYTES := 7
## From this number on a mark is of a kind in KINDS and has a name.
const NAMED := 16
const KINDS: Array[String] = ["word", "gesture", "emotion", "gaze", "viseme"]

## First sample, one past the last, shape (its number in Visemes.NAMES) and weight of each viseme.
var at := PackedInt64Array()
var end := PackedInt64Array()
var shape := PackedByteArray()
var value := PackedFloat32Array()
## The longest of them, in samples.
var longest: int = 0
## The other marks, each [kind, at, name, value].
var others: Array[Array] = []


## The marks of a reply.marks message in either form; null if it is neither.
static func read(message: Dictionary) -> RefCounted:
	var packed: Variant = message.get("marks")
	var marks := new()
	var fits := false
	if packed is PackedByteArray:
		fits = marks._unpack(message.get("at"), packed, message.get("names"))
	elif packed is Array:
		fits = marks._take_rows(packed)
	return marks if fits else null


func _unpack(base: Variant, packed: PackedByteArray, names: Variant) -> bool:
	if not base is int or not names is Array or packed.size() % MARK_BYTES != 0:
		return false
	var first: int = base
	var next := 0
	var list: Array = names
	for place in range(0, packed.size(), MARK_BYTES):
		var low := packed.decode_u32(place)
		var high := packed.decode_u32(place + 3) >> 8
		var from := first + (low & 0xffffff)
		var what := (high >> 12) & 0x1f
		if what < NAMED:
			_add(from, from + ((low >> 24) | ((high & 0xfff) << 8)), what, (high >> 17) / 100.0)
			continue
		var kind := what - NAMED
		if next >= list.size() or not list[next] is String:
			return false
		if kind < KINDS.size() - 1:
			others.append([KINDS[kind], from, list[next], (high >> 17) / 100.0])
		next += 1
	return true


func _take_rows(rows: Array) -> bool:
	for item: Variant in rows:
		if not item is Array:
			return false
		var row: Array = item
		if row.size() != 5 or not (row[0] is String and row[1] is int and row[2] is int and row[3] is String):
			return false
		if row[0] != "viseme":
			others.append([row[0], row[1], row[3], float(row[4])])
			continue
		var number := Visemes.NAMES.find(StringName(str(row[3])))
		if number >= 0:
			_add(row[1], row[2], number, row[4])
	return true


func _add(from: int, to: int, number: int, weight: float) -> void:
	if number >= Visemes.NAMES.size():
		return
	longest = maxi(longest, to - from)
	# They come in order, so this is the end.
	var place := at.size() if at.is_empty() or at[-1] <= from else at.bsearch(from, false)
	at.insert(place, from)
	end.insert(place, to)
	shape.insert(place, number)
	value.insert(place, weight)
