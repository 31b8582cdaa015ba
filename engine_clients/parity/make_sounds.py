"""Speak the lines of a scenario into wav files of 16 kHz.

make_sounds.py SCENARIO FOLDER
"""

import json
import sys
import wave
from pathlib import Path

from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.headless.speech import speak


def lines(scenario: Path) -> list[str]:
    """What is spoken aloud in the scenario."""
    steps = json.loads(scenario.read_text(encoding="utf-8"))["steps"]
    parts = [part for step in steps for part in (step, step.get("then", {}))]
    return [part[key] for part in parts for key in ("speak", "press") if isinstance(part.get(key), str)]


def main() -> None:
    """Write a file for each line."""
    scenario, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for line in lines(scenario):
        with wave.open(str(folder / f"{line.replace(' ', '_')}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RECOGNITION_RATE_HZ)
            file.writeframes(speak(line).samples.tobytes())


if __name__ == "__main__":
    main()
