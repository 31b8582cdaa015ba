"""The scene as the server knows it: a snapshot, then patches, each with a revision."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from frametalk.core.sizes import OBJECT_BYTES, held_bytes
from frametalk.errors import FrametalkError, Stage

StateValue = str | int | float | bool | None

MAX_ENTITIES = 512
MAX_EVENTS = 16
MAX_EVENT_BYTES = 1024 * 1024  # of all events together; the newest is kept however large it is
MAX_ID_CHARACTERS = 128
MAX_ALIASES = 32
MAX_AFFORDANCES = 64
MAX_STATE_KEYS = 64
# Together with MAX_ENTITIES these limit a client's scene to a few megabytes.
MAX_ENTITY_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing or being in the scene.

    `position` is in metres, on the game's own axes; `affordances` names the tools that apply to it.
    """

    id: str
    name: str
    kind: str = ""
    aliases: tuple[str, ...] = ()
    position: tuple[float, float, float] | None = None
    state: dict[str, StateValue] = field(default_factory=dict)
    affordances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SceneHappening:
    """An event in the scene that no entity's state shows; `entity` is an id or empty."""

    name: str
    entity: str = ""
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


class Scene:
    """One session's scene at revision `rev`, the client's number for it; 0 before the first snapshot.

    `entities` are all entities by id, in the order in which they were added. Each change makes a new
    mapping, so an earlier one does not change. An invalid
    change raises FrametalkError and changes nothing; the codes are `scene_base`, `scene_unknown_entity`,
    `scene_limit` and `scene_invalid`.
    """

    def __init__(
        self,
        max_entities: int,
        max_events: int = MAX_EVENTS,
        max_event_bytes: int = MAX_EVENT_BYTES,
    ) -> None:
        self._max_entities = max_entities
        self.entities: Mapping[str, Entity] = MappingProxyType({})
        self._changed: dict[str, int] = {}
        self._events: deque[SceneHappening] = deque(maxlen=max_events)
        self._max_event_bytes = max_event_bytes
        self.rev = 0

    @property
    def changed(self) -> Mapping[str, int]:
        """For each entity the revision at which it was last added, changed or moved."""
        return MappingProxyType(self._changed)

    @property
    def events(self) -> tuple[SceneHappening, ...]:
        """The newest happenings, oldest first."""
        return tuple(self._events)

    def snapshot(self, rev: int, entities: Iterable[Entity]) -> None:
        """Replace the whole scene. Any `rev` is accepted: a restarted client counts from its own start."""
        snapshot: dict[str, Entity] = {}
        for entity in entities:
            if entity.id in snapshot:
                raise _invalid(f"entity {entity.id!r} is in the snapshot twice")
            snapshot[entity.id] = _checked(entity)
        self._replace(rev, snapshot, dict.fromkeys(snapshot, rev))

    def patch(
        self,
        base: int,
        rev: int,
        *,
        remove: Iterable[str] = (),
        put: Iterable[Entity] = (),
        state: Mapping[str, Mapping[str, StateValue]] = MappingProxyType({}),
        move: Mapping[str, tuple[float, float, float]] = MappingProxyType({}),
    ) -> None:
        """Go from revision `base` to `rev`: remove, put, state, move, in this order; all or nothing.

        `put` adds or replaces, `state` merges keys (None deletes one), `move` sets positions in metres.
        """
        if base != self.rev:
            raise FrametalkError(
                "scene_base",
                f"the patch is based on revision {base}, the scene is at revision {self.rev}",
                stage=Stage.SCENE,
                remedy="send scene.snapshot",
            )
        if rev <= base:
            raise _invalid(f"revision {rev} is not greater than {base}")
        patched = dict(self.entities)
        for id_ in remove:
            if patched.pop(id_, None) is None:
                raise _unknown(id_, "remove")
        seen: set[str] = set()
        for entity in put:
            if entity.id in seen:
                raise _invalid(f"entity {entity.id!r} is put twice")
            seen.add(entity.id)
            patched[entity.id] = _checked(entity)
        for id_, changes in state.items():
            if id_ not in patched:
                raise _unknown(id_, "state")
            merged = {**patched[id_].state, **changes}
            kept: dict[str, StateValue] = {k: v for k, v in merged.items() if v is not None}
            patched[id_] = _checked(replace(patched[id_], state=kept))
        for id_, position in move.items():
            if id_ not in patched:
                raise _unknown(id_, "move")
            patched[id_] = _checked(replace(patched[id_], position=position))
        changed = {
            id_: self._changed[id_] if self._is_unchanged(entity) else rev
            for id_, entity in patched.items()
        }
        self._replace(rev, patched, changed)

    def note(self, happening: SceneHappening) -> None:
        """Record a happening; at the limits the oldest are dropped."""
        if happening.entity and happening.entity not in self.entities:
            raise _unknown(happening.entity, "event")
        self._events.append(happening)
        while self._max_event_bytes and len(self._events) > 1:
            if sum(map(_event_bytes, self._events)) <= self._max_event_bytes:
                break
            self._events.popleft()

    def _is_unchanged(self, entity: Entity) -> bool:
        before = self.entities.get(entity.id)
        return entity is before or entity == before

    def _replace(self, rev: int, entities: dict[str, Entity], changed: dict[str, int]) -> None:
        if len(entities) > self._max_entities:
            raise _limit(
                f"{len(entities)} entities are more than the limit of {self._max_entities}"
            )
        self.entities = MappingProxyType(entities)
        self._changed = changed
        self.rev = rev


