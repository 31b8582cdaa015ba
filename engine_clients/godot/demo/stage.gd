## Everything that is seen of the tavern: the room, its things in the game's state, the blacksmith, the player.
extends Node3D

const Game := preload("game.gd")
const Room := preload("world/room.gd")
const Thing := preload("world/thing.gd")
const Blacksmith := preload("character/blacksmith.gd")
const Player := preload("player.gd")
## How long a thing that is given stays in the smith's hand.
const HANDOVER_S := 0.75
## What the blacksmith does, by the turn's state.
const MOODS: Dictionary[String, StringName] = {
	"idle": &"idle",
	"hearing": &"listening",
	"holding": &"listening",
	"ducked": &"listening",
	"thinking": &"thinking",
	"speaking": &"talking",
}

var game: Game
var blacksmith: Blacksmith = Blacksmith.new()
var player: Player = Player.new()
## All entities that have a place, by their id.
var nodes: Dictionary[String, Node3D] = {}

## What he looks at; null: the player.
var _watched: Node3D


func _init(of_game: Game) -> void:
	name = "Stage"
	game = of_game
	add_child(Room.new())
	add_child(blacksmith)
	add_child(player)
	blacksmith.position = Vector3(0.0, 0.0, -2.0)
	for entity in game.entities:
		_add(entity)
	game.moved.connect(_on_moved)
	game.walked.connect(player.walk)


## Connects the blacksmith's body, voice and mouth with a session.
func converse(session: FrametalkSession) -> void:
	var voice := AudioStreamPlayer3D.new()
	voice.unit_size = 4.0
	blacksmith.head.add_child(voice)
	var character := FrametalkCharacter.new()
	character.session = session
	character.voice = voice
	blacksmith.add_child(character)
	var face := FrametalkFace.new()
	face.session = session
	face.meshes = blacksmith.head.skins
	blacksmith.add_child(face)
	session.turn_state.connect(
		func(state: String, _message: Dictionary) -> void: blacksmith.mood = MOODS.get(state, &"idle")
	)
	session.gesture.connect(func(word: String, _reply: int) -> void: blacksmith.gesture(word))
	session.emotion.connect(
		func(emotion: String, strength: float, _reply: int) -> void: blacksmith.feel(emotion, strength)
	)
	session.gaze.connect(_on_gaze)
	session.reply_ended.connect(func(_reply: int) -> void: _look_at_player())


## The id of the entity that the player points at; "" for none.
func pointed_at() -> String:
	var visible_nodes: Array[Node3D] = []
	for id in nodes:
		if id != "player" and nodes[id].is_visible_in_tree():
			visible_nodes.append(nodes[id])
	var node := player.pointed_at(visible_nodes)
	return nodes.find_key(node) if node else ""


func _process(_delta: float) -> void:
	if _watched == null:
		blacksmith.gaze = player.camera.global_position
	else:
		blacksmith.gaze = _watched.global_position


func _add(entity: Dictionary) -> void:
	var id: String = entity["id"]
	var node: Node3D
	match id:
		"player":
			node = player
		"blacksmith":
			node = blacksmith
		"table":
			node = Node3D.new()
			node.name = "Table"
			node.position = Vector3(0.62, 0.87, -1.42)
			add_child(node)
		_:
			var thing := Thing.new(id)
			add_child(thing)
			node = thing
	nodes[id] = node
	game.describe(node, entity)
	if node is Thing:
		_show_thing(id)


func _show_thing(id: String) -> void:
	var thing: Thing = nodes[id]
	if not thing.carried:
		for key: String in game.object_of(id).state:
			thing.show_state(key, game.value(id, key))
		return
	match game.value(id, "holder"):
		"player":
			player.take(thing)
		"blacksmith":
			thing.hide()  # in his pockets
		_:
			if thing.get_parent() != self:
				thing.reparent(self, false)
			var place := str(game.value(id, "place"))
			var on_table := place in ["table", "player", "blacksmith"] or not nodes.has(place)
			thing.lie(null if on_table else nodes[place])


func _on_moved(id: String) -> void:
	var thing := nodes[id] as Thing
	if thing == null:
		return
	if thing.carried and game.value(id, "holder") == "player" and not thing.visible:
		_hand_over(thing)
	else:
		_show_thing(id)


func _hand_over(thing: Thing) -> void:
	blacksmith.gesture("give")
	thing.reparent(blacksmith.body.grip, false)
	thing.transform = Transform3D(Basis.from_euler(Vector3(PI / 2.0, 0.0, 0.0)), Vector3.ZERO)
	thing.show()
	await get_tree().create_timer(HANDOVER_S).timeout
	_show_thing(thing.id)


func _on_gaze(target: Node, gaze_name: String, _reply: int) -> void:
	_watched = target as Node3D if gaze_name != "player" else null


func _look_at_player() -> void:
	_watched = null
