"""Makes the package's speech files from their manifest: `python tests/headless/make_speech.py`.

Needs flite on PATH. The manifest lists each file with its text and voice.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import soundfile

FOLDER = Path(__file__).resolve().parents[2] / "server" / "frametalk" / "data" / "speech"


def main() -> None:
    """Write every file of the manifest."""
    entries = tomllib.loads((FOLDER / "manifest.toml").read_text())["speech"]
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "speech.wav"
        for entry in entries:
            command = ["flite", "-voice", entry["voice"], "-t", entry["text"], str(wav)]
            subprocess.run(command, check=True)
            samples, rate_hz = soundfile.read(wav, dtype="int16")
            soundfile.write(FOLDER / entry["file"], samples, rate_hz, subtype="PCM_16")
    sys.stdout.write(f"{len(entries)} files in {FOLDER.name}\n")


if __name__ == "__main__":
    main()
