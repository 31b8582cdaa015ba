extends Node
## What a file of tests extends. Every method `test_NAME` is a test; a method `cases_NAME` beside it returns a
## dictionary of case name -> argument, and makes it one test for each. A static method `after_all` ends a file.

## How long a test may take.
var limit_ms: int = 10_000
## What failed in this test.
var failures: PackedStringArray = []


func before_each() -> void:
	pass


func after_each() -> void:
	pass


func check(holds: bool, what: String) -> void:
	if not holds:
		failures.append(what)


## The values are the same, types included.
func same(got: Variant, expected: Variant, what: String = "") -> void:
	if typeof(got) != typeof(expected) or got != expected:
		failures.append("%s: %s instead of %s" % [what, var_to_str(got).left(400), var_to_str(expected).left(400)])


func near(got: float, expected: float, by: float, what: String = "") -> void:
	if not absf(got - expected) <= by:
		failures.append("%s: %s is not within %s of %s" % [what, got, by, expected])


## Wait until the condition holds; fails and returns false when it does not within [param within_ms].
func until(condition: Callable, what: String, within_ms: int = 5000) -> bool:
	var end := Time.get_ticks_msec() + within_ms
	while not condition.call():
		if Time.get_ticks_msec() > end:
			failures.append("not within %d ms: %s" % [within_ms, what])
			return false
		await get_tree().process_frame
	return true


func frames(count: int) -> void:
	for i in count:
		await get_tree().process_frame


func seconds(count: float) -> void:
	await get_tree().create_timer(count).timeout


## A file of the repository's protocols folder, as JSON.
static func protocol(path: String) -> Variant:
	return JSON.parse_string(FileAccess.get_file_as_string(protocols().path_join(path)))


static func protocols() -> String:
	return ProjectSettings.globalize_path("res://").path_join("../../protocols").simplify_path()
