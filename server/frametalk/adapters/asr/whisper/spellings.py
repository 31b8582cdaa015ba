"""Texts with a name of the scene, to be compared by the sound with the text that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from frametalk.adapters.asr.whisper.names import Likeness, names_like

LEAST_PROBABILITY = 1e-9


class Coder(Protocol):
    """Text to tokens and back."""

    def encode(self, text: str) -> list[int]: ...
    def decode(self, tokens: list[int]) -> str: ...


@dataclass(frozen=True, slots=True)
class Spelling:
    """The tokens of a text with a name in it."""

    likeness: Likeness
    tokens: list[int]


def other_spellings(
    coder: Coder, tokens: list[int], known: int, names: Sequence[str]
) -> list[Spelling]:
    """What `tokens` may be with a name that sounds alike. The first `known` tokens stay."""
    text = coder.decode(tokens[known:]) if names else ""
    if not text.startswith(" "):  # nothing, or the known part ends within a word
        return []
    words = text.split()
    return [
        Spelling(one, [*tokens[:known], *coder.encode(f" {with_name(words, one)}")])
        for one in names_like(words, names)
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
