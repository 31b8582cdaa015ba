"""When connections end, and how."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

How = Literal["reset", "close", "half_open"]


@dataclass(frozen=True, slots=True)
class Cut:
    """When one connection ends: after so many seconds or bytes, whichever comes first; None: not by that.

    `up` is from the client. `reset`: both ends get a reset at once. `close`: both get a proper end.
    `half_open`: the client gets a reset, and the server hears nothing more.
    """

    after_s: float | None = None
    up_bytes: int | None = None
    down_bytes: int | None = None
    how: How = "reset"


def random_cuts(seed: int, shortest_s: float, longest_s: float) -> Callable[[], Cut]:
    """Cuts after random times; half of them at the first byte, or within the bytes, that follow."""
    dice = random.Random(seed)  # noqa: S311  (a repeatable network, not a secret)

    def next_cut() -> Cut:
        after_s = dice.uniform(shortest_s, longest_s)
        how: How = dice.choice(("reset", "reset", "close", "half_open"))
        if dice.random() < 0.5:  # noqa: PLR2004
            return Cut(after_s, how=how)
        # A second of conversation is about 32 kB up, and while a reply plays 45 kB down.
        up = dice.choice((None, int(after_s * 40_000)))
        down = None if up is not None else int(after_s * 20_000)
        return Cut(longest_s, up, down, how)

    return next_cut


def cuts_every(seed: int, mean_s: float) -> Callable[[], Cut] | None:
    """Cuts after times around a mean, from half of it to three halves; None if it is 0."""
    return random_cuts(seed, mean_s / 2, mean_s * 3 / 2) if mean_s else None
