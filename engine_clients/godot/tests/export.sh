#!/usr/bin/env bash
# Exports the demo for Linux with the release template, and runs it once without a server: it talks to the recorded session.
#   GODOT=path of godot4          GODOT_TEMPLATE=path of godot-template-release (Debian's package of that name)
# Last line: "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/laid_out.sh
[[ -n $godot ]] || skip export "there is no Godot (set GODOT)"
template=${GODOT_TEMPLATE:-${tree:+$tree/usr/bin/godot-template-release}}
[[ -n $template && -x $template ]] || skip export "there is no godot-template-release (set GODOT_TEMPLATE)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check() {
  if "${@:2}"; then echo "ok $1"; ((passed += 1)); else echo "FAIL $1: $(tail -3 "$work/log" | tr '\n' ' ')"; ((failed += 1)); fi
}

timeout "${LIMIT_S:-120}" "$godot" --headless --path . --export-pack Linux "$work/tavern.pck" >"$work/log" 2>&1 || true
check demo_is_exported test -s "$work/tavern.pck"
# The export has what a game ships, not the tests and not the editor's part.
packed() { ! grep -aqE '(tests|frametalk/editor)/[a-z_/]*\.gdc' "$work/tavern.pck"; }
check export_has_no_tests packed

if [[ -n $tree ]]; then
  # The template needs a newer libc than this system's: start it by the loader of Godot's own folder. A game looks for its
  # pack beside its program, which is then the loader, so the loader gets the game's name.
  libraries=$(echo "$tree"/usr/lib/*-linux-gnu)
  cp "$(find "$tree/usr/lib64" "$tree/usr/lib" -name 'ld-linux-*.so.?' -print -quit)" "$work/tavern"
  run=("$work/tavern" --library-path "$libraries:$libraries/pulseaudio:$tree/usr/lib" "$template")
else
  cp "$template" "$work/tavern"
  run=("$work/tavern")
fi
(cd "$work" && timeout "${LIMIT_S:-120}" "${run[@]}" --headless --audio-driver Dummy -- --fake --say="open the chest" --seconds=4) \
  >"$work/log" 2>&1 || true
check exported_demo_runs grep -q '^the demo ran: ' "$work/log"
errors() { grep -E '^(SCRIPT )?ERROR' "$work/log" | grep -v 'Attempt to disconnect a nonexistent connection'; }
# Debian's release template says that of every container that it frees, whatever the game.
no_errors() { [[ -z $(errors) ]]; }
check exported_demo_has_no_errors no_errors
check exported_demo_talks grep -q '^caption: It is open\.' "$work/log"
echo "$passed passed, $failed failed"
((failed == 0))
