"""The Whisper adapter's worker, in a process of its own, and how often it runs its model."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

# As in the recogniser's worker; read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from frametalk.adapters.asr.whisper.handler import Model
from frametalk.adapters.asr.whisper.utterance import Reading, Request
from frametalk.adapters.asr.whisper.worker import WhisperHandler
from frametalk.workers.child import ChildCall

PARTIAL_S = 0.3  # what a partial of base takes there


class CountedModel:
    """A model that counts its runs."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.runs = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def decode(self, requests: Sequence[Request], should_stop: Callable[[], bool]) -> list[Reading]:
        """Run the model."""
        self.runs += 1
        return self._model.decode(requests, should_stop)


class CountedHandler(WhisperHandler):
    """The worker's target: also serves `runs`, the number of the model's runs."""

    def __init__(self, folder: str, **options: Any) -> None:
        super().__init__(folder, **options)
        self._model = self._counted = CountedModel(self._model)

    def _affordable(self, _took_s: float) -> int:
        """As on two quiet cores: on a busy machine, texts are the same."""
        return super()._affordable(PARTIAL_S)

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Begin a call."""
        if op == "runs":
            call.done(self._counted.runs)
        else:
            super().open(call, op, args)
