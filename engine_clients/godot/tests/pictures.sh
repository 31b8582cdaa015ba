#!/usr/bin/env bash
# Renders the demo with the real renderer, compares openings of the mouth, and leaves the pictures in a folder.
#   tests/pictures.sh [FOLDER]        needs Xvfb and OpenGL (Mesa's software renderer is enough)
# Last line: "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/laid_out.sh
[[ -n $godot ]] || skip pictures "there is no Godot (set GODOT)"
command -v Xvfb >/dev/null || skip pictures "Xvfb is not installed"
work=$(mktemp -d)
screen=
trap '[[ -z $screen ]] || kill $screen 2>/dev/null; rm -rf "$work"' EXIT
Xvfb -displayfd 3 -screen 0 1280x720x24 -nolisten tcp 3>"$work/display" 2>"$work/log" &
screen=$!
for ((i = 0; i < 100; i++)); do
  [[ -s $work/display ]] && break
  sleep 0.05
done
[[ -s $work/display ]] || skip pictures "Xvfb does not start"
export DISPLAY=:$(<"$work/display") LIBGL_ALWAYS_SOFTWARE=1
if [[ -n $tree ]]; then
  drivers=$(echo "$tree"/usr/lib/*-linux-gnu/dri)
  [[ -d $drivers ]] || skip pictures "this Godot was laid out without OpenGL"
  export LIBGL_DRIVERS_PATH=$drivers
fi
folder=$(realpath -m "${1:-$work/pictures}")
# The import first: a fresh checkout has no icons yet.
"$godot" --headless --path . --import >/dev/null 2>&1
timeout "${LIMIT_S:-120}" "$godot" --display-driver x11 --rendering-driver opengl3 --audio-driver Dummy --path . \
  --script tests/pictures/pictures.gd -- "$folder" >"$work/out" 2>&1 || true
grep -E '^(ok|FAIL|SCRIPT ERROR|pixels)|^[0-9]+ passed, [0-9]+ failed$' "$work/out" || { cat "$work/out"; exit 1; }
grep -qE '^[0-9]+ passed, 0 failed$' "$work/out"
