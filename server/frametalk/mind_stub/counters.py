"""Counters of a stub, for tests outside its process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Counters:
    """Events so far. `cancelled` counts clients that left before their answer was complete."""

    connections: int = 0
    requests: int = 0
    answered: int = 0
    refused: int = 0
    cancelled: int = 0
    under_way: int = 0
    tokens: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """The counters as `GET /stub/counters` returns them."""
        return {name: getattr(self, name) for name in self.__slots__}
