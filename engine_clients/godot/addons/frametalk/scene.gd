class_name FrametalkScene
extends RefCounted
## The scene that the character knows. It belongs to the game; the session keeps the server's copy up to date.
##
## [FrametalkSceneObject] nodes change it by themselves. All changes of a frame go out as one patch; after a reconnect
## and whenever the server asks for it, the whole scene is sent again.

## The scene has changed; for editors and overlays.
signal changed

## The scene's revision, which grows with each change that is sent.
var rev: int = 0


## Ids of all entities.
func ids() -> PackedStringArray:
	return PackedStringArray()


## The entity with this id, as in the wire's [code]Entity[/code]; empty if there is none.
func entity(_id: String) -> Dictionary:
	return {}


## Replace the whole scene by these entities: [code]{id, name, kind, aliases, position, state, affordances}[/code].
func snapshot(_entities: Array[Dictionary]) -> FrametalkError:
	return null


## Add an entity, or replace it as a whole. Returns what is wrong with it, else null.
func put(_entity: Dictionary) -> FrametalkError:
	return null


## Remove an entity. Returns an error when there is none, else null.
func remove(_id: String) -> FrametalkError:
	return null


## Set keys of an entity's state; a null deletes its key. Returns an error when there is no such entity, else null.
func set_state(_id: String, _state: Dictionary) -> FrametalkError:
	return null


## The value of a key of an entity's state, or [param otherwise].
func state(_id: String, _key: String, otherwise: Variant = null) -> Variant:
	return otherwise


## Move an entity, in metres. Returns an error when there is no such entity, else null.
func move(_id: String, _position: Vector3) -> FrametalkError:
	return null


## Report that something happened. On [code]player_entered[/code] the character greets, once a session.
func event(_name: String, _entity: String = "", _text: String = "", _data: Dictionary = {}) -> void:
	pass


## Send the changes now, instead of at the end of the frame.
func flush() -> void:
	pass
