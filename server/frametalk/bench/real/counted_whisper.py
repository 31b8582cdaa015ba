"""The Whisper adapter, and how often it runs its model: a final text that is doubted takes a second run."""

from __future__ import annotations

from frametalk.adapters.asr.whisper.recogniser import FasterWhisperRecogniser


class CountedWhisper(FasterWhisperRecogniser):
    """The adapter `faster_whisper` with its settings, and the number of its model's runs."""

    target = "frametalk.bench.real.counted_worker:CountedHandler"

    async def runs(self) -> int:
        """How often the model was run; 0 before `start`."""
        if self._worker is None:
            return 0
        runs: int = await self._worker.open("runs", None).result()
        return runs
