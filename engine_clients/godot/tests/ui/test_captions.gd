extends "res://tests/case.gd"
## Captions: lit up as they are heard; of a cut reply only what was heard stays.

const CaptionsScene := preload("res://addons/frametalk/ui/captions.tscn")

var session: FrametalkSession
var captions: FrametalkCaptions


func before_each() -> void:
	session = FrametalkSession.new()
	session.auto_connect = false
	add_child(session)
	captions = CaptionsScene.instantiate()
	captions.session = session
	add_child(captions)


func test_nothing_is_shown_before_anything_is_said() -> void:
	same(captions.shown(), PackedStringArray(["", ""]))


func test_a_clause_is_shown_whole_and_lit_up_word_by_word() -> void:
	session.caption.emit("That's 25 gold.", 1)
	same(captions.shown()[0], "That's 25 gold.")
	same(captions.heard_characters(), 0)
	session.word.emit("That's", 1)
	session.word.emit("25", 1)
	same(captions.heard_characters(), "That's 25".length())
	same(captions._lit.visible_characters, "That's 25".length())
	same(captions._lit.get_parsed_text(), captions._character.get_parsed_text())


func test_the_same_word_twice_lights_up_twice() -> void:
	session.caption.emit("no no no", 1)
	session.word.emit("no", 1)
	session.word.emit("no", 1)
	same(captions.heard_characters(), 5)


func test_a_word_that_the_clause_does_not_have_changes_nothing() -> void:
	session.caption.emit("well met", 1)
	session.word.emit("well", 1)
	session.word.emit("sword", 1)
	same(captions.heard_characters(), 4)


func test_a_cut_leaves_what_was_heard() -> void:
	session.caption.emit("the king pays late", 1)
	session.word.emit("the", 1)
	session.word.emit("king", 1)
	session.reply_cut.emit(1, "interrupted", 9000)
	same(captions.shown()[0], "the king")


func test_lines_go_away_some_time_after_the_end() -> void:
	session.transcript.emit("who are you", 11, true)
	session.caption.emit("Bram.", 1)
	session.reply_ended.emit(1)
	captions._process(captions.linger_s - 0.1)
	same(captions.shown(), PackedStringArray(["Bram.", "who are you"]))
	captions._process(0.2)
	same(captions.shown(), PackedStringArray(["", ""]))


func test_the_players_words_are_shown_while_they_are_spoken() -> void:
	session.transcript.emit("open the", 5, false)
	same(captions.shown()[1], "open the")


func test_the_players_words_can_be_left_out() -> void:
	captions.show_player = false
	session.transcript.emit("open the", 5, false)
	same(captions.shown()[1], "")


func test_text_with_markup_is_shown_as_it_is_written() -> void:
	session.caption.emit("[b]bold[/b] and [url]x", 1)
	same(captions.shown()[0], "[b]bold[/b] and [url]x")
