"""The library's own call, in a process of its own: the streaming recogniser is compared with it.

Model, threads, beam, language and the bound of tokens are equal. The plain call makes no second try at a
higher temperature and no timestamps, which is to its advantage.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

# As in the recogniser's worker; read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from faster_whisper import WhisperModel

if TYPE_CHECKING:
    from frametalk.workers.child import ChildCall


class PlainWhisper:
    """Serves `call`: 16 kHz sound in; text, milliseconds, and those of the processor out."""

    def __init__(self, folder: str, threads: int) -> None:
        self._model = WhisperModel(
            folder, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )

    def open(self, call: ChildCall, _op: str, args: Any) -> None:
        """Make the call."""
        samples = np.frombuffer(args["pcm"], "<i2").astype(np.float32) / 32_768
        began, cpu_began = time.perf_counter(), time.process_time()
        segments, _info = self._model.transcribe(
            samples,
            language="en",
            beam_size=args.get("beam", 1),
            temperature=0.0,
            without_timestamps=True,
            max_new_tokens=args["tokens"],
        )
        text = "".join(segment.text for segment in segments)
        took, cpu_took = time.perf_counter() - began, time.process_time() - cpu_began
        call.done({"ms": took * 1000, "cpu_ms": cpu_took * 1000, "text": text.strip()})

    def input(self, call: ChildCall, item: Any) -> None:
        """A call takes no further input."""

    def cancelled(self, call: ChildCall) -> None:
        """A call cannot be stopped."""
