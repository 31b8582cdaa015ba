extends "res://tests/case.gd"
## The scripts in the guide and the documents compile as they are written.

const PAGES: Array[String] = [
	"res://README.md",
	"res://docs/lip_sync.md",
	"res://docs/threads.md",
	"res://docs/troubleshooting.md",
	"res://addons/frametalk/README.md",
]


## The blocks of GDScript in a page.
func blocks(page: String) -> PackedStringArray:
	var found := PackedStringArray()
	var text := FileAccess.get_file_as_string(page).replace("\n   ", "\n")
	for block in RegEx.create_from_string("(?s)```gdscript\\n(.*?)```").search_all(text):
		found.append(block.get_string(1))
	return found


## A whole script of a block that may be a part of one.
func whole(block: String) -> String:
	if block.begins_with("extends"):
		return block
	var statements := PackedStringArray()
	var functions := PackedStringArray()
	var to := statements
	for line in block.split("\n"):
		if line.begins_with("func "):
			to = functions
		to.append(line)
	var body := "\n\t".join(statements) if statements else "pass"
	return (
		"extends Node\n\nvar session := FrametalkSession.new()\n\n"
		+ "func _run() -> void:\n\t%s\n\n" % body
		+ "\n".join(functions)
	)


func test_every_script_of_the_guide_compiles() -> void:
	var count := 0
	for page in PAGES:
		for block in blocks(page):
			var script := GDScript.new()
			script.source_code = whole(block)
			same(script.reload(), OK, "%s: %s" % [page, script.source_code])
			check(block.strip_edges().get_slice("\n", 0) in script.source_code, "all of it is compiled")
			count += 1
	check(count >= 3, "%d scripts" % count)


func test_every_class_that_the_guide_names_exists() -> void:
	var names := ProjectSettings.get_global_class_list().map(func(known: Dictionary) -> String: return known["class"])
	for page in PAGES:
		for found in RegEx.create_from_string("`(Frametalk\\w+)").search_all(FileAccess.get_file_as_string(page)):
			check(found.get_string(1) in names, "%s names %s" % [page, found.get_string(1)])


func test_every_scene_that_the_guide_names_loads() -> void:
	for found in RegEx.create_from_string("`(\\w+)\\.tscn`").search_all(FileAccess.get_file_as_string(PAGES[0])):
		var scene: PackedScene = load("res://addons/frametalk/ui/%s.tscn" % found.get_string(1))
		var made := scene.instantiate()
		check(made is Control, found.get_string(1))
		made.free()
