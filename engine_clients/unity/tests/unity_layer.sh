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

if ! ./build.sh "$out" >"$out.log" 2>&1; then
  cat "$out.log"
  echo "0 passed, 1 failed"
  exit 1
fi
counted unity_tests mono --debug "$out/unity_tests.exe"
counted unity_cost mono "$out/unity_cost.exe" 90
counted unity_live "${PYTHON:-python3}" tests/unity_live/play.py "$out/unity_live.exe"
echo "$passed passed, $failed failed"
((failed == 0))
