#!/usr/bin/env bash
# What a game developer does first: an empty project, the addon copied into it, five lines of script.
# GODOT and FRAMETALK name the programs, PYTHON a python.
set -euo pipefail
cd "$(dirname "$0")/.."
project=$(mktemp -d)
port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$FRAMETALK" serve --port "$port" --log-level WARNING &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$project"' EXIT
mkdir "$project/addons"
cp -r addons/frametalk "$project/addons/"
cat >"$project/project.godot" <<'GAME'
config_version=5

[application]

config/name="An empty game"
run/main_scene="res://main.tscn"
GAME
cat >"$project/main.tscn" <<'SCENE'
[gd_scene load_steps=2 format=3]

[ext_resource type="Script" path="res://main.gd" id="1"]

[node name="Main" type="Node"]
script = ExtResource("1")
SCENE
cat >"$project/main.gd" <<SCRIPT
extends Node

func _ready() -> void:
	var session := FrametalkSession.new()
	session.url = "ws://localhost:$port"
	session.opened.connect(func(_welcome: Dictionary) -> void: session.say("who are you"))
	session.caption.connect(func(text: String, _reply: int) -> void: print("character: ", text))
	add_child(session)
SCRIPT
for _ in {1..300}; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    break
  fi
  sleep 0.1
done
timeout 60 "$GODOT" --headless --path "$project" --import >"$project/import.log" 2>&1
timeout 20 "$GODOT" --headless --audio-driver Dummy --path "$project" --quit-after 900 --max-fps 60 \
  >"$project/log" 2>&1 || true
cat "$project/import.log" "$project/log"
grep -q 'character: Bram is the name' "$project/log"
! grep -E 'ERROR|WARNING: .*script' "$project/import.log" "$project/log"
