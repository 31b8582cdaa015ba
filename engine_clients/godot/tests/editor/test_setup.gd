extends "res://tests/case.gd"
## What the dock says of a project, and its fixes.

const Setup := preload("res://addons/frametalk/editor/setup.gd")

var folder := ""


func before_each() -> void:
	folder = OS.get_cache_dir().path_join("frametalk_setup_%d" % OS.get_process_id())
	DirAccess.make_dir_recursive_absolute(folder)


func after_each() -> void:
	DirAccess.remove_absolute(presets())
	DirAccess.remove_absolute(folder)


func presets() -> String:
	return folder.path_join("export_presets.cfg")


func write_preset(platform: String, options: Dictionary = {}) -> void:
	var file := ConfigFile.new()
	file.set_value("preset.0", "name", "Mine")
	file.set_value("preset.0", "platform", platform)
	file.set_value("preset.0.options", "graphics/opengl_debug", false)
	for option: String in options:
		file.set_value("preset.0.options", option, options[option])
	file.save(presets())


func named(title: String) -> Setup.Check:
	for each in Setup.checks(presets()):
		if each.title == title:
			return each
	return null


func test_this_project_is_set_up() -> void:
	for each in Setup.checks(presets()):
		check(each.ok, "%s: %s" % [each.title, each.problem])


func test_audio_input_that_is_off_is_found_and_can_be_mended() -> void:
	ProjectSettings.set_setting(Setup.INPUT, false)
	var found := named("Audio input")
	ProjectSettings.set_setting(Setup.INPUT, true)
	check(not found.ok, "found")
	check("silence" in found.problem, "says what it does")
	check(found.fix.is_valid(), "has a fix")


func test_a_plugin_after_ours_is_found() -> void:
	var enabled: Variant = ProjectSettings.get_setting(Setup.PLUGINS)
	ProjectSettings.set_setting(Setup.PLUGINS, PackedStringArray([Setup.HOME, "res://addons/vrm/plugin.cfg"]))
	var found := named("Plugin order")
	ProjectSettings.set_setting(Setup.PLUGINS, enabled)
	check(not found.ok and "vrm" in found.problem, found.problem)


func test_a_plugin_before_ours_is_fine() -> void:
	var enabled: Variant = ProjectSettings.get_setting(Setup.PLUGINS)
	ProjectSettings.set_setting(Setup.PLUGINS, PackedStringArray(["res://addons/vrm/plugin.cfg", Setup.HOME]))
	var found := named("Plugin order")
	ProjectSettings.set_setting(Setup.PLUGINS, enabled)
	check(found.ok, found.problem)


func test_an_android_preset_without_permissions_is_mended() -> void:
	write_preset("Android", {"permissions/internet": true})
	var found := named("Export: Mine")
	check(not found.ok and "permissions/record_audio" in found.problem, found.problem)
	check("permissions/internet" not in found.problem, "only what is missing")
	same(found.fix.call(), OK)
	check(named("Export: Mine").ok, "mended")


func test_a_fix_keeps_the_presets_other_options() -> void:
	write_preset("Android", {"package/unique_name": "org.example.game"})
	named("Export: Mine").fix.call()
	var file := ConfigFile.new()
	file.load(presets())
	same(file.get_value("preset.0.options", "package/unique_name"), "org.example.game")


func test_ios_and_macos_need_a_text_for_the_microphone() -> void:
	for platform: String in ["iOS", "macOS"]:
		write_preset(platform, {"privacy/microphone_usage_description": ""})
		check(not named("Export: Mine").ok, "%s lacks it" % platform)
		named("Export: Mine").fix.call()
		check(named("Export: Mine").ok, "%s has it" % platform)


func test_a_text_of_the_developers_own_is_kept() -> void:
	write_preset("iOS", {"privacy/microphone_usage_description": "Parlez"})
	check(named("Export: Mine").ok, "complete")


func test_webrtc_is_found_by_an_extensions_class_not_by_the_engines() -> void:
	check(ClassDB.class_exists(&"WebRTCPeerConnection"), "the engine pretends to have it")
	check(not Setup.has_webrtc(), "no extension is installed here")
	same(named("Transport").note, "WebSocket")


func test_other_platforms_need_nothing() -> void:
	write_preset("Linux")
	same(named("Export: Mine"), null)


func test_a_second_copy_of_the_addon_is_found() -> void:
	var absolute := ProjectSettings.globalize_path(folder)
	for path: String in ["plugin.cfg", "session.gd"]:
		DirAccess.copy_absolute("res://addons/frametalk/" + path, absolute.path_join(path))
	var found := PackedStringArray()
	Setup._find_copies(absolute, 0, found)
	for path: String in ["plugin.cfg", "session.gd"]:
		DirAccess.remove_absolute(absolute.path_join(path))
	same(found, PackedStringArray([absolute.path_join("plugin.cfg")]))
