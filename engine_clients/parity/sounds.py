"""The spoken lines of a scenario, as wav files of 16 kHz that every client plays into its microphone."""

from __future__ import annotations

import json
import wave
from pathlib import Path

from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.headless.speech import speak


def file_of(line: str) -> str:
    """The name of a line's file."""
    return line.replace(" ", "_") + ".wav"


def write_sounds(scenario: Path, folder: Path) -> None:
    """Speak each line into a file of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for line in lines(scenario):
        with wave.open(str(folder / file_of(line)), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RECOGNITION_RATE_HZ)
            file.writeframes(speak(line).samples.tobytes())


def lines(scenario: Path) -> set[str]:
    """What is said aloud in the scenario."""
    steps = json.loads(scenario.read_text(encoding="utf-8"))["steps"]
    parts = [part for step in steps for part in (step, step.get("then", {}))]
    return {part[key] for part in parts for key in ("speak", "press") if key in part}
