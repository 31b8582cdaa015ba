"""Where the time of the server's main thread goes: sampled, by the part of the program that runs."""

from __future__ import annotations

import signal
import time
from collections import Counter
from types import FrameType

EVERY_S = 0.004  # of processor time; the kernel does not sample more often

LOOP = "loop"

# The first that fits the innermost known module of a sample counts. What runs the loop is no stage.
_STAGES = (
    ("frametalk.bench", LOOP),
    ("frametalk.running", LOOP),
    ("frametalk.tasks", LOOP),
    ("frametalk.adapters.vad", "voice activity"),
    ("frametalk.adapters.asr", "recogniser"),
    ("frametalk.adapters.auto", "recogniser"),
    ("frametalk.adapters.llm", "mind"),
    ("frametalk.pipeline.think", "mind"),
    ("openai", "mind"),
    ("httpx", "mind"),
    ("httpcore", "mind"),
    ("frametalk.adapters.tts", "voice"),
    ("frametalk.pipeline.speak", "voice"),
    ("frametalk.workers", "workers' pipes"),
    ("frametalk.wire", "decoding and encoding"),
    ("frametalk.transports", "sockets"),
    ("websockets", "sockets"),
    ("frametalk.pipeline.microphone", "hearing"),
    ("frametalk.pipeline.endpoints", "hearing"),
    ("frametalk.core.endpointing", "hearing"),
    ("frametalk.core.audio", "hearing"),
    ("frametalk", "session"),
)


def stage_of(module: str) -> str:
    """The stage that a module belongs to."""
    for prefix, stage in _STAGES:
        if module == prefix or module.startswith((f"{prefix}.", f"{prefix}2")):
            return stage
    return LOOP


class Sampler:
    """Adds the main thread's processor time up by stage while it runs. On Unix only.

    The signal comes for the whole process's time; what other threads have used is not counted, because
    each sample counts as much as the main thread has used since the last one.
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.samples = 0
        self._last_s = 0.0
        self._stages: dict[str, str] = {}

    def begin(self) -> None:
        """Count from now on, from nothing."""
        self.seconds.clear()
        self.samples = 0
        self._last_s = time.thread_time()
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)

    def end(self) -> None:
        """Count no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        now_s = time.thread_time()
        self.seconds[self._stage(frame)] += now_s - self._last_s  # type: ignore[assignment]
        self._last_s = now_s
        self.samples += 1

    def _stage(self, frame: FrameType | None) -> str:
        while frame is not None:
            name = frame.f_globals.get("__name__", "")
            known = self._stages.get(name)
            if known is None:
                known = self._stages[name] = stage_of(name)
            if known != LOOP:
                return known
            frame = frame.f_back
        return LOOP
