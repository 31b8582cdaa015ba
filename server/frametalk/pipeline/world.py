"""The game's side of a conversation: its scene, its tools, what the player attends to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from frametalk.adapters.base import Bias, Mind, Recogniser
from frametalk.core.commands import Commands
from frametalk.core.scene import Entity, Scene, SceneHappening
from frametalk.core.tools import ToolSpec
from frametalk.errors import FrametalkError, Stage
from frametalk.pipeline.act import Act
from frametalk.tasks import Tasks
from frametalk.wire.messages import (
    Focus,
    SceneAck,
    SceneEvent,
    ScenePatch,
    SceneResync,
    SceneSnapshot,
    ServerMessage,
)

FOCUS_KEPT = 4
GREETING_EVENT = "player_entered"


def expected(
    entities: Iterable[Entity], tools: Iterable[ToolSpec], phrases: tuple[str, ...]
) -> Bias:
    """What is likely to be said among these entities, with these tools, to a mind of these phrases."""
    things = dict.fromkeys(
        name
        for entity in entities
        if entity.kind != "player"
        for name in (entity.name, *entity.aliases)
    )
    verbs = dict.fromkeys(verb for spec in tools for verb in spec.verbs)
    return Bias(tuple(things), tuple(verbs), phrases)


class World:
    """Keeps the scene, and what is likely to be said in it.

    `commands` are the sentences that are known to be complete. `bias` is the newest one whose model is
    ready; models are built off the event loop, and scenes that came and went meanwhile are skipped.
    `greet(line)` makes the character speak first.
    """

    def __init__(  # noqa: PLR0913  (the stage's neighbours, each named once)
        self,
        scene: Scene,
        act: Act,
        recogniser: Recogniser,
        mind: Mind,
        character: str,
        tasks: Tasks,
        *,
        send: Callable[[ServerMessage], None],
        report_error: Callable[[FrametalkError], None],
        greet: Callable[[str], None],
    ) -> None:
        self.scene = scene
        self.act = act
        self.bias = Bias()
        self.commands = Commands((), (), ())
        self._recogniser = recogniser
        self._mind = mind
        self._character = character
        self._tasks = tasks
        self._send = send
        self._report_error = report_error
        self._greet = greet
        self._greeted = False
        self._focus: deque[str] = deque(maxlen=FOCUS_KEPT)
        self._wanted: Bias | None = None

    @property
    def focus(self) -> tuple[str, ...]:
        """What the player looked or pointed at, newest last, as far as it is still there."""
        return tuple(entity for entity in self._focus if entity in self.scene.entities)

    def snapshot(self, message: SceneSnapshot) -> None:
        """Replace the scene."""
        self.scene.snapshot(message.rev, message.entities)
        self._send(SceneAck(rev=message.rev))
        self.learn_words()

    def patch(self, message: ScenePatch) -> None:
        """Change the scene; one that does not fit is refused and a snapshot is asked for."""
        try:
            self.scene.patch(
                message.base,
                message.rev,
                remove=message.remove,
                put=message.put,
                state=message.state,
                move=message.move,
            )
        except FrametalkError as error:
            self._send(SceneResync(rev=self.scene.rev, reason=error.text))
            raise
        self._send(SceneAck(rev=message.rev))
        if message.put or message.remove:
            self.learn_words()

    def event(self, message: SceneEvent) -> None:
        """Something happened. A player who enters is greeted, once."""
        self.scene.note(SceneHappening(message.name, message.entity, message.text, message.data))
        if message.name == GREETING_EVENT and not self._greeted:
            self._greeted = True
            if line := self._mind.greeting(self._character):
                self._greet(line)

    def attend(self, message: Focus) -> None:
        """The player's attention moved."""
        if message.entity not in self.scene.entities:
            raise FrametalkError(
                "scene_unknown_entity",
                f"focus: there is no entity {message.entity!r}",
                stage=Stage.SCENE,
                remedy="send it in a snapshot or patch first",
            )
        self._focus.append(message.entity)

    def learn_words(self) -> None:
        """Have the recogniser expect this scene's words."""
        phrases = self._mind.phrases(self._character)
        bias = expected(self.scene.entities.values(), self.act.specs, phrases)
        self.commands = Commands(bias.phrases, bias.verbs, bias.things)
        preparing, self._wanted = self._wanted is not None, bias
        if not preparing:
            self._tasks.start(self._prepare(), "prepare recogniser")

    async def _prepare(self) -> None:
        while self._wanted is not None and self._wanted != self.bias:
            bias = self._wanted
            try:
                await self._recogniser.prepare(bias)
            except FrametalkError as error:
                self._report_error(error)
            self.bias = bias
        self._wanted = None
