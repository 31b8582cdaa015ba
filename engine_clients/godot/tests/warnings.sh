#!/usr/bin/env bash
# Loads every script of the addon and of the demo in a project in which every warning of GDScript is an error.
#   GODOT=path of a Godot 4.4 or later, by default the one on PATH
# Last line: "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/laid_out.sh
[[ -n $godot ]] || skip warnings "there is no Godot (set GODOT)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r addons demo "$work/"
cat >"$work/project.godot" <<'EOF'
config_version=5

[application]

config/name="strict"

[debug]

gdscript/warnings/exclude_addons=false
EOF
# All warnings of Godot 4.6 that are on by default, and untyped declarations.
for warning in unassigned_variable unassigned_variable_op_assign unused_variable unused_local_constant \
  unused_private_class_variable unused_parameter unused_signal shadowed_variable shadowed_variable_base_class \
  shadowed_global_identifier unreachable_code unreachable_pattern standalone_expression standalone_ternary \
  incompatible_ternary static_called_on_instance missing_tool redundant_static_unload redundant_await \
  assert_always_true assert_always_false integer_division narrowing_conversion int_as_enum_without_cast \
  int_as_enum_without_match enum_variable_without_default empty_file deprecated_keyword confusable_identifier \
  confusable_local_declaration confusable_local_usage confusable_capture_reassignment \
  confusable_temporary_modification inference_on_variant native_method_override get_node_default_without_onready \
  onready_with_export untyped_declaration; do
  echo "gdscript/warnings/$warning=2" >>"$work/project.godot"
done
cat >"$work/load_all.gd" <<'EOF'
extends SceneTree


func _init() -> void:
	_load("res://addons")
	_load("res://demo")
	quit()


func _load(folder: String) -> void:
	for file in DirAccess.get_files_at(folder):
		if file.ends_with(".gd"):
			print("loaded ", load(folder.path_join(file)).resource_path)
	for child in DirAccess.get_directories_at(folder):
		_load(folder.path_join(child))
EOF
timeout "${LIMIT_S:-120}" "$godot" --headless --path "$work" --import >/dev/null 2>&1 || true
timeout "${LIMIT_S:-120}" "$godot" --headless --path "$work" --script load_all.gd >"$work/log" 2>&1 || true
loaded=$(grep -c '^loaded ' "$work/log" || true)
if ((loaded < 20)) || grep -q '^SCRIPT ERROR' "$work/log"; then
  grep -A1 '^SCRIPT ERROR: Parse' "$work/log" | paste -d ' ' - - - | sed 's/(Warning treated as error.)//; s/ at: GDScript::reload//' | sort -u
  echo "FAIL no_warnings: $loaded scripts loaded"
  echo "0 passed, 1 failed"
  exit 1
fi
echo "ok no_warnings in $loaded scripts"
echo "1 passed, 0 failed"
