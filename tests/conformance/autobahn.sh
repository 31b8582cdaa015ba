#!/usr/bin/env bash
# Compares frametalk's listening with plain websockets in categories 1 to 7 of Autobahn's fuzzing client.
# Wants a python with frametalk on PATH, and a package index; takes about a minute.
# Exits with 1 if any case is worse than plain websockets, or other than in autobahn_expected.json.
set -euo pipefail
python -c 'import frametalk' # fails now, not after the installation
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null; rm -rf "$work"' EXIT

python -m venv "$work/environment"
client="$work/environment/bin/python"
pip=("$client" -m pip --quiet --disable-pip-version-check)
"${pip[@]}" install --require-hashes -r "$here/autobahn_requirements.txt"
"${pip[@]}" download --require-hashes --no-deps --no-binary :all: --no-build-isolation --dest "$work" \
  -r "$here/autobahn_suite.txt"
"$client" "$here/autobahn_suite.py" "$work"/autobahntestsuite-*.tar.gz "$work/cases"

servers=(plain asyncio uvloop)
urls=()
for server in "${servers[@]}"; do
  mkfifo "$work/$server.url"
  python "$here/autobahn_echo.py" "$server" >"$work/$server.url" &
  read -r url <"$work/$server.url"
  urls+=("$url")
done
clients=()
for n in "${!servers[@]}"; do
  "$client" "$here/autobahn_client.py" "$work/cases" "${urls[n]}" "$work/${servers[n]}.json" &
  clients+=($!)
done
for pid in "${clients[@]}"; do
  wait "$pid"
done

python "$here/autobahn_compare.py" "$here/autobahn_expected.json" "${servers[@]/#/$work/}"
