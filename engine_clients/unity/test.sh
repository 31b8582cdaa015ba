#!/usr/bin/env bash
# Builds the Unity package's code with mono and runs every test that needs no Unity editor.
#   test.sh [FOLDER]    FOLDER: where to build; default: a temporary one
# Needs Debian's mono-mcs, mono-runtime, binutils and flite, and python3 with frametalk[embedded], for which it makes an
# environment where there is none. The last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../.. && pwd)
core=com.frametalk.client/Runtime/Core
core_tests=com.frametalk.client/Tests/EditMode/Core

for program in mcs mono as; do
  command -v "$program" >/dev/null || { echo "$program is missing: apt-get install mono-mcs mono-runtime binutils"; exit 1; }
done
temporary=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$temporary"' EXIT
OUT=$(realpath -m "${1:-$temporary/build}")
export OUT
mkdir -p "$OUT"

python=python3
if ! "$python" -c 'import frametalk' 2>/dev/null; then
  "$python" -m venv "$temporary/venv"
  python=$temporary/venv/bin/python
  "$python" -m pip install -q --no-compile "$root[embedded]"
fi

passed=0
failed=0
# `counted FILE` shows a log and adds its last line, `N passed, N failed`.
counted() {
  local counts
  cat "$1"
  counts=$(grep -oE '[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1 || true)
  [[ -n $counts ]] || counts="0 passed, 1 failed"
  passed=$((passed + $(cut -d' ' -f1 <<<"$counts")))
  failed=$((failed + $(cut -d' ' -f3 <<<"$counts")))
}
# `checked NAME COMMAND...` is one test.
checked() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name"
  fi
}

no_digit_separators() {
  # mono's mcs compiles 16_000 to 160000 without a word.
  ! grep -rnP '(?<![\w"])\d[\d]*_\d' --include='*.cs' com.frametalk.client tests
}
# Unity 2022.3 takes C# 9, mcs about 7: what both take. Every public member is documented.
flags=(-langversion:7 -warn:4 -warnaserror+ -optimize+ -debug)
build_core() {
  mcs "${flags[@]}" -target:library -doc:"$OUT/Frametalk.Core.xml" -out:"$OUT/Frametalk.Core.dll" $(find "$core" -name '*.cs')
}
build_tests() {
  mcs "${flags[@]}" -out:"$OUT/Frametalk.Core.Tests.exe" -r:"$OUT/Frametalk.Core.dll" tests/nunit/*.cs "$core_tests"/*.cs
}
build_player() {
  mcs "${flags[@]}" -out:"$OUT/Player.exe" -r:"$OUT/Frametalk.Core.dll" tests/live/*.cs "$core_tests/Json.cs"
}
# Code compiled ahead of time, without a JIT, is what IL2CPP demands too.
build_aot() {
  local name lib=/usr/lib/mono/4.5 aot=$OUT/aot
  mkdir -p "$aot"
  for name in mscorlib System.Core System System.Configuration System.Xml System.Security Mono.Security System.Numerics; do
    [[ ! -e $lib/$name.dll || $aot/$name.dll.so -nt $lib/$name.dll ]] && continue
    cp -L "$lib/$name.dll" "$aot/"
    MONO_PATH=$aot mono --aot=full "$aot/$name.dll" >/dev/null || return 1
  done
  for name in Frametalk.Core.dll Player.exe; do
    cp "$OUT/$name" "$aot/"
    MONO_PATH=$aot mono --aot=full "$aot/$name" >/dev/null || return 1
  done
}

checked "no digit separators" no_digit_separators
checked "the viseme tables are those of protocols/" "$python" tools/export_visemes.py --check
checked "the core compiles, without a warning, all of it documented" build_core
checked "the core's tests compile" build_tests
checked "the player of scenarios compiles" build_player
build_aot >"$temporary/aot.log" 2>&1 &
aot=$!
pids+=("$aot")
export FRAMETALK_PROTOCOLS=$root/protocols
mono --debug "$OUT/Frametalk.Core.Tests.exe" >"$temporary/unit.log" 2>&1 || true
counted "$temporary/unit.log"
built_ahead=true
wait "$aot" || { built_ahead=false; cat "$temporary/aot.log"; }
checked "the core compiles ahead of time" "$built_ahead"

# The scenario in real time, beside the Unity layer's tests: by the JIT, ahead of time (no JIT, as IL2CPP), and over
# connections that are cut every 0.5 to 3 s.
parity() {
  "$python" "$root/engine_clients/parity/play.py" "$root/engine_clients/parity/tavern.json" "$@"
}
parity "csharp=mono --debug $OUT/Player.exe" \
  "csharp-aot=env MONO_PATH=$OUT/aot mono --full-aot $OUT/aot/Player.exe" >"$temporary/live.log" 2>&1 &
live=$!
parity --cuts 1 "csharp-cut=mono --debug $OUT/Player.exe" >"$temporary/cuts.log" 2>&1 &
cuts=$!
pids+=("$live" "$cuts")
if [[ -x tests/unity_layer.sh ]]; then
  PYTHON=$python tests/unity_layer.sh >"$temporary/layer.log" 2>&1 || true
  counted "$temporary/layer.log"
fi
wait "$live" || true
counted "$temporary/live.log"
wait "$cuts" || true
counted "$temporary/cuts.log"
pids=()

echo "$passed passed, $failed failed"
((failed == 0))
