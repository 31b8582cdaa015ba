#!/usr/bin/env bash
# Runs everything that tests the addon, with real Godot: test.sh [FOLDER...]   (folders of tests/; default: all)
#
# GODOT names the program, else godot4 or godot on PATH is used; if there is none, Debian's package is laid out in a
# folder of its own (GODOT_HOME, kept for the next time), for which apt-get and dpkg-deb are enough. FRAMETALK names the
# program `frametalk`, PYTHON a python that can import it. The last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")"
export PYTHON=${PYTHON:-python3}
GODOT_HOME=${GODOT_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/frametalk/godot}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [[ -z ${GODOT:-} ]]; then
  GODOT=$(command -v godot4 || command -v godot || true)
fi
if [[ -z $GODOT ]]; then
  ./get_godot.sh "$GODOT_HOME"
  GODOT=$GODOT_HOME/godot
fi
export GODOT
export FRAMETALK=${FRAMETALK:-$(command -v frametalk || true)}
export FRAMETALK_SPEECH=$scratch/speech

passed=0 failed=0
# `checked NAME COMMAND...` counts a command as one test.
checked() {
  local name=$1
  shift
  if "$@" >"$scratch/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok   $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name"
    cat "$scratch/log"
  fi
}
# `counted NAME` adds what the last line of NAME's log counts.
counted() {
  local line
  grep -E '^(FAIL|     )' "$scratch/$1.log" || true
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$scratch/$1.log" | tail -1 || true)
  if [[ -z $line ]]; then
    cat "$scratch/$1.log"
    line="0 passed, 1 failed"
  fi
  echo "$1: $line"
  passed=$((passed + ${line%% passed*}))
  line=${line#*, }
  failed=$((failed + ${line%% failed*}))
}
# The editor opens the project and closes it; its output must hold no warning and no error.
clean_import() {
  timeout 120 "$GODOT" --headless --path . --import >"$scratch/import" 2>&1
  ! grep -E 'ERROR|WARNING|SCRIPT' "$scratch/import"
}
folder() {
  local driver=(--audio-driver Dummy) with=()
  if [[ $1 == pulse ]]; then
    driver=(--audio-driver PulseAudio) with=(tests/with_pulse.sh)
  fi
  timeout 220 "${with[@]}" "$GODOT" --headless "${driver[@]}" --path . --script tests/run.gd -- "$1"
}

"$GODOT" --version
checked "the editor opens the project without a warning" clean_import
if command -v gdlint >/dev/null; then
  checked gdlint gdlint addons tests
  checked gdformat gdformat --check --line-length 120 addons tests
fi
mkdir "$FRAMETALK_SPEECH"
"$PYTHON" tests/live/speech.py "$FRAMETALK_SPEECH"
all=$(($# == 0))
if ((all)); then
  set -- unit ui engine live pulse
fi
# Conversations talk in real time and leave the processor free for the others.
background=
for name in "$@"; do
  if [[ ! -d tests/$name ]]; then
    continue
  elif [[ $name == pulse ]] && ! command -v pulseaudio >/dev/null; then
    echo "no pulseaudio: the true microphone is not tested"
  elif [[ $name == live ]]; then
    folder live >"$scratch/live.log" 2>&1 &
    background=$!
  fi
done
if ((all)); then
  checked "an empty project talks after five lines" tests/empty_project.sh
  if [[ -x tests/pictures.sh ]]; then
    checked "pictures of the renderer" tests/pictures.sh
  fi
fi
for name in "$@"; do
  if [[ $name != live && -d tests/$name ]] && { [[ $name != pulse ]] || command -v pulseaudio >/dev/null; }; then
    folder "$name" >"$scratch/$name.log" 2>&1 || true
    counted "$name"
  fi
done
if [[ -n $background ]]; then
  wait "$background" || true
  counted live
fi
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
