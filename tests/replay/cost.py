"""What a recording costs: `python tests/replay/cost.py`.

It compares the processor time of whole sessions with and without, in pairs. A session is half a minute of
talk on virtual time: microphone frames of 20 ms, six spoken turns, replies that are played. Engines are
scripted, so that the session's own work is what is compared. The recording goes to a file.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import looptime

from frametalk.boundary import OPEN, Boundary
from frametalk.config import FrametalkSettings, PrivacySettings
from frametalk.records import Records
from frametalk.replay.recorder import Recorder
from frametalk.replay.writer import Recordings
from frametalk.session_state import Books
from frametalk.wire import messages as m
from player import engines, playing
from replaying import loaded

PAIRS, TURNS = 6, 6
SETTINGS = loaded(FrametalkSettings(privacy=PrivacySettings(store=True, record=True, replay=True)))


async def talk(boundary: Callable[[str, Callable[[], float]], Boundary]) -> None:
    """One session."""
    books = Books(boundary=boundary)
    async with playing(engines(), SETTINGS, books=books) as player:
        await player.enter(consent=m.Consent(store=True, record=True))
        for turn in range(1, TURNS + 1):
            await player.sound(1_000, loud=True)
            await player.sound(4_000, loud=False)
            await player.until(m.ReplyEnd, lambda item, turn=turn: item.reply >= turn)


def cpu_s(
    boundary: Callable[[str, Callable[[], float]], Boundary], flush: Callable[[], None]
) -> float:
    """The processor time of one session, all threads."""
    loop = looptime.new_event_loop()
    began_s = time.process_time()
    loop.run_until_complete(talk(boundary))
    flush()
    took_s = time.process_time() - began_s
    loop.close()
    return took_s


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        recordings = Recordings(SETTINGS, Records(Path(folder)))
        numbers = iter(range(10_000))

        def recorder(_session: str, now: Callable[[], float]) -> Recorder:
            return recordings.of(f"s{next(numbers)}", now)

        cpu_s(recorder, recordings.flush), cpu_s(lambda _session, _now: OPEN, lambda: None)
        pairs = [
            (cpu_s(lambda _s, _n: OPEN, lambda: None), cpu_s(recorder, recordings.flush))
            for _ in range(PAIRS)
        ]
        size = [file.stat().st_size for file in Path(folder).rglob("*.recording")]
    length_s = TURNS * 5
    more = [(on - off) / length_s * 1000 for off, on in pairs]
    report = {
        "pairs": PAIRS,
        "session_s": length_s,
        "off_ms_per_s": round(statistics.median(off for off, _ in pairs) / length_s * 1000, 3),
        "on_ms_per_s": round(statistics.median(on for _, on in pairs) / length_s * 1000, 3),
        "more_ms_per_s": {
            "median": round(statistics.median(more), 3),
            "min": round(min(more), 3),
            "max": round(max(more), 3),
        },
        "bytes_per_s": round(statistics.median(size) / length_s),
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
