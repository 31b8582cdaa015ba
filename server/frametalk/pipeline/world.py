"""The game's side of a session: its scene, the words that it makes likely, the player's attention."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from frametalk.adapters.base import Bias, Recogniser
from frametalk.context import SessionContext
from frametalk.core.commands import Commands
from frametalk.core.events import Prompted
from frametalk.core.naming import MAX_NAMES, named
from frametalk.core.scene import Entity, Scene, SceneHappening
from frametalk.core.tools import ToolSpec
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.act import Act
from frametalk.pipeline.character import Character
from frametalk.wire.messages import (
    Focus,
    SceneAck,
    SceneEvent,
    ScenePatch,
    SceneResync,
    SceneSnapshot,
)

FOCUS_KEPT = 4
# A recogniser is shared. A scene that changes faster than its models are built may take this share of it,
# after the first few models: a game that loads sends its scene in parts.
PREPARING_SHARE = 0.2
FREE_MODELS = 4
SCENE_MODEL_S = 3.0  # the longest that a text waits for it
GREETING_EVENT = "player_entered"


def expected(
    entities: Collection[Entity], tools: Iterable[ToolSpec], phrases: tuple[str, ...]
) -> Bias:
    """What is likely to be said among these entities, with these tools, to a mind of these phrases."""
    things = dict.fromkeys(
        name for entity, names in named(entities) if entity.kind != "player" for name in names
    )
    verbs = dict.fromkeys(verb for spec in tools for verb in spec.verbs)
    return Bias(tuple(islice(things, MAX_NAMES)), tuple(verbs), phrases)


@dataclass(frozen=True, slots=True)
class KeptWorld:
    """A scene as it outlives a server that restarts; `rev` None: there was no snapshot yet."""

    rev: int | None
    entities: tuple[Entity, ...]
    events: tuple[SceneHappening, ...]
    focus: tuple[str, ...]
    greeted: bool


class World:
    """Keeps the scene, and what is likely to be said in it.

    `bias` is the newest one whose model is ready; models are built off the event loop, and scenes that were
    replaced meanwhile are skipped. `commands` are the sentences that are known to be complete; they follow
    the scene at once, or where many names changed, some turns of the loop later.
    """

    def __init__(
        self,
        context: SessionContext,
        character: Character,
        scene: Scene,
        act: Act,
        recogniser: Recogniser,
    ) -> None:
        self._context = context
        self._character = character
        self._scene = scene
        self._act = act
        self.bias = Bias()
        self._phrases = character.mind.phrases(character.name)
        bias = self._expected()
        self.commands = Commands(bias.phrases, bias.verbs)
        self._learning: Iterator[None] | None = None
        self._recogniser = recogniser
        self._greeted = self._has_scene = False
        self._focus: deque[str] = deque(maxlen=FOCUS_KEPT)
        self._expects: Bias | None = None  # for which no model is built yet
        self._preparing = False
        self._after_scene_model: Callable[[], None] | None = None
        self._scene_model = asyncio.Event()  # the first scene's has been built

    @property
    def focus(self) -> tuple[str, ...]:
        """What the player looked or pointed at, newest last, as far as it is still there."""
        return tuple(entity for entity in self._focus if entity in self._scene.entities)

    @property
    def rev(self) -> int | None:
        """The scene's revision; None before the first snapshot."""
        return self._scene.rev if self._has_scene else None

    def kept(self) -> KeptWorld:
        """What to restore elsewhere."""
        scene = self._scene
        entities = tuple(scene.entities.values())
        return KeptWorld(self.rev, entities, scene.events, tuple(self._focus), self._greeted)

    def restore(self, kept: KeptWorld) -> None:
        """Go on from the scene of another server."""
        self._greeted = kept.greeted
        self._focus.extend(kept.focus)
        if kept.rev is not None:
            self._scene.snapshot(kept.rev, kept.entities)
            self._has_scene = True
        for happening in kept.events:
            if not happening.entity or happening.entity in self._scene.entities:
                self._scene.note(happening)

    def resync(self, reason: str) -> None:
        """Ask for the whole scene again."""
        self._context.send(SceneResync(rev=self._scene.rev, reason=reason))

    def snapshot(self, message: SceneSnapshot) -> None:
        """Replace the scene."""
        self._scene.snapshot(message.rev, message.entities)
        self._has_scene = True
        self._context.send(SceneAck(rev=message.rev))
        self.learn_words()

    def patch(self, message: ScenePatch) -> None:
        """Change the scene; a patch that does not fit is refused, and a snapshot is asked for."""
        try:
            self._scene.patch(
                message.base,
                message.rev,
                remove=message.remove,
                put=message.put,
                state=message.state,
                move=message.move,
            )
        except FrametalkError as error:
            self._context.send(SceneResync(rev=self._scene.rev, reason=error.text))
            raise
        self._context.send(SceneAck(rev=message.rev))
        if message.put or message.remove:
            self.learn_words()

    def event(self, message: SceneEvent) -> None:
        """Something happened. The character greets a player who enters, once."""
        self._scene.note(SceneHappening(message.name, message.entity, message.text, message.data))
        if message.name == GREETING_EVENT and not self._greeted:
            self._greeted = True
            if line := self._character.mind.greeting(self._character.name):
                self._context.emit(Prompted(line))

    def attend(self, message: Focus) -> None:
        """The player's attention moved."""
        if message.entity not in self._scene.entities:
            raise FrametalkError(
                "scene_unknown_entity",
                f"focus: there is no entity {message.entity!r}",
                stage=Stage.SCENE,
                remedy="send it in a snapshot or patch first",
            )
        self._focus.append(message.entity)

    def learn_words(self) -> None:
        """Know this scene's commands, and have the recogniser expect its words."""
        self._expects = self._expected()
        self._learn_commands(self._expects.things)
        if not self._preparing:
            self._preparing = True
            self._context.tasks.start(self._prepare(), "prepare recogniser")

    def _learn_commands(self, things: Iterable[str]) -> None:
        is_running = self._learning is not None
        self._learning = self.commands.learn(things)
        if self._learn_some() and not is_running:
            self._context.tasks.start(self._learn_others(), "learn names")

    def _learn_some(self) -> bool:
        """Learn the next names that changed; whether others are left."""
        if self._learning is not None and next(self._learning, self) is self:
            self._learning = None
        return self._learning is not None

    async def _learn_others(self) -> None:
        more = True
        while more:
            await asyncio.sleep(0)
            more = self._learn_some()

    def _expected(self) -> Bias:
        return expected(self._scene.entities.values(), self._act.specs, self._phrases)

    def after_scene_model(self, call: Callable[[], None]) -> None:
        """Call this once, when the first scene's model is ready."""
        self._after_scene_model = call

    @property
    def has_scene_model(self) -> bool:
        """Whether the first scene's model has been built."""
        return self._scene_model.is_set()

    async def scene_model(self) -> None:
        """Wait for the first scene's model if it is being built, SCENE_MODEL_S at most."""
        if self._has_scene and self._preparing:
            with suppress(TimeoutError):
                async with asyncio.timeout(SCENE_MODEL_S):
                    await self._scene_model.wait()

    async def _prepare(self) -> None:
        built = 0
        while (bias := self._expects) is not None:
            self._expects = None
            of_scene = self._has_scene  # else of the tools, which come before the scene
            if bias == self.bias:
                continue
            began_s = self._context.now()
            try:
                with self._context.step("prepare_recogniser"):
                    await self._recogniser.prepare(bias)
            except FrametalkError as error:
                self._context.report(error)
            self.bias = bias
            if of_scene:
                self._scene_model.set()
                call, self._after_scene_model = self._after_scene_model, None
                if call is not None:
                    call()
            built += 1
            if built >= FREE_MODELS:
                await asyncio.sleep((self._context.now() - began_s) * (1 / PREPARING_SHARE - 1))
        self._preparing = False
        if self._has_scene:
            self._scene_model.set()  # also where the scene has no words of its own
