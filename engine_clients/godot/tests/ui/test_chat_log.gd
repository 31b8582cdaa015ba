extends "res://tests/case.gd"
## The chat log.

const ChatScene := preload("res://addons/frametalk/ui/chat_log.tscn")

var session: FrametalkSession
var chat: FrametalkChatLog


func before_each() -> void:
	session = FrametalkSession.new()
	session.auto_connect = false
	add_child(session)
	chat = ChatScene.instantiate()
	chat.session = session
	chat.character_name = "Bram"
	add_child(chat)


func test_a_turn_and_its_answer_are_two_lines() -> void:
	session.transcript.emit("who", 0, false)
	session.transcript.emit("who are you", 11, true)
	session.reply_begun.emit(1, 1)
	session.caption.emit("The blacksmith stands before you.", 1)
	session.caption.emit("Bram is the name.", 1)
	session.reply_ended.emit(1)
	same(chat.text(), "You: who are you\nBram: The blacksmith stands before you. Bram is the name.")


func test_of_a_cut_reply_the_words_that_were_heard_are_logged() -> void:
	session.reply_begun.emit(1, 1)
	session.caption.emit("The king pays late.", 1)
	session.word.emit("The", 1)
	session.word.emit("king", 1)
	session.reply_cut.emit(1, "interrupted", 100)
	same(chat.text(), "Bram: The king -")


func test_a_reply_cut_before_its_first_word_is_not_logged() -> void:
	session.reply_begun.emit(1, 1)
	session.caption.emit("The king pays late.", 1)
	session.reply_cut.emit(1, "continued", 0)
	same(chat.text(), "")


func test_tools_are_logged_with_their_outcome() -> void:
	var tool_call := FrametalkCall.new()
	tool_call.name = "open"
	tool_call.args = {"target": "chest"}
	tool_call.refuse("the chest is locked")
	session.tool_finished.emit(tool_call)
	same(chat.text(), "open chest: refused, the chest is locked")


func test_errors_are_logged_with_their_remedy() -> void:
	session.error.emit(FrametalkError.new("bad_token", "the token is wrong", "set token"))
	same(chat.text(), "bad_token: the token is wrong (set token)")


func test_a_typed_line_without_a_connection_says_so() -> void:
	var input: LineEdit = chat.find_children("*", "LineEdit", true, false)[0]
	input.text = "hello"
	input.text_submitted.emit("hello")
	same(chat.text(), "No connection: nothing was sent.")
	same(input.text, "hello", "what was typed is kept")


func test_an_empty_line_is_not_said() -> void:
	var input: LineEdit = chat.find_children("*", "LineEdit", true, false)[0]
	input.text_submitted.emit("   ")
	same(chat.text(), "")


func test_old_lines_are_dropped() -> void:
	chat.lines = 10
	for i in 25:
		chat.add_line(str(i))
	same(chat.text().split("\n").size(), 10)
	check(chat.text().begins_with("15"), "the newest are kept")


func test_text_can_be_selected() -> void:
	var text: RichTextLabel = chat.find_children("*", "RichTextLabel", true, false)[0]
	check(text.selection_enabled, "selection")


func test_markup_of_a_player_is_not_markup() -> void:
	session.transcript.emit("[img]res://x.png[/img]", 0, true)
	var text: RichTextLabel = chat.find_children("*", "RichTextLabel", true, false)[0]
	check("[img]" in text.get_parsed_text(), "shown as it is")
