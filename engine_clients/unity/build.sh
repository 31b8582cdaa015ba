#!/usr/bin/env bash
# Compiles the package against the stub: core, Unity layer, editor, samples, their tests. Warnings are errors.
#   build.sh [OUT]      needs Debian's mono-mcs
set -euo pipefail
cd "$(dirname "$0")"
out=$(realpath -m "${1:-build}")
package=com.frametalk.client
mkdir -p "$out"

flags=(-langversion:7 -warn:4 -warnaserror+ -optimize+ -debug)
# The stub declares events that only Unity raises, and equality as Unity's objects have it.
stub_flags=(-nowarn:0067,0660,0661)
# The optional packages, as if the project had them.
defines=-define:FRAMETALK_INPUT_SYSTEM,FRAMETALK_UNITASK,FRAMETALK_NEWTONSOFT,FRAMETALK_UNIVRM
sources() { find "$@" -name '*.cs' | sort; }

mapfile -t core < <(sources "$package/Runtime/Core")
mcs "${flags[@]}" -target:library -doc:"$out/Frametalk.Core.xml" -out:"$out/Frametalk.Core.dll" "${core[@]}"
mapfile -t stub < <(sources stub)
mcs "${flags[@]}" "${stub_flags[@]}" -target:library -out:"$out/UnityEngine.dll" "${stub[@]}"
mapfile -t layer < <(sources "$package/Runtime/Unity")
mcs "${flags[@]}" -target:library -doc:"$out/Frametalk.Unity.xml" -out:"$out/Frametalk.Unity.dll" \
  "$defines" -r:"$out/Frametalk.Core.dll" -r:"$out/UnityEngine.dll" "${layer[@]}"
# The same without any optional package, and for phones.
for symbols in UNITY_STANDALONE UNITY_ANDROID UNITY_IOS; do
  mcs "${flags[@]}" -target:library -out:"$out/Frametalk.Unity.$symbols.dll" -define:"$symbols" \
    -r:"$out/Frametalk.Core.dll" -r:"$out/UnityEngine.dll" "${layer[@]}"
done
# Unity's WebGL player lacks the class Microphone: the package must compile there, to say that it does not work.
mcs "${flags[@]}" "${stub_flags[@]}" -target:library -define:UNITY_WEBGL -out:"$out/UnityEngine.WebGL.dll" "${stub[@]}"
mcs "${flags[@]}" -target:library -out:"$out/Frametalk.Unity.WebGL.dll" -define:UNITY_WEBGL \
  -r:"$out/Frametalk.Core.dll" -r:"$out/UnityEngine.WebGL.dll" "${layer[@]}"
mapfile -t editor < <(sources "$package/Editor")
mcs "${flags[@]}" -target:library -doc:"$out/Frametalk.Unity.Editor.xml" -out:"$out/Frametalk.Unity.Editor.dll" \
  -r:"$out/Frametalk.Core.dll" -r:"$out/Frametalk.Unity.dll" -r:"$out/UnityEngine.dll" "${editor[@]}"
for sample in BasicConversation Tavern XRPushToTalk; do
  mapfile -t code < <(sources "$package/Samples~/$sample")
  mcs "${flags[@]}" -target:library -out:"$out/Frametalk.Samples.$sample.dll" -define:FRAMETALK_INPUT_SYSTEM \
    -r:"$out/Frametalk.Core.dll" -r:"$out/Frametalk.Unity.dll" -r:"$out/UnityEngine.dll" "${code[@]}"
done

references=()
for name in Frametalk.Core Frametalk.Unity Frametalk.Unity.Editor UnityEngine Frametalk.Samples.{BasicConversation,Tavern,XRPushToTalk}; do
  references+=(-r:"$out/$name.dll")
done
test_flags=(-langversion:7 -warn:4 -warnaserror+ -debug "${references[@]}")
mapfile -t tests < <(sources tests/unity "$package/Tests/EditMode/Unity" "$package/Tests/PlayMode")
mcs "${test_flags[@]}" -out:"$out/unity_tests.exe" "${tests[@]}" tests/nunit/*.cs
mcs "${test_flags[@]}" -main:Frametalk.Tests.Live.Cost -out:"$out/unity_cost.exe" \
  tests/unity/{Packed,FakeServer,Game,TalkingGame,CostTests}.cs tests/nunit/NUnit.cs tests/unity_live/Cost.cs
mcs "${test_flags[@]}" -out:"$out/unity_live.exe" tests/unity_live/{LiveUnity,LiveGame,LipRecord}.cs
mcs "${test_flags[@]}" -out:"$out/unity_bench.exe" tests/unity_live/{Bench,LiveGame,LipRecord}.cs
