class_name FrametalkScene
extends RefCounted
## The scene that the character knows. It belongs to the game; the session keeps the server's copy up to date.
##
## [FrametalkSceneObject] nodes change it by themselves. All changes of a frame go out as one patch; after a reconnect
## and whenever the server asks for it, the whole scene is sent again.

## The scene has changed; for editors and overlays.
signal changed

const Encoder := preload("core/encoder.gd")
const ROOM_BYTES := Encoder.MAX_BYTES >> 1  # per message, for scenes that fill more than one

## The scene's revision, which grows with each change that is sent.
var rev: int = 0

var _send: Callable
var _encoder := Encoder.new()
var _entities: Dictionary[String, Dictionary] = {}
var _live: bool = false  # the server has a copy
var _awaited: int = -1  # the snapshot that answers every resync before it
var _there: Dictionary[String, bool] = {}  # ids in the server's copy
var _remove: Dictionary[String, bool] = {}
var _put: Dictionary[String, bool] = {}
var _state: Dictionary[String, Dictionary] = {}
var _move: Dictionary[String, bool] = {}
var _scheduled: bool = false


func _init(send: Callable = Callable()) -> void:
	_send = send


## Ids of all entities.
func ids() -> PackedStringArray:
	return PackedStringArray(_entities.keys())


## The entity with this id, as in the wire's [code]Entity[/code]; empty if there is none.
func entity(id: String) -> Dictionary:
	return _entities.get(id, {}).duplicate(true)


## Replace the whole scene by these entities: [code]{id, name, kind, aliases, position, state, affordances}[/code].
## Returns what is wrong with one of them, and changes nothing then; else null.
func snapshot(entities: Array[Dictionary]) -> FrametalkError:
	var fresh: Dictionary[String, Dictionary] = {}
	for item in entities:
		var failure := _fault_of(item)
		if failure:
			return failure
		if fresh.has(item["id"]):
			return _invalid("scene_invalid", "the entity %s is there twice" % item["id"])
		fresh[item["id"]] = item.duplicate(true)
	_entities = fresh
	rev += 1
	changed.emit()
	if _live:
		resend()
	return null


## Add an entity, or replace it as a whole. Returns what is wrong with it, else null.
func put(item: Dictionary) -> FrametalkError:
	var failure := _fault_of(item)
	if failure:
		return failure
	var id: String = item["id"]
	_entities[id] = item.duplicate(true)
	_put[id] = true
	_state.erase(id)
	_move.erase(id)
	_schedule()
	return null


## Remove an entity. Returns an error when there is none, else null.
func remove(id: String) -> FrametalkError:
	if not _entities.erase(id):
		return _unknown(id)
	_put.erase(id)
	_state.erase(id)
	_move.erase(id)
	if _there.has(id):
		_remove[id] = true
	_schedule()
	return null


## Set keys of an entity's state; a null deletes its key. Returns an error when there is no such entity, else null.
func set_state(id: String, keys: Dictionary) -> FrametalkError:
	if not _entities.has(id):
		return _unknown(id)
	var now: Dictionary = _entities[id].get_or_add("state", {})
	var fresh := {}
	for key: Variant in keys:
		var value: Variant = keys[key]
		if now.get(str(key)) == value and (value != null or not now.has(str(key))):
			continue
		fresh[str(key)] = value
		if value == null:
			now.erase(str(key))
		else:
			now[str(key)] = value
	if fresh.is_empty():
		return null
	if not _put.has(id):
		_state.get_or_add(id, {}).merge(fresh, true)
	_schedule()
	return null


## The value of a key of an entity's state, or [param otherwise].
func state(id: String, key: String, otherwise: Variant = null) -> Variant:
	var keys: Dictionary = _entities.get(id, {}).get("state", {})
	return keys.get(key, otherwise)


## Move an entity, in metres. Returns an error when there is no such entity, else null.
func move(id: String, position: Vector3) -> FrametalkError:
	if not _entities.has(id):
		return _unknown(id)
	_entities[id]["position"] = [position.x, position.y, position.z]
	if not _put.has(id):
		_move[id] = true
	_schedule()
	return null


## Report that something happened. On [code]player_entered[/code] the character greets, once a session.
func event(name: String, entity_id: String = "", text: String = "", data: Dictionary = {}) -> void:
	flush()
	var message := {"type": "scene.event", "name": name}
	if entity_id:
		message["entity"] = entity_id
	if text:
		message["text"] = text
	if data:
		message["data"] = data.duplicate(true)
	_send.call(message)


## Send the changes now, instead of at the end of the frame.
func flush() -> void:
	_scheduled = false
	if _remove.is_empty() and _put.is_empty() and _state.is_empty() and _move.is_empty():
		return
	var patch := {}
	if not _remove.is_empty():
		patch["remove"] = _remove.keys()
	if not _state.is_empty():
		patch["state"] = _state.duplicate(true)
	if not _move.is_empty():
		var moves := {}
		for id: String in _move:
			moves[id] = _entities[id]["position"]
		patch["move"] = moves
	var parts := _parts(_put.keys())
	_forget_changes()
	if not parts.is_empty():
		patch["put"] = parts.pop_front()
	_send_patch(patch)
	for more in parts:
		_send_patch({"put": more})


## For the session alone: send the whole scene.
func resend() -> void:
	_live = true
	_forget_changes()
	var parts := _parts(_entities.keys())
	_awaited = rev
	_there.clear()
	var first: Array = parts.pop_front() if not parts.is_empty() else []
	_note(first)
	_send.call({"type": "scene.snapshot", "rev": rev, "entities": first})
	for more in parts:
		_send_patch({"put": more})


## For the session alone: the server has no copy any more.
func lose() -> void:
	_live = false
	_awaited = -1


## For the session alone: the server has this revision.
func acked(revision: int) -> void:
	if revision >= _awaited:
		_awaited = -1


## For the session alone: the server asks for a snapshot; one under way answers this too.
func resync() -> void:
	if _awaited < 0:
		rev += 1
		resend()


func _schedule() -> void:
	changed.emit()
	if not _scheduled:
		_scheduled = true
		flush.call_deferred()


func _forget_changes() -> void:
	_remove.clear()
	_put.clear()
	_state.clear()
	_move.clear()


func _send_patch(patch: Dictionary) -> void:
	var base := rev
	rev += 1
	for id: String in patch.get("remove", []):
		_there.erase(id)
	_note(patch.get("put", []))
	if not _live:
		return
	patch["type"] = "scene.patch"
	patch["base"] = base
	patch["rev"] = rev
	_send.call(patch)


func _note(entities: Array) -> void:
	for item: Dictionary in entities:
		_there[item["id"]] = true


## Copies of the entities with these ids, in parts that fit into a message each.
func _parts(wanted: Array) -> Array[Array]:
	var parts: Array[Array] = []
	var room := 0
	for id: String in wanted:
		var item := _entities[id].duplicate(true)
		var size := _encoder.encode(item).size()
		if room < size or parts.is_empty():
			parts.append([])
			room = ROOM_BYTES
		parts[-1].append(item)
		room -= size
	return parts


static func _fault_of(item: Dictionary) -> FrametalkError:
	for field: String in ["id", "name"]:
		if not item.get(field) is String or str(item[field]).is_empty():
			return _invalid("scene_invalid", "an entity without %s: %s" % [field, item])
	return null


static func _unknown(id: String) -> FrametalkError:
	return _invalid("scene_unknown_entity", "there is no entity %s" % id, "add it first")


static func _invalid(code: String, text: String, remedy: String = "see its text") -> FrametalkError:
	return FrametalkError.new(code, text, remedy, "scene", "client")
