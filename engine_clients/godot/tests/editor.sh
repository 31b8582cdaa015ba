#!/usr/bin/env bash
# Loads the plugin in the editor and unloads it again, in a project that has nothing but the addon, and in this one.
#   GODOT=path of a Godot 4.4 or later, by default the one on PATH
# Any error, warning or script error fails. Last line: "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/laid_out.sh
[[ -n $godot ]] || skip editor "there is no Godot (set GODOT)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# What the asset library ships, in an empty project.
mkdir "$work/empty"
cp -r addons "$work/empty/"
cat >"$work/empty/project.godot" <<'EOF'
config_version=5

[application]

config/name="empty"

[audio]

driver/enable_input=true

[debug]

gdscript/warnings/exclude_addons=false

[editor_plugins]

enabled=PackedStringArray("res://addons/frametalk/plugin.cfg")
EOF

# loads NAME PROJECT: the editor starts with the plugin and quits, twice; the first time it imports.
loads() {
  local name=$1 project=$2 turn log
  for turn in first again; do
    log=$work/$name-$turn.log
    timeout "${LIMIT_S:-120}" "$godot" --headless --editor --path "$project" --quit >"$log" 2>&1 || echo "exit code $?" >>"$log"
    if grep -qE '^(SCRIPT |USER )?(ERROR|WARNING)|exit code|leaked|orphan' "$log"; then
      echo "FAIL plugin_loads_clean_${name}_$turn: $(grep -m3 -E 'ERROR|WARNING|exit code|leaked|orphan' "$log" | tr '\n' ' ')"
      ((failed += 1))
    else
      echo "ok plugin_loads_clean_${name}_$turn"
      ((passed += 1))
    fi
  done
}

loads empty_project "$work/empty"
loads this_project .
echo "$passed passed, $failed failed"
((failed == 0))
