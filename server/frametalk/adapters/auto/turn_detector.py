"""The turn detector that is best here: smart-turn if it is pulled, else none."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from frametalk import models
from frametalk.adapters.abilities import Choice
from frametalk.adapters.auto import trials
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples
from frametalk.errors import AdapterError, Stage

SMART_TURN = "smart_turn"
MODEL = "smart-turn"
FACTOR_LIMIT = 0.03  # 8 s of sound are judged within 240 ms


class AutoTurnDetector:
    """Chooses when it starts; `choice` says what and why. Without a choice the server uses none."""

    rate_hz = RECOGNITION_RATE_HZ

    def __init__(self, smart_turn: dict[str, Any] | None = None) -> None:
        self.choice = Choice("")
        self._options = smart_turn or {}
        self._engine: Any = None

    async def start(self) -> None:
        """Choose and start; safe twice."""
        if self._engine is not None:
            return
        if find_spec("onnxruntime") is None:
            self.choice = Choice(
                "", "onnxruntime is not installed", 'pip install "frametalk[turn]"'
            )
            return
        try:
            file = models.locate(self._options.get("file") or MODEL)
        except AdapterError:
            self.choice = Choice("", "smart-turn is not pulled", models.STARTER_COMMAND)
            return
        options = {**self._options, "file": str(file)}
        factor = await trials.factor(
            "turn", SMART_TURN, options, model=file, packages=("onnxruntime",),
            measure=trials.judge, limit=FACTOR_LIMIT,
        )  # fmt: skip
        if factor is None:
            self.choice = Choice("", f"{file.name} does not work")
        elif factor > FACTOR_LIMIT:
            self.choice = Choice("", f"{MODEL}, real-time factor {factor:.3f}: too slow")
        else:
            self._engine = await trials.started("turn", SMART_TURN, options)
            self.choice = Choice(SMART_TURN, f"real-time factor {factor:.3f}")

    async def close(self) -> None:
        """Close the chosen detector."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def end_probability(self, samples: Samples) -> float:
        """The chosen detector's probability. Raises AdapterError if no detector was chosen."""
        if self._engine is None:
            raise AdapterError("hear_failed", "there is no turn detector", stage=Stage.HEAR)
        probability: float = await self._engine.end_probability(samples)
        return probability
