#!/usr/bin/env bash
# Measures the Unity layer in the stub's frame loop against a server, for `frametalk bench client --engine csharp`.
#   bench.sh URL RESULT      needs Debian's mono-mcs
set -euo pipefail
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
./build.sh "$out" >/dev/null
references=()
for name in Frametalk.Core Frametalk.Unity UnityEngine Frametalk.Samples.Tavern; do references+=(-r:"$out/$name.dll"); done
mcs -langversion:7 -optimize+ "${references[@]}" -r:"$out/Frametalk.Samples.BasicConversation.dll" -out:"$out/bench.exe" \
  tests/bench/Bench.cs tests/unity_live/{LiveGame,LipRecord}.cs
mono "$out/bench.exe" "$1" "$2"
