extends RefCounted
## Translates the 15 mouth shapes to a mesh's blend shapes.

## Which blend shapes are used; the numbers are those of FrametalkFace.Kind.
enum Kind { NONE, VISEMES, ARKIT, VRM }

const Visemes := preload("visemes.gd")
## A face may lack [code]sil[/code]; for one that lacks more than a few shapes, another set is better.
const ENOUGH_SHAPES := 12

var kind: Kind = Kind.NONE
## The blend shapes that are set: their numbers in the mesh.
var targets := PackedInt32Array()
## Shapes for which the mesh has nothing.
var missing := PackedStringArray()

# For each part of the sum: which shape, which of the targets, how much.
var _shapes := PackedByteArray()
var _slots := PackedInt32Array()
var _parts := PackedFloat32Array()
var _values := PackedFloat32Array()


## The map for blend shapes of these names; [param custom]: shape -> name, which come first.
static func of(names: PackedStringArray, custom: Dictionary) -> RefCounted:
	var map := new()
	var own := _own_shapes(names, custom)
	if own.size() >= ENOUGH_SHAPES:
		map._fill(Kind.VISEMES, names, own)
		return map
	for pair: Array in [[Kind.ARKIT, Visemes.ARKIT], [Kind.VRM, Visemes.VRM]]:
		var table: Dictionary = pair[1]
		var known: Dictionary[String, bool] = {}
		for shape: String in table:
			for name: String in table[shape]:
				known[name] = names.has(name)
		if known.values().count(true) * 2 > known.size():
			var parts := table.duplicate()
			for shape: String in custom:
				parts[shape] = own.get(shape, {})
			map._fill(pair[0], names, parts)
			return map
	map._fill(Kind.VISEMES if not own.is_empty() and not custom.is_empty() else Kind.NONE, names, own)
	return map


## Values of blend shapes by name, 0 to 1, for these weights, from a table of visemes.json.
static func translate(table: Dictionary, weights: PackedFloat32Array) -> Dictionary[String, float]:
	var values: Dictionary[String, float] = {}
	for i in Visemes.NAMES.size():
		var parts: Dictionary = table[str(Visemes.NAMES[i])]
		for name: String in parts:
			var part: float = parts[name]
			values[name] = minf(1.0, values.get(name, 0.0) + part * weights[i])
	return values


## The values of [member targets] for these weights, 0 to 1; the same array each time.
func values(weights: PackedFloat32Array) -> PackedFloat32Array:
	_values.fill(0.0)
	for i in _shapes.size():
		var weight := weights[_shapes[i]]
		if weight > 0.0:
			_values[_slots[i]] += weight * _parts[i]
	return _values


func _fill(of_kind: Kind, names: PackedStringArray, table: Dictionary) -> void:
	kind = of_kind
	for i in Visemes.NAMES.size():
		var parts: Dictionary = table.get(str(Visemes.NAMES[i]), {})
		var found := 0
		for name: String in parts:
			var number := names.find(name)
			if number < 0:
				continue
			found += 1
			if not targets.has(number):
				targets.append(number)
			_shapes.append(i)
			_slots.append(targets.find(number))
			_parts.append(parts[name])
		if found == 0 and (not parts.is_empty() or (of_kind != Kind.VRM and i > 0)):
			missing.append(str(Visemes.NAMES[i]))
	_values.resize(targets.size())


static func _own_shapes(names: PackedStringArray, custom: Dictionary) -> Dictionary:
	var found := {}
	for shape in Visemes.NAMES:
		var candidates: Array = [custom[str(shape)]] if custom.has(str(shape)) else []
		candidates.append(str(shape))
		candidates.append_array(Visemes.ALIASES[str(shape)] as Array)
		for name: String in candidates:
			if names.has(name):
				found[str(shape)] = {name: 1.0}
				break
	return found
