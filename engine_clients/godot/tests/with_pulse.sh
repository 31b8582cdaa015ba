#!/usr/bin/env bash
# Runs a command with a sound server of its own: with_pulse.sh COMMAND...
# It has a loudspeaker, `speaker`, and a microphone that hears what is played to `mouth`.
set -euo pipefail
home=$(mktemp -d)
export HOME=$home XDG_RUNTIME_DIR=$home PULSE_RUNTIME_PATH=$home PULSE_STATE_PATH=$home
export PULSE_SERVER=unix:$home/socket
pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --realtime=no --high-priority=no --disable-shm=yes \
  --load="module-native-protocol-unix socket=$home/socket auth-anonymous=1" \
  --load="module-null-sink sink_name=speaker rate=48000 channels=2" \
  --load="module-null-sink sink_name=mouth rate=48000 channels=1" >"$home/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$home"' EXIT
for _ in {1..100}; do
  if pactl set-default-sink speaker 2>/dev/null && pactl set-default-source mouth.monitor 2>/dev/null; then
    "$@"
    exit
  fi
  sleep 0.05
done
cat "$home/log" >&2
exit 1
