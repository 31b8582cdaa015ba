extends "res://tests/case.gd"
## The tavern's rules, as docs/tavern.md writes them.

const Game := preload("res://demo/game.gd")

var game: Game
var session: FrametalkSession


func before_each() -> void:
	session = FrametalkSession.new()
	session.auto_connect = false
	add_child(session)
	game = Game.new()
	for entity in game.entities:
		game.describe(session, entity)


## Carries out a call; how it ended, and its reason or value.
func call_tool(tool_name: String, args: Dictionary) -> Array:
	var tool_call := FrametalkCall.new()
	tool_call.name = tool_name
	tool_call.args = args
	var value: Variant = game.carry_out(args, tool_call)
	return ["refused", tool_call.reason] if tool_call.state == FrametalkCall.State.REFUSED else ["done", value]


func test_a_door_opens_and_closes() -> void:
	same(call_tool("open", {"target": "door"}), ["done", null])
	same(game.value("door", "open"), true)
	same(call_tool("open", {"target": "door"}), ["refused", "the red door is already open"])
	same(call_tool("close", {"target": "door"}), ["done", null])
	same(call_tool("close", {"target": "door"}), ["refused", "the red door is already closed"])


func test_a_locked_chest_refuses_until_it_is_unlocked() -> void:
	same(call_tool("open", {"target": "chest"}), ["refused", "the chest is locked"])
	same(call_tool("unlock", {"target": "chest"}), ["done", null])
	same(call_tool("unlock", {"target": "chest"}), ["refused", "the chest is not locked"])
	same(call_tool("open", {"target": "chest"}), ["done", null])


func test_things_are_given_once() -> void:
	same(call_tool("give", {"target": "iron_key"}), ["done", null])
	same(game.value("iron_key", "holder"), "player")
	same(call_tool("give", {"target": "iron_key"}), ["refused", "you already have the iron key"])


func test_the_smiths_things_cannot_be_taken() -> void:
	same(call_tool("take", {"target": "sword"}), ["refused", "the blacksmith has the sword"])
	same(call_tool("take", {"target": "map"}), ["done", null])


func test_the_torch_burns_and_goes_out() -> void:
	same(call_tool("light", {"target": "torch"}), ["done", null])
	same(call_tool("light", {"target": "torch"}), ["refused", "the torch is already lit"])
	same(call_tool("extinguish", {"target": "torch"}), ["done", null])


func test_a_letter_is_read() -> void:
	same(call_tool("read", {"target": "letter"}), ["done", "Meet me at the old bridge at midnight."])


func test_a_thing_is_put_somewhere() -> void:
	call_tool("take", {"target": "map"})
	same(call_tool("put", {"target": "map", "place": "table"}), ["done", null])
	same(game.value("map", "holder"), "")
	same(game.value("map", "place"), "table")


func test_the_player_walks() -> void:
	var steps: Array[Vector3] = []
	game.walked.connect(func(by: Vector3) -> void: steps.append(by))
	same(call_tool("move_player", {"direction": "left", "metres": 2}), ["done", null])
	same(steps, [Vector3(-2.0, 0.0, 0.0)] as Array[Vector3])


func test_an_unknown_tool_is_refused() -> void:
	same(call_tool("juggle", {"target": "map"}), ["refused", "there is no way to juggle that"])


func test_all_tools_are_declared() -> void:
	game.declare(session)
	same(session.tool_names().size(), game.tools.size())
