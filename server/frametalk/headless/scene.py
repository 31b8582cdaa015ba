"""The game's world: entities with state, and what each tool does to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from frametalk.core.scene import MAX_ENTITIES, Entity, Scene, StateValue
from frametalk.headless.worldfile import ToolRule, WorldFile
from frametalk.wire.messages import ScenePatch, SceneSnapshot

Place = tuple[float, float, float]

_STEP: dict[str, tuple[int, int]] = {  # x to the right, -z forward
    "forward": (0, -1),
    "back": (0, 1),
    "left": (-1, 0),
    "right": (1, 0),
}
_SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a call: a reason for a refusal, or changes and a value."""

    refused: str = ""
    state: dict[str, dict[str, StateValue]] = field(default_factory=dict)
    move: dict[str, Place] = field(default_factory=dict)
    value: Any = None


class GameWorld:
    """The world's state. The game owns it; the server has a copy, kept up to date by patches."""

    def __init__(self, file: WorldFile) -> None:
        self.file = file
        self.tools = tuple(tool.spec() for tool in file.tool)
        self._rules = {tool.name: tool.rules for tool in file.tool}
        self._scene = Scene(max_entities=MAX_ENTITIES)
        self._scene.snapshot(1, file.entity)

    @property
    def entities(self) -> Mapping[str, Entity]:
        """All entities by id."""
        return self._scene.entities

    def state_of(self, path: str) -> StateValue:
        """The state at `entity_id.key`; None where there is none."""
        id_, _, key = path.partition(".")
        entity = self.entities.get(id_)
        return None if entity is None else entity.state.get(key)

    def snapshot(self) -> SceneSnapshot:
        """The world as a message."""
        return SceneSnapshot(rev=self._scene.rev, entities=tuple(self.entities.values()))

    def change(
        self,
        *,
        remove: tuple[str, ...] = (),
        put: tuple[Entity, ...] = (),
        state: Mapping[str, dict[str, StateValue]] | None = None,
        move: Mapping[str, Place] | None = None,
    ) -> ScenePatch:
        """Change the world; return the patch. A bad change raises FrametalkError and changes nothing."""
        patch = ScenePatch(
            base=self._scene.rev,
            rev=self._scene.rev + 1,
            remove=remove,
            put=put,
            state=dict(state or {}),
            move=dict(move or {}),
        )
        self._scene.patch(
            patch.base, patch.rev, remove=remove, put=put, state=patch.state, move=patch.move
        )
        return patch

    def decide(self, tool: str, args: Mapping[str, Any]) -> Decision:
        """The outcome of a call in the world as it is now; changes nothing."""
        named = {key: self.entities[arg] for key, arg in args.items() if self._is_entity(arg)}
        target = named.get("target")
        if target is not None and tool not in target.affordances:
            return Decision(refused=f"it makes no sense to {tool} the {target.name}")
        for rule in self._rules.get(tool, ()):
            if all(self._at(path, named) == value for path, value in rule.when.items()):
                return self._apply(rule, args, named)
        return Decision(refused=f"nobody here can {tool} that")

    def _is_entity(self, arg: Any) -> bool:
        return isinstance(arg, str) and arg in self.entities

    def _at(self, path: str, named: Mapping[str, Entity]) -> StateValue:
        owner, _, key = path.partition(".")
        entity = named.get(owner) or self.entities.get(owner)
        return None if entity is None else entity.state.get(key)

    def _apply(
        self, rule: ToolRule, args: Mapping[str, Any], named: Mapping[str, Entity]
    ) -> Decision:
        if rule.refuse:
            return Decision(refused=_fill(rule.refuse, named))
        state: dict[str, dict[str, StateValue]] = {}
        for path, value in rule.set.items():
            owner, _, key = path.partition(".")
            id_ = named[owner].id if owner in named else owner
            text = _fill(value, named) if isinstance(value, str) else value
            state.setdefault(id_, {})[key] = text
        move = {rule.walk: self._walked(rule.walk, args)} if rule.walk else {}
        return Decision(state=state, move=move, value=_fill(rule.value, named) or None)

    def _walked(self, who: str, args: Mapping[str, Any]) -> Place:
        x, y, z = self.entities[who].position or (0.0, 0.0, 0.0)
        step_x, step_z = _STEP[args["direction"]]
        metres = float(args["metres"])
        return (x + step_x * metres, y, z + step_z * metres)


def _fill(text: str, named: Mapping[str, Entity]) -> str:
    def slot(match: re.Match[str]) -> str:
        entity = named.get(match[1])
        if entity is None:
            return match[0]
        if match[2] is None:
            return entity.name
        return entity.id if match[2] == "id" else str(entity.state.get(match[2], ""))

    return _SLOT.sub(slot, text)
