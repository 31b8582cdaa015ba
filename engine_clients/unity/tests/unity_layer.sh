#!/usr/bin/env bash
# Compiles the Unity layer against the stub and runs its tests: unit tests, cost and garbage, and conversations with a
# real server. The last line is `N passed, N failed`.
#   OUT=FOLDER PYTHON=PROGRAM unity_layer.sh      PYTHON has frametalk[embedded]; needs Debian's mono-mcs
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath -m "${OUT:-build}")
export FRAMETALK_UNITY=$PWD
passed=0 failed=0

# `counted NAME COMMAND...` adds the `N passed, N failed` of a program's last line.
counted() {
  local name=$1 log=$out/$1.log last
  "${@:2}" >"$log" 2>&1 || true
  last=$(tail -n 1 "$log")
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    grep -E '^(FAIL|lips|\{)' "$log" || true
    echo "$name: $last"
  else
    failed=$((failed + 1))
    cat "$log"
    echo "FAIL $name: it ended without a count"
  fi
}

ahead_of_time() {
  local name
  for name in Frametalk.Core.dll UnityEngine.dll Frametalk.Unity.dll Frametalk.Samples.{BasicConversation,Tavern}.dll unity_live.exe; do
    cp "$out/$name" "$out/aot/"
    MONO_PATH=$out/aot mono --aot=full "$out/aot/$name" >/dev/null || return 1
  done
  MONO_PATH=$out/aot "${PYTHON:-python3}" tests/unity_live/play.py "mono --full-aot $out/aot/unity_live.exe" 90
}

mkdir -p "$out"
if ! ./build.sh "$out" >"$out/build.log" 2>&1; then
  cat "$out/build.log"
  echo "0 passed, 1 failed"
  exit 1
fi
counted unity_tests mono --debug "$out/unity_tests.exe"
counted unity_cost mono "$out/unity_cost.exe" 90
counted unity_live "${PYTHON:-python3}" tests/unity_live/play.py "mono --debug $out/unity_live.exe" 90 72:short 120:short
# Without a JIT, as under IL2CPP, where the class library is compiled ahead of time already.
if [[ -e $out/aot/mscorlib.dll.so ]]; then
  counted unity_aot ahead_of_time
fi
echo "$passed passed, $failed failed"
((failed == 0))
