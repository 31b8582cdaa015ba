"""Write the recordings that frametalk ships as raw PCM16 of 16 kHz: speech.py FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from frametalk.headless.speech import read, shipped
from frametalk.headless.worldfile import data_folder


def main(folder: Path) -> None:
    """One NAME.raw for each recording."""
    for clip in shipped():
        samples = read(data_folder("speech") / clip.file).samples
        (folder / clip.file).with_suffix(".raw").write_bytes(samples.astype("<i2").tobytes())


main(Path(sys.argv[1]))
