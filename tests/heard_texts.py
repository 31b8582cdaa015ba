"""Stand-ins for the suite's parts: recognisers that have heard certain texts, and a context of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from frametalk.adapters.base import Hypothesis
from frametalk.bench.real.context import Context
from frametalk.bench.real.corpus import Speech
from frametalk.bench.real.folder import Absent, Models
from frametalk.bench.real.hearing import Heard


def speech(name: str, text: str | None = None, sound_s: float = 1.0) -> Speech:
    """Silence with a name; its text is the name, if no other is given."""
    return Speech(name, np.zeros(round(16_000 * sound_s), np.int16), name if text is None else text)


def heard(name: str, text: str, said: str | None = None, cpu_ms: float = 0.0) -> Heard:
    """What was heard of some speech."""
    return Heard(speech(name, said), Hypothesis(text), cpu_ms)


class FakeRecognisers:
    """Hears every speech as the text that `texts` has for (recogniser, hints, name), else rightly.

    A recogniser that is not in `present` is absent.
    """

    def __init__(
        self,
        texts: Mapping[tuple[str, bool, str], str] | None = None,
        present: Sequence[str] = ("base", "tiny", "scene", "joined"),
    ) -> None:
        self._texts = texts or {}
        self._present = present

    async def heard(self, name: str, speeches: Sequence[Speech], *, hints: bool) -> list[Heard]:
        """The texts."""
        if name not in self._present:
            raise Absent(f"no {name}")
        return [
            Heard(one, Hypothesis(self._texts.get((name, hints, one.name), one.text)), 0.0)
            for one in speeches
        ]


def context(recognisers: Any, *, quick: bool = False, **known: Any) -> Context:
    """A context of these recognisers; `known` are its speeches, instead of sound that it would make."""
    made = Context(Models(Path("nowhere")), recognisers, quick=quick)
    vars(made).update(known)  # they are cached properties
    return made
