#!/usr/bin/env bash
# Renders the demo with the real renderer, compares openings of the mouth, and leaves the pictures in a folder.
#   tests/pictures.sh [FOLDER]        GODOT4_GL: a Godot that draws, by default the godot4-gl beside $GODOT, or on PATH
# Last line: "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
gl=${GODOT4_GL:-}
[[ -n $gl ]] || { [[ -n ${GODOT:-} ]] && gl=$(dirname "$GODOT")/godot4-gl; }
[[ -n $gl && -x $gl ]] || gl=$(command -v godot4-gl || true)
skip() { echo "skip pictures: $1"; echo "0 passed, 0 failed"; exit 0; }
[[ -n $gl ]] || skip "there is no godot4-gl (get_godot4.sh --gl makes one)"
command -v Xvfb >/dev/null || skip "Xvfb is not installed"
folder=${1:-$(mktemp -d)}
timeout "${LIMIT_S:-120}" "$gl" --path . --script tests/pictures/pictures.gd -- "$(realpath -m "$folder")" 2>&1 |
  grep -vE '^(Godot Engine|OpenGL|WARNING: Could not set V-Sync|     at: set_use_vsync|$)'