def _checked(entity: Entity) -> Entity:
    """The entity with its own copy of the state, and the aliases that count.

    Raises FrametalkError if it breaks a limit.
    """
    where = f"entity {entity.id[:MAX_ID_CHARACTERS]!r}"
    if not entity.id or len(entity.id) > MAX_ID_CHARACTERS:
        raise _invalid(f"{where}: an id must have 1 to {MAX_ID_CHARACTERS} characters")
    if not entity.name.strip():
        raise _invalid(f"{where} has no name")
    if entity.position is not None and not all(map(math.isfinite, entity.position)):
        raise _invalid(f"{where}: the position is not finite")
    if any(
        isinstance(value, float) and not math.isfinite(value) for value in entity.state.values()
    ):
        raise _invalid(f"{where}: a number in its state is not finite")
    if len(entity.affordances) > MAX_AFFORDANCES:
        raise _limit(f"{where} has more than {MAX_AFFORDANCES} affordances")
    if len(entity.state) > MAX_STATE_KEYS:
        raise _limit(f"{where} has more than {MAX_STATE_KEYS} state keys")
    texts = (
        entity.id,
        entity.name,
        entity.kind,
        *entity.aliases,
        *entity.affordances,
        *entity.state,
    )
    values = (value for value in entity.state.values() if isinstance(value, str))
    if sum(map(len, texts)) + sum(map(len, values)) > MAX_ENTITY_CHARACTERS:
        raise _limit(f"{where} has more than {MAX_ENTITY_CHARACTERS} characters of text")
    return replace(entity, aliases=entity.aliases[:MAX_ALIASES], state=dict(entity.state))


def _event_bytes(event: SceneHappening) -> int:
    return OBJECT_BYTES + held_bytes([event.name, event.entity, event.text, event.data])


def _unknown(id_: str, part: str) -> FrametalkError:
    return FrametalkError(
        "scene_unknown_entity",
        f"{part}: there is no entity {id_[:MAX_ID_CHARACTERS]!r} in the scene",
        stage=Stage.SCENE,
        remedy="put the entity first, or send scene.snapshot",
    )


def _limit(text: str) -> FrametalkError:
    return FrametalkError(
        "scene_limit", text, stage=Stage.SCENE, remedy="send only what the character can talk about"
    )


def _invalid(text: str) -> FrametalkError:
    return FrametalkError(
        "scene_invalid",
        text,
        stage=Stage.SCENE,
        remedy="see protocols/wire.md for what a scene may contain",
    )
