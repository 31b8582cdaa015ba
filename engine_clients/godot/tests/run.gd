extends SceneTree
## Runs tests: godot4 --headless --path . --script tests/run.gd -- FOLDER... [--only=TEXT]
##
## A test fails by a check, by any error of the engine or of a script while it runs, or by its time limit. The last
## line is `N passed, N failed`; the exit status is 0 if none failed and at least one ran.

const Case := preload("case.gd")


## Collects errors of the engine and of scripts, from all threads.
class ErrorLog:
	extends Logger

	var _mutex := Mutex.new()
	var _errors := PackedStringArray()

	func _log_error(
		function: String,
		file: String,
		line: int,
		code: String,
		rationale: String,
		_editor_notify: bool,
		_error_type: int,
		backtraces: Array[ScriptBacktrace]
	) -> void:
		var text := "%s:%d %s: %s %s" % [file, line, function, code, rationale]
		for trace in backtraces:
			text += "\n" + trace.format(8)
		_mutex.lock()
		_errors.append(text)
		_mutex.unlock()

	func take() -> PackedStringArray:
		_mutex.lock()
		var errors := _errors.duplicate()
		_errors.clear()
		_mutex.unlock()
		return errors


var _errors := ErrorLog.new()
var _passed: int = 0
var _failed: int = 0
var _only: String = ""


func _init() -> void:
	_run.call_deferred()


func _run() -> void:
	OS.add_logger(_errors)
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--only="):
			_only = argument.trim_prefix("--only=")
	for argument in OS.get_cmdline_user_args():
		if not argument.begins_with("--"):
			await _run_folder("res://tests".path_join(argument))
	OS.remove_logger(_errors)
	print("%d passed, %d failed" % [_passed, _failed])
	quit(1 if _failed > 0 or _passed == 0 else 0)


func _run_folder(folder: String) -> void:
	for file in DirAccess.get_files_at(folder):
		if file.begins_with("test_") and file.ends_with(".gd"):
			await _run_file(folder.path_join(file))
	for below in DirAccess.get_directories_at(folder):
		await _run_folder(folder.path_join(below))


func _run_file(path: String) -> void:
	var script := load(path) as GDScript
	if script == null or not script.can_instantiate():
		_note(path.get_file(), 0, _errors.take() + PackedStringArray(["it does not load"]))
		return
	for method in script.get_script_method_list():
		var test: String = method["name"]
		if not test.begins_with("test_"):
			continue
		for case: Array in _cases_of(script, test):
			var title: String = "%s %s" % [path.trim_prefix("res://tests/").trim_suffix(".gd"), case[0]]
			if not _only or _only in title:
				await _run_case(script, test, case, title)
	if script.has_method(&"after_all"):
		script.call(&"after_all")


## Pairs of a title and arguments.
func _cases_of(script: GDScript, test: String) -> Array:
	var table := test.replace("test_", "cases_")
	for method in script.get_script_method_list():
		if method["name"] == table:
			var maker: Node = script.new()
			var cases: Dictionary = maker.call(table)
			maker.free()
			var found := []
			for name: String in cases:
				found.append(["%s: %s" % [test, name], [cases[name]]])
			return found
	return [[test, []]]


func _run_case(script: GDScript, test: String, case: Array, title: String) -> void:
	var instance: Case = script.new()
	root.add_child(instance)
	var began := Time.get_ticks_msec()
	_errors.take()
	await _limited(instance, test, case[1])
	var failures := instance.failures + _errors.take()
	instance.queue_free()
	await process_frame
	await process_frame
	failures += _errors.take()
	_note(title, Time.get_ticks_msec() - began, failures)


func _limited(instance: Case, test: String, arguments: Array) -> void:
	var state := {"done": false}
	var body := func() -> void:
		await instance.before_each()
		await instance.callv(test, arguments)
		await instance.after_each()
		state["done"] = true
	body.call()
	var began := Time.get_ticks_msec()
	while not state["done"]:
		if Time.get_ticks_msec() - began > instance.limit_ms:
			instance.failures.append("no end within %d ms" % instance.limit_ms)
			return
		await process_frame


func _note(title: String, took_ms: int, failures: PackedStringArray) -> void:
	if failures.is_empty():
		_passed += 1
	else:
		_failed += 1
	print("%s %s (%d ms)" % ["FAIL" if failures else "ok  ", title, took_ms])
	for failure in failures:
		print("     ", failure.replace("\n", "\n       "))
