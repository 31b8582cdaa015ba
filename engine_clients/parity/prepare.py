"""What the players of a scenario need, in one folder: the scenario, its world, and the spoken lines."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.headless.speech import speak

DEADLINE_MS = (
    20_000  # on a busy machine no client may miss it: a late result is another conversation
)


def prepare(scenario: Path, folder: Path) -> Path:
    """Write scenario, world and `sounds` into the folder; returns the scenario's path there."""
    read = json.loads(scenario.read_text(encoding="utf-8"))
    world = json.loads((scenario.parent / read["world"]).read_text(encoding="utf-8"))
    for tool in world["tool"]:
        tool["deadline_ms"] = DEADLINE_MS
    sounds = folder / "sounds"
    sounds.mkdir(parents=True, exist_ok=True)
    for line in lines(read):
        _write_sound(line, sounds / file_of(line))
    (folder / "world.json").write_text(json.dumps(world), encoding="utf-8")
    prepared = folder / "scenario.json"
    prepared.write_text(json.dumps({**read, "world": "world.json"}), encoding="utf-8")
    return prepared


def file_of(line: str) -> str:
    """The name of a line's file, which every client plays into its microphone: 16 kHz, PCM16."""
    return line.replace(" ", "_") + ".wav"


def lines(scenario: dict[str, Any]) -> set[str]:
    """What is said aloud in the scenario."""
    parts = [part for step in scenario["steps"] for part in (step, step.get("then", {}))]
    return {part[key] for part in parts for key in ("speak", "press") if key in part}


def _write_sound(line: str, path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RECOGNITION_RATE_HZ)
        file.writeframes(speak(line).samples.tobytes())
