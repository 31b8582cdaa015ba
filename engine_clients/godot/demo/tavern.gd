## The demo: a tavern in which a blacksmith hears the player, answers with moving lips, and does what he is asked.
##
## Start a server with [code]frametalk serve[/code], then this scene. Arguments after [code]--[/code]:
## [code]--url=ws://host:port[/code]; [code]--fake[/code] talks to a recorded session instead of a server;
## [code]--xr=NAME[/code] shows it in a headset, by OpenXR or another interface; [code]--say=TEXT[/code] types a turn
## when the session is open; [code]--seconds=N[/code] quits after N seconds.
extends Node3D

const Game := preload("game.gd")
const Stage := preload("stage.gd")
const Hud := preload("hud.gd")

var game: Game = Game.new()
var session: FrametalkSession = FrametalkSession.new()
var microphone: FrametalkMicrophone = FrametalkMicrophone.new()
var stage: Stage
var hud: Hud


func _init() -> void:
	session.name = "Session"
	session.auto_connect = false
	session.echo = FrametalkSession.Echo.DUCK
	session.scopes = []
	microphone.mode = FrametalkMicrophone.Mode.PUSH_TO_TALK
	# The screen presses it: by button, by trigger, and by key unless a line is being typed.
	microphone.action = &""
	microphone.session = session
	session.add_child(microphone)
	game.declare(session)


func _ready() -> void:
	var arguments := _arguments()
	add_child(session)
	stage = Stage.new(game)
	add_child(stage)
	stage.converse(session)
	hud = Hud.new(session, microphone)
	add_child(hud)
	if stage.player.enter_headset(arguments.get("xr", "OpenXR")):
		stage.player.show_panel(hud)
		stage.player.talk_pressed.connect(microphone.press)
		stage.player.talk_released.connect(microphone.release)
	session.opened.connect(_on_opened.bind(str(arguments.get("say", ""))))
	session.caption.connect(func(text: String, _reply: int) -> void: print("caption: ", text))
	if arguments.has("fake"):
		var server := FrametalkReplayServer.new()
		add_child(server)
		session.url = server.listen()
	else:
		session.url = str(arguments.get("url", session.url))
	session.open()
	if arguments.has("seconds"):
		get_tree().create_timer(float(str(arguments["seconds"]))).timeout.connect(_quit)


func _process(_delta: float) -> void:
	if session.focus:
		session.focus.point(stage.pointed_at())


func _on_opened(welcome: Dictionary, line: String) -> void:
	if welcome.get("resumed", false):
		return
	session.scene.event("player_entered", "player")
	if line:
		session.say(line)


func _quit() -> void:
	print("the demo ran: ", JSON.stringify(hud.overlay.report()))
	get_tree().quit()


## Arguments after [code]--[/code] by name; those without a value are true.
static func _arguments() -> Dictionary[String, Variant]:
	var found: Dictionary[String, Variant] = {}
	for argument in OS.get_cmdline_user_args():
		var pair := argument.trim_prefix("--").split("=", true, 1)
		found[pair[0]] = pair[1] if pair.size() > 1 else "true"
	return found
