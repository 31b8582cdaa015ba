"""Texts with a name of the scene, to be compared by the sound with the text that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from frametalk.adapters.asr.whisper.names import Likeness, names_like
from frametalk.core.agreement import TimedWord

LEAST_PROBABILITY = 1e-9
SURE = 0.95  # a word of a higher probability is no misread name


class Coder(Protocol):
    """Text to tokens."""

    def encode(self, text: str) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class Spelling:
    """The tokens of a text with a name in it."""

    likeness: Likeness
    tokens: list[int]


def other_spellings(
    coder: Coder, known: Sequence[int], words: Sequence[TimedWord], names: Sequence[str]
) -> list[Spelling]:
    """What `words` may be with a name that sounds alike; the tokens `known` before them stay."""
    if not words or not words[0].text.startswith(" "):  # nothing, or `known` ends within a word
        return []
    texts = [word.text.strip() for word in words]
    sure = {at for at, word in enumerate(words) if word.confidence > SURE}
    return [
        Spelling(one, [*known, *coder.encode(f" {with_name(texts, one)}")])
        for one in names_like(texts, names, sure)
    ]


def with_name(words: Sequence[str], likeness: Likeness) -> str:
    """The text with the name instead of the words that sound like it; their punctuation stays."""
    last = words[likeness.end - 1]
    mark = last[len(last.rstrip(".,;:!?")) :]
    return " ".join((*words[: likeness.first], likeness.name + mark, *words[likeness.end :]))


def log_probability(alignment: Any) -> float:
    """Of all tokens that were aligned together."""
    probabilities = np.maximum(alignment.text_token_probs, LEAST_PROBABILITY)
    return float(np.sum(np.log(probabilities)))
