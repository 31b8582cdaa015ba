"""Scenario files: what the simulated players do, and what is expected to happen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from frametalk.core.scene import Entity, StateValue
from frametalk.headless.tool_calls import Behaviour
from frametalk.headless.worldfile import WorldFile
from frametalk.wire.messages import SceneEvent

ACTIONS = (
    "say", "type", "wait_ms", "wait_reply", "interrupt", "patch", "event", "noise", "expect",
)  # fmt: skip


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables of a scenario file: unknown keys are refused."""


class ExpectedTool(_Table, frozen=True, kw_only=True):
    """A tool call: its name, and the arguments and the state that matter."""

    name: str
    args: dict[str, Any] = {}
    state: Literal["", "called", "done", "refused", "failed", "timed_out", "cancelled"] = ""


class Expectation(_Table, frozen=True, kw_only=True):
    """What must come within `within_ms` after the last action; with `absent`, what must not come.

    An action is any step other than waiting and expecting; everything since it began counts.

    Exactly one of: `transcript` (all words that were understood), `text` (words that the character says),
    `heard` (words that the player heard), `gesture` (a gesture, emotion or gaze, by the name of its mark),
    `tool`, `event` (a message from the server: its type, or a table with its type and fields), `state`
    (entity_id.key = value, in the game's world), `error` (a code). A text written `/.../` is a regular
    expression; of a list of texts, one must fit.
    """

    transcript: str | tuple[str, ...] | None = None
    text: str | tuple[str, ...] | None = None
    heard: str | tuple[str, ...] | None = None
    gesture: str | None = None
    tool: str | ExpectedTool | None = None
    event: str | dict[str, Any] | None = None
    state: dict[str, StateValue] | None = None
    error: str | None = None
    within_ms: float = 20_000
    absent: bool = False

    @property
    def kind(self) -> str:
        """Which of the eight kinds it is."""
        return self.kinds()[0]

    def kinds(self) -> list[str]:
        """All kinds that are given; a valid expectation has exactly one."""
        return [kind for kind in EXPECTED if getattr(self, kind) is not None]


EXPECTED = ("transcript", "text", "heard", "gesture", "tool", "event", "state", "error")


class Patch(_Table, frozen=True, kw_only=True):
    """A change of the game's world, with the fields of `scene.patch`."""

    remove: tuple[str, ...] = ()
    put: tuple[Entity, ...] = ()
    state: dict[str, dict[str, StateValue]] = {}
    move: dict[str, tuple[float, float, float]] = {}


class Step(_Table, frozen=True, kw_only=True):
    """One thing that one player does. Exactly one of ACTIONS is given; the other keys say how.

    `say`: speak (`voice`, `file`; `ptt`: with the push-to-talk button pressed). `type`: send text. With
    `after_audible_ms`, these two and `interrupt` wait until that much of the current reply was heard.
    `noise` takes `ms` and `level_db`. `wait_reply`: wait until the reply to the last action has ended.
    """

    player: str = ""
    say: str | None = None
    type: str | None = None
    wait_ms: float | None = None
    wait_reply: bool | None = None
    interrupt: bool | None = None
    patch: Patch | None = None
    event: SceneEvent | None = None
    noise: Literal["white", "hum", "clicks"] | None = None
    expect: Expectation | None = None
    voice: str = ""
    file: str = ""
    ptt: bool = False
    after_audible_ms: float | None = None
    ms: float = 3_000
    level_db: float = -30
    within_ms: float = 20_000

    @property
    def action(self) -> str:
        """Which of ACTIONS it is."""
        return self.actions()[0]

    def actions(self) -> list[str]:
        """All actions that are given; a valid step has exactly one."""
        return [action for action in ACTIONS if getattr(self, action) is not None]


class PlayerEntry(_Table, frozen=True, kw_only=True):
    """One player, with a connection and a world of their own, and the tools' `scopes` that they grant."""

    name: str
    scopes: tuple[str, ...] = ()


class ScenarioFile(_Table, frozen=True, kw_only=True):
    """A whole scenario. Players act in parallel, each in the order of their own steps."""

    about: str = ""
    world: str = "tavern"
    character: str = ""
    time_limit_ms: float = 180_000
    allow_errors: tuple[str, ...] = ()
    player: tuple[PlayerEntry, ...] = (PlayerEntry(name="player"),)
    behaviour: tuple[Behaviour, ...] = ()
    step: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that has been read and checked."""

    name: str
    path: Path
    file: ScenarioFile
    world: WorldFile

    def steps_of(self, player: str) -> Iterator[tuple[int, Step]]:
        """The steps of one player with their numbers in the file, counted from 1."""
        default = self.file.player[0].name
        for number, step in enumerate(self.file.step, 1):
            if (step.player or default) == player:
                yield number, step

    def only_push_to_talk(self, player: str) -> bool:
        """Whether the player speaks by push-to-talk only; the microphone is then closed in between."""
        said = [step for _, step in self.steps_of(player) if step.say is not None]
        return bool(said) and all(step.ptt for step in said)

    def where(self, number: int) -> str:
        """A step's place, for messages."""
        return f"{self.path}: step {number} ({self.file.step[number - 1].action})"


def texts(expectation: Expectation) -> tuple[str, ...]:
    """The texts of an expectation; one of them must fit."""
    text = expectation.transcript or expectation.text or expectation.heard or ()
    return (text,) if isinstance(text, str) else text
