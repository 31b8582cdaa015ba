"""What happened to a stub, for tests that look from outside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Counters:
    """What happened so far. `cancelled`: clients that went away before their answer was whole."""

    connections: int = 0
    requests: int = 0
    answered: int = 0
    refused: int = 0
    cancelled: int = 0
    under_way: int = 0
    tokens: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """As `GET /stub/counters` shows them."""
        return {name: getattr(self, name) for name in self.__slots__}
