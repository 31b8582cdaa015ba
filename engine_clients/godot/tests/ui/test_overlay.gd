extends "res://tests/case.gd"
## The latency overlay.

const Samples := preload("res://addons/frametalk/ui/samples.gd")
const OverlayScene := preload("res://addons/frametalk/ui/overlay.tscn")

var session: FrametalkSession
var overlay: FrametalkOverlay


func before_each() -> void:
	session = FrametalkSession.new()
	session.auto_connect = false
	add_child(session)
	overlay = OverlayScene.instantiate()
	overlay.session = session
	add_child(overlay)


func test_the_state_says_that_nothing_is_lost_while_a_session_can_be_resumed() -> void:
	session.state = FrametalkSession.State.WAITING
	session.resumable = true
	same(FrametalkOverlay.state_text(session), "reconnecting, nothing is lost")


func test_the_state_says_connecting_before_the_first_welcome() -> void:
	session.state = FrametalkSession.State.CONNECTING
	same(FrametalkOverlay.state_text(session), "connecting")


func test_the_state_says_reconnecting_when_the_session_cannot_be_resumed() -> void:
	session.state = FrametalkSession.State.WAITING
	session.welcome = {"protocol": 1}
	same(FrametalkOverlay.state_text(session), "reconnecting")


func test_every_state_has_a_text() -> void:
	for state: FrametalkSession.State in FrametalkSession.State.values():
		session.state = state
		check(FrametalkOverlay.state_text(session) != "", "state %d has a text" % state)


func test_the_report_compares_our_cost_with_each_frame_rate() -> void:
	overlay.set_process(false)
	session.set_process(false)
	for i in 100:
		session.frame_cost_us = 100 if i < 98 else 1111
		overlay._process(0.0)
	var report := overlay.report()
	var cost: Dictionary = report["frame_us"]
	same(cost["p50"], 100.0, "median")
	same(cost["p99"], 1111.0, "99th percentile")
	var budget: Dictionary = report["budget"]
	check(absf(budget[90] - 0.09999) < 0.0001, "a tenth of a frame at 90 Hz")
	same(budget.keys(), [72, 90, 120], "rates")


func test_lips_count_only_while_a_reply_is_heard() -> void:
	overlay._process(0.0)
	var report := overlay.report()
	same(report["lips_ms"]["n"], 0.0)


func test_traces_are_shown_when_they_come_and_when_they_came_before() -> void:
	session.traces = [{"turn": 1, "mouth_to_ear_ms": null}]
	var late: FrametalkOverlay = OverlayScene.instantiate()
	late.session = session
	add_child(late)
	session.trace.emit({"turn": 2})
	var waterfall: FrametalkWaterfall = late.find_children("*", "FrametalkWaterfall", true, false)[0]
	same(waterfall.shown().size(), 2)


func test_it_finds_the_session_of_the_scene() -> void:
	var lost: FrametalkOverlay = OverlayScene.instantiate()
	add_child(lost)
	same(lost.session, session)


func test_only_the_newest_numbers_count() -> void:
	var samples := Samples.new(3)
	for value: float in [100.0, 1.0, 2.0, 3.0]:
		samples.add(value)
	var summary: Dictionary = samples.summary()
	same(summary["max"], 3.0)
	same(summary["n"], 3.0)


func test_no_numbers_are_all_zero() -> void:
	var samples := Samples.new(3)
	same(samples.summary()["p99"], 0.0)
