"""An earlier state of a scene that stands for it while little has changed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from frametalk.core.scene import Entity

MAX_CHANGED = 8  # entities; of a large scene a quarter may change
_SHARE = 4


class StableScene:
    """Keeps one state of a scene until too many entities differ from it. Moves do not count."""

    def __init__(self) -> None:
        self._kept: Mapping[str, Entity] = MappingProxyType({})

    def of(self, now: Mapping[str, Entity]) -> Mapping[str, Entity]:
        """The kept state for the scene as it is now; replaced by `now` if that is too different."""
        if self._kept is now:
            return now
        changed = sum(not _alike(self._kept.get(id_), entity) for id_, entity in now.items())
        changed += sum(id_ not in now for id_ in self._kept)
        if not self._kept or changed > max(MAX_CHANGED, len(self._kept) // _SHARE):
            self._kept = now
        return self._kept


def _alike(before: Entity | None, now: Entity) -> bool:
    if before is None or before is now:
        return before is now
    return (before.name, before.kind, before.aliases, before.state, before.affordances) == (
        now.name, now.kind, now.aliases, now.state, now.affordances
    )  # fmt: skip
