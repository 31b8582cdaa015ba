@tool
extends RefCounted
## What a project needs for talking, and how to mend it: one [Check] for each thing.

const INPUT := "audio/driver/enable_input"
const PLUGINS := "editor_plugins/enabled"
const HOME := "res://addons/frametalk/plugin.cfg"
const MICROPHONE_TEXT := "You talk with the characters of this game."
## What an export preset of a platform must say: option, and what to put there.
const PERMISSIONS: Dictionary[String, Dictionary] = {
	"Android": {"permissions/record_audio": true, "permissions/internet": true},
	"iOS": {"privacy/microphone_usage_description": MICROPHONE_TEXT},
	"macOS": {"privacy/microphone_usage_description": MICROPHONE_TEXT, "codesign/entitlements/audio_input": true},
}


## One thing that may be right or wrong.
class Check:
	extends RefCounted
	var title := ""
	var ok := false
	## What is wrong and what that does; empty when it is right.
	var problem := ""
	## What there is to know of it when it is right.
	var note := "ok"
	## Mends it; invalid when a person must do it.
	var fix := Callable()


## All checks of this project. [param presets]: the file with its export presets.
static func checks(presets: String = "res://export_presets.cfg") -> Array[Check]:
	var found: Array[Check] = [_audio_input(), _one_copy("res://"), _plugin_order(), _transport()]
	found.append_array(_permissions(presets))
	return found


## Whether an extension for WebRTC is installed. The engine's own classes pretend to work without one.
static func has_webrtc() -> bool:
	return not ClassDB.get_inheriters_from_class(&"WebRTCPeerConnectionExtension").is_empty()


static func _transport() -> Check:
	var check := Check.new()
	check.title = "Transport"
	check.ok = true
	check.note = "WebSocket" + (" (WebRTC is installed, and not used)" if has_webrtc() else "")
	return check


static func _audio_input() -> Check:
	var check := Check.new()
	check.title = "Audio input"
	check.ok = ProjectSettings.get_setting(INPUT, false)
	if not check.ok:
		check.problem = "%s is off: microphones give silence." % INPUT
		check.fix = func() -> Error:
			ProjectSettings.set_setting(INPUT, true)
			return ProjectSettings.save()
	return check


## Only one copy of the addon, in its place; a second one hides the first one's classes.
static func _one_copy(root: String) -> Check:
	var check := Check.new()
	check.title = "Addon"
	var others := PackedStringArray()
	_find_copies(root, 0, others)
	if HOME in others:
		others.remove_at(others.find(HOME))
	check.ok = others.is_empty() and FileAccess.file_exists(HOME)
	if others:
		check.problem = "There is another copy of the addon: delete %s." % others[0].get_base_dir()
	elif not check.ok:
		check.problem = "The addon must be in res://addons/frametalk."
	return check


## frametalk comes last of the plugins, so that importers of characters are there before it looks at their faces.
static func _plugin_order() -> Check:
	var check := Check.new()
	check.title = "Plugin order"
	var enabled: PackedStringArray = ProjectSettings.get_setting(PLUGINS, PackedStringArray())
	check.ok = enabled.is_empty() or HOME not in enabled or enabled[-1] == HOME
	if not check.ok:
		check.problem = "frametalk is loaded before %s; it should come last." % enabled[-1].get_base_dir().get_file()
		check.fix = func() -> Error:
			enabled.remove_at(enabled.find(HOME))
			enabled.append(HOME)
			ProjectSettings.set_setting(PLUGINS, enabled)
			return ProjectSettings.save()
	return check


static func _permissions(presets: String) -> Array[Check]:
	var found: Array[Check] = []
	var file := ConfigFile.new()
	if file.load(presets) != OK:
		return found
	for section in file.get_sections():
		var platform := str(file.get_value(section, "platform", ""))
		if not PERMISSIONS.has(platform):
			continue
		var check := Check.new()
		check.title = "Export: %s" % file.get_value(section, "name", platform)
		var options := section + ".options"
		var missing := PackedStringArray()
		for option: String in PERMISSIONS[platform]:
			if not file.get_value(options, option, false):
				missing.append(option)
		check.ok = missing.is_empty()
		if missing:
			check.problem = "%s not set: the game gets no microphone or no network." % ", ".join(missing)
			check.fix = _grant.bind(presets, options, platform, missing)
		found.append(check)
	return found


static func _grant(presets: String, options: String, platform: String, missing: PackedStringArray) -> Error:
	var file := ConfigFile.new()
	var read := file.load(presets)
	if read != OK:
		return read
	for option in missing:
		file.set_value(options, option, PERMISSIONS[platform][option])
	return file.save(presets)


static func _find_copies(folder: String, depth: int, found: PackedStringArray) -> void:
	if depth > 4:
		return
	var plugin := folder.path_join("plugin.cfg")
	if FileAccess.file_exists(plugin) and FileAccess.file_exists(folder.path_join("session.gd")):
		found.append(plugin)
	for child in DirAccess.get_directories_at(folder):
		if not child.begins_with("."):
			_find_copies(folder.path_join(child), depth + 1, found)
