"""Measures the wait for Whisper's final text on a GPU, and how many players one GPU serves.

    python latency_tests/gpu_whisper.py --json gpu.json
    python latency_tests/gpu_whisper.py --size micro --device cpu --turns 3 --most 2     # a quick check

The model has the shape of large-v3-turbo and random weights; it says ten words and ends. Turns are 2.5 s of
speech, streamed in real time, with partial texts. A player's turns follow each other without a pause, which
is harder than any conversation. The number of players doubles until the waits' 95th percentile passes the
limit.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from frametalk.adapters.asr.whisper.recogniser import FasterWhisperRecogniser
from frametalk.bench.engines.whisper import WORDS, players, speeches, spoken
from frametalk.bench.random_models.whisper import SIZES, build
from frametalk.bench.samples import MIN_FOR_P95, Distribution


class Crowd(msgspec.Struct, frozen=True):
    """The waits of this number of players for their final texts."""

    players: int
    final_ms: Distribution


class Measured(msgspec.Struct, frozen=True):
    """`players_within`: the greatest measured number of players whose p95 is within `limit_ms`; 0: none."""

    machine: str
    size: str
    device: str
    compute_type: str
    final_ms: Distribution
    crowds: tuple[Crowd, ...]
    limit_ms: float
    players_within: int


def machine(device: str) -> str:
    """The GPU's name and driver, or the processor."""
    if device != "cuda" or shutil.which("nvidia-smi") is None:
        return platform.processor() or platform.machine()
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()


async def measure(arguments: argparse.Namespace, folder: Path) -> Measured:
    """One player alone, then growing numbers of players."""
    quantization = "float16" if arguments.device == "cuda" else "int8"
    model = build(
        folder, arguments.size, multilingual=True, steady_words=WORDS, quantization=quantization
    )
    compute_type = arguments.compute_type or quantization
    recogniser = FasterWhisperRecogniser(
        str(model), language="en", device=arguments.device, compute_type=compute_type
    )
    sounds = speeches(arguments.turns)
    await recogniser.start()
    try:
        await spoken(recogniser, sounds[0])  # loads kernels and buffers for this length
        alone = Distribution.of([await spoken(recogniser, sound) for sound in sounds])
        crowds = await _growing(arguments, recogniser)
    finally:
        await recogniser.close()
    within = [one.players for one in crowds if (one.final_ms.p95 or 0) <= arguments.limit_ms]
    return Measured(
        machine(arguments.device),
        arguments.size,
        arguments.device,
        compute_type,
        alone,
        tuple(crowds),
        arguments.limit_ms,
        max(within, default=0),
    )


async def _growing(
    arguments: argparse.Namespace, recogniser: FasterWhisperRecogniser
) -> list[Crowd]:
    crowds: list[Crowd] = []
    number = 1
    while number <= arguments.most:
        turns = max(arguments.turns_each, -(-MIN_FOR_P95 // number))
        waits = await players(recogniser, speeches(8), number, turns)
        crowds.append(Crowd(number, waits))
        sys.stderr.write(f"{number} players: {waits}\n")
        if (waits.p95 or 0) > arguments.limit_ms:
            break
        number *= 2
    return crowds


def main() -> None:
    """Measure and print as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--size", choices=sorted(SIZES), default="large-v3-turbo")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--compute-type", default="", help="float16 on a GPU, int8 on a CPU")
    parser.add_argument("--turns", type=int, default=40, help="of the player alone")
    parser.add_argument("--turns-each", type=int, default=5, help="of each of several")
    parser.add_argument("--most", type=int, default=128, help="the greatest number of players")
    parser.add_argument("--limit-ms", type=float, default=200.0, help="for p95 of the final text")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure(arguments, Path(folder)))
    text = msgspec.json.format(msgspec.json.encode(measured), indent=2).decode()
    sys.stdout.write(f"{text}\n")
    if arguments.json is not None:
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
