"""What tests of single stages stand on: a link that records, and a context with a clock of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry

from frametalk.adapters.base import Guard, Mind, Voice
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.config import CharacterSettings, FrametalkSettings
from frametalk.context import ClientTime, SessionContext
from frametalk.core.actions import StartReply
from frametalk.core.events import Event
from frametalk.metrics import Metrics
from frametalk.pipeline.character import Character
from frametalk.pipeline.conduct import Conduct, PlayerTerms, conduct_of
from frametalk.pipeline.endpoints import Endpoints
from frametalk.pipeline.lead import Lead
from frametalk.pipeline.microphone import Microphone
from frametalk.pipeline.reply import Reply, ReplyOutput
from frametalk.pipeline.spoken_turn import SpokenTurn
from frametalk.tasks import Tasks
from frametalk.transports.link import Inbound
from frametalk.wire.codec import Media
from frametalk.wire.messages import AnyMessage, Error

RATE_HZ = 16_000

_T = TypeVar("_T")


class RecordingLink:
    """A link that keeps what is sent: messages, frames, and `("flush", stream)`, in one order."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def receive(self) -> Inbound:
        return await asyncio.get_running_loop().create_future()

    def send(self, message: AnyMessage) -> None:
        self.sent.append(message)

    def send_media(self, frame: Media) -> None:
        self.sent.append(frame)

    def flush_media(self, stream: int) -> None:
        self.sent.append(("flush", stream))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        pass


class Stage:
    """A session around the stage under test: its context, what was sent, and the events it emitted."""

    def __init__(
        self,
        settings: FrametalkSettings | None = None,
        now: Callable[[], float] | None = None,
        link: RecordingLink | None = None,
    ) -> None:
        self.link = link or RecordingLink()
        self.events: list[Event] = []
        self.failures: list[str] = []
        self.tasks = Tasks(lambda name, error: self.failures.append(f"{name}: {error!r}"))
        self.metrics = Metrics()
        now = now or asyncio.get_running_loop().time
        self.context = SessionContext(
            settings or FrametalkSettings(),
            self.link,
            self.metrics,
            self.tasks,
            now,
            ClientTime(now),
        )
        self.context.events.connect(self.events.append)

    @property
    def sent(self) -> list[Any]:
        """All that was sent."""
        return self.link.sent

    def of(self, kind: type[_T]) -> list[_T]:
        """What was sent of this kind."""
        return [item for item in self.sent if isinstance(item, kind)]

    @property
    def error_codes(self) -> list[str]:
        """Codes of the errors that were reported."""
        return [error.code for error in self.of(Error)]

    def value(self, name: str, **labels: str) -> float:
        """A metric's value; 0 for one that never moved."""
        return sample(self.metrics.registry, name, **labels)

    def microphone(self) -> Microphone:
        """A microphone without a stream."""
        return Microphone(self.context, SilentVad(), Endpoints(self.context))

    def reply(
        self, action: StartReply | None = None, rate_hz: int = RATE_HZ, lead_ms: float = 400
    ) -> Reply:
        """A reply to a typed turn."""
        action = action or StartReply(3, 2)
        output = ReplyOutput(self.context, self.microphone(), draft=action.draft)
        spoken = SpokenTurn(action.turn, action.rev, None, RATE_HZ)
        return Reply(
            action, spoken, output, rate_hz, Lead(lead_ms, lead_ms), self.context.client_time
        )


class SilentVad:
    """Hears no speech."""

    rate_hz = RATE_HZ
    window_samples = 512

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def open(self) -> SilentVad:
        return self

    def submit(self, window: Any, judged: Callable[[float], None]) -> None:
        judged(self.process(window))

    def settle(self) -> None:
        pass

    def process(self, _window: Any) -> float:
        return 0.0

    def reset(self) -> None:
        pass


def sample(registry: CollectorRegistry, name: str, **labels: str) -> float:
    """A metric's value; 0 for one that never moved."""
    return registry.get_sample_value(name, labels) or 0.0


def character(mind: Mind | None = None, voice: Voice | None = None, **settings: Any) -> Character:
    """A character of fixed engines."""
    return Character(
        "smith",
        mind or FixedMind(),
        voice or FixedVoice(rate_hz=RATE_HZ),
        CharacterSettings(**settings),
    )


def conduct(
    stage: Stage, who: Character, guard: Guard | None = None, player: PlayerTerms | None = None
) -> Conduct:
    """What the replies of a character keep to; without a guard and without caps."""
    return conduct_of(stage.context, guard, who, player or PlayerTerms())
