#!/usr/bin/env bash
# Measures the Unity layer in the stub's frame loop against a server, for `frametalk bench client --engine csharp`.
#   bench.sh URL RESULT      needs Debian's mono-mcs and mono-runtime
set -euo pipefail
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
./build.sh "$out" >/dev/null
mono "$out/unity_bench.exe" "$1" "$2"
