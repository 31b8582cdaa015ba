# Sourced by the scripts beside it: where the folder lies into which a Godot was laid out, if it was.
#   godot: the program ($GODOT, else godot4 or godot on PATH); tree: that folder's system, empty for an installed Godot
godot=${GODOT:-$(command -v godot4 || command -v godot || true)}
tree=
if [[ -n $godot ]]; then
  home=$(dirname "$(readlink -f "$godot")")
  for folder in "$home/tree" "$home/../root"; do
    [[ -d $folder/usr ]] && tree=$(cd "$folder" && pwd)
  done
fi
# skip NAME WHY: nothing is run; with FRAMETALK_REQUIRE_ALL=1 that is a failure.
skip() {
  if [[ ${FRAMETALK_REQUIRE_ALL:-} == 1 ]]; then
    echo "FAIL $1: $2"
    echo "0 passed, 1 failed"
    exit 1
  fi
  echo "skip $1: $2"
  echo "0 passed, 0 failed"
  exit 0
}
