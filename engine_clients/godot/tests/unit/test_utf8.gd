extends "res://tests/case.gd"
## What is UTF-8.

const Utf8 := preload("res://addons/frametalk/core/utf8.gd")


func cases_utf8() -> Dictionary:
	return {
		"ascii": ["68656c6c6f2c20776f726c6421", true],
		"two bytes": ["c3a4", true],
		"three bytes": ["e697a5e69cac", true],
		"four bytes": ["f09f918d", true],
		"the last character": ["f48fbfbf", true],
		"a zero": ["610062", true],
		"beyond the last": ["f4908080", false],
		"a continuation alone": ["80", false],
		"after eight letters": ["6161616161616161ff", false],
		"truncated": ["e697", false],
		"overlong of two": ["c0af", false],
		"overlong of three": ["e08080", false],
		"overlong of four": ["f0808080", false],
		"a surrogate": ["eda080", false],
		"ff": ["ff", false],
	}


func test_utf8(pair: Array) -> void:
	same(Utf8.is_utf8((pair[0] as String).hex_decode()), pair[1], pair[0])
