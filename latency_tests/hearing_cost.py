"""What hearing costs for each 20 ms frame: `python latency_tests/hearing_cost.py [SESSIONS] [SECONDS]`.

Sessions in real time, whose frames come at random phases, go through the microphone, Silero and the
endpoints. What the loop costs without them is subtracted. A line for each kind of sound: us for a frame,
and of a calibration loop, for comparisons between machines.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
import soxr

from frametalk.adapters.vad.silero import SileroVad
from frametalk.config import FrametalkSettings
from frametalk.context import ClientTime, SessionContext
from frametalk.metrics import Metrics
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.microphone import Microphone
from frametalk.tasks import Tasks
from frametalk.transports.memory import memory_pair
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import MicStart

SPEECH = Path(__file__).resolve().parent.parent / "tests" / "speech"
RATE_HZ, FRAME = 16_000, 320
FRAME_S = FRAME / RATE_HZ
NOISE = 32_768 * 10 ** (-70 / 20)


def talk() -> np.ndarray:
    """The repository's recordings of words, one after the other."""
    parts = []
    for file in sorted(SPEECH.glob("*.flac")):
        if "noise" not in file.name:
            sound, rate_hz = soundfile.read(file, dtype="int16")
            parts.append(soxr.resample(sound, rate_hz, RATE_HZ))
    return np.concatenate(parts).astype(np.int16)


def noise(seconds: float) -> np.ndarray:
    """Noise of -70 dB."""
    samples = np.random.default_rng(0).standard_normal(int(seconds * RATE_HZ))
    return (samples * NOISE).astype(np.int16)


def conversation(said: np.ndarray) -> np.ndarray:
    """3 s of talk, then 5 s of noise, and so on."""
    pieces = [said[at : at + 3 * RATE_HZ] for at in range(0, len(said), 3 * RATE_HZ)]
    return np.concatenate([part for piece in pieces for part in (piece, noise(5))])


def calibration_us() -> float:
    """CPU time of a loop of plain Python and small products."""
    matrix = np.random.default_rng(0).standard_normal((64, 64)).astype(np.float32)
    times = []
    for _ in range(30):
        began = time.process_time()
        sum(number * number % 7 for number in range(4_000))
        for _ in range(60):
            np.tanh(matrix @ matrix)
        times.append(time.process_time() - began)
    return statistics.median(times) * 1e6


async def cost_us(sessions: int, seconds: float, feed: Callable[[int, int], object]) -> float:
    """CPU time of `feed(session, number of the frame)`, with the loop's own, for a frame."""
    loop, random_ = asyncio.get_running_loop(), random.Random(0)
    due = sorted((random_.random() * FRAME_S, session) for session in range(sessions))
    began, cpu_s, frames = loop.time() + 0.05, time.process_time(), round(seconds / FRAME_S)
    for number in range(frames):
        for phase_s, session in due:
            wait_s = began + number * FRAME_S + phase_s - loop.time()
            if wait_s > 0.0002:
                await asyncio.sleep(wait_s)
            feed(session, number)
    return (time.process_time() - cpu_s) / (sessions * frames) * 1e6


async def hearing_us(vad: SileroVad, sessions: int, seconds: float, sound: np.ndarray) -> float:
    """CPU time of hearing alone, for a frame."""
    frames = [sound[at : at + FRAME].tobytes() for at in range(0, len(sound) - FRAME + 1, FRAME)]
    settings, metrics, now = FrametalkSettings(), Metrics(), time.monotonic
    microphones = []
    for _ in range(sessions):
        link = memory_pair()[0]
        tasks = Tasks(lambda name, error: sys.exit(f"{name}: {error!r}"))
        context = SessionContext(settings, link, metrics, tasks, now, ClientTime(now))
        context.events.connect(lambda _event: None)
        microphone = Microphone(context, vad, Endpoints(context))
        microphone.start(MicStart(stream=1, rate_hz=RATE_HZ))
        microphones.append(microphone)

    def frame(session: int, number: int) -> Media:
        payload = frames[(number + 37 * session) % len(frames)]
        return Media(MediaKind.PCM16, 1, number & 0xFFFF, number * FRAME, payload)

    idle_us = await cost_us(sessions, seconds, frame)
    busy_us = await cost_us(
        sessions, seconds, lambda session, n: microphones[session].feed(frame(session, n))
    )
    for microphone in microphones:
        microphone.close()
    return busy_us - idle_us


async def main() -> None:
    sessions = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3
    vad = SileroVad()
    await vad.start()
    said = talk()
    for name, sound in {
        "noise": noise(10),
        "talk": said,
        "conversation": conversation(said),
    }.items():
        found = await hearing_us(vad, sessions, seconds, sound)
        row = {"sound": name, "sessions": sessions, "us_per_frame": round(found, 1)}
        row["calibration_us"] = round(calibration_us(), 1)
        sys.stdout.write(f"{json.dumps(row)}\n")


if __name__ == "__main__":
    asyncio.run(main())
