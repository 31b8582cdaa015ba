"""The contracts of engines, between the pipeline and third-party libraries.

Sound is always int16 mono little-endian. An adapter maps every third-party error to `AdapterError`.
All sessions of a process share an adapter; what `open` and `speak` return belongs to one session. What an
adapter may do beyond its contract is in `abilities`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from frametalk.core.audio import Samples
from frametalk.core.dialogue import Entry
from frametalk.core.guard.judge import Verdict
from frametalk.core.marks import Mark
from frametalk.core.scene import Entity, SceneHappening
from frametalk.core.tools import ToolOutcome, ToolSpec
from frametalk.errors import AdapterError


class Adapter(Protocol):
    """The common life cycle. `start` loads what is needed; `close` may be called twice."""

    async def start(self) -> None: ...
    async def close(self) -> None: ...


# ---- voice activity ------------------------------------------------------------------------------


class VadStream(Protocol):
    """Speech probability of one microphone stream; keeps the model's state between windows."""

    def process(self, window: Samples) -> float:
        """Probability 0..1 that `window` (exactly `window_samples` long) contains speech."""
        ...

    def submit(self, window: Samples, judged: Callable[[float], None]) -> None:
        """Tell `judged` that probability on the event loop: now, or some ms later. The order is kept.

        `window` must not change until then. What `judged` raises touches no other stream.
        """
        ...

    def settle(self) -> None:
        """Tell the probabilities of all windows that were submitted now."""
        ...

    def reset(self) -> None:
        """Clear the state. Windows that were submitted and not judged are dropped."""
        ...


class Vad(Adapter, Protocol):
    rate_hz: int
    window_samples: int

    def open(self) -> VadStream: ...


# ---- end of turn ---------------------------------------------------------------------------------


class TurnDetector(Adapter, Protocol):
    """Estimates from the sound whether the player has finished."""

    rate_hz: int

    async def end_probability(self, samples: Samples) -> float:
        """Probability 0..1 that the turn has ended at the end of `samples`.

        `samples` are the turn so far; the last 8 s count.
        """
        ...


# ---- recognition ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Bias:
    """What is likely to be said: the scene's things and verbs, and sentences that the mind understands.

    `things` are entity names and aliases, `verbs` the tools' verbs, `phrases` whole sentences in which
    `{thing}` and `{number}` stand for any thing or number. Equal biases have equal models.
    """

    things: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One recognised word; `at` and `end` are samples since the stream's first."""

    text: str
    at: int
    end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The text of the speech so far.

    The first `stable` characters of `text` will not change any more. `alternatives` are other readings,
    best first, such as a general model's beside the scene's.
    """

    text: str
    stable: int = 0
    words: tuple[HeardWord, ...] = ()
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


class RecogniserStream(Protocol):
    """One stream of speech."""

    def feed(self, pcm: bytes) -> None:
        """Take more sound at the recogniser's rate. Never blocks."""
        ...

    async def finalize(self) -> Hypothesis:
        """The text of all that was fed, as if only silence followed; empty when there are no words.

        May be called again after more sound.
        """
        ...

    def cancel(self) -> None:
        """End the stream. Safe at any time and twice; a `finalize` under way raises CancelledError."""
        ...


class Recogniser(Adapter, Protocol):
    rate_hz: int

    async def prepare(self, bias: Bias) -> None:
        """Build what `open(bias)` needs, off the event loop; does nothing if that exists."""
        ...

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> RecogniserStream:
        """Open a stream. Uses the newest prepared model while that of `bias` is not ready.

        `on_partial` is called on the event loop when the text has changed, and never after `cancel`.
        """
        ...


# ---- mind ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the character's text: a token, a line, or anything between."""

    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """The end of the text so far, `text`, is not part of the answer: a sentence stopped at a limit.

    Clauses that have been cut from it are spoken all the same.
    """

    text: str


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """A tool call that the mind requests. `ref` is the mind's own id of it.

    `problem` says why the call is not valid. The game then never gets it; the mind gets the problem.
    """

    name: str
    args: dict[str, Any]
    ref: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer as its server counts them; `cost` in the currency of the settings' prices."""

    prompt_tokens: int
    completion_tokens: int
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure to report, although the answer continues in another way."""

    error: AdapterError


MindEvent = TextDelta | Dropped | ToolRequest | Usage | Trouble


@dataclass(frozen=True, slots=True)
class Focus:
    """Ids of the entities that the player looks or points at, newest last."""

    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MindRequest:
    """All that a mind gets for one step of one reply.

    `history` ends with this turn's `PlayerSaid`. `step` counts from 0. `outcomes` are the results of this
    turn's earlier tool calls, so that a second step (say, call, say) knows how the first one's calls
    ended; `said` is the text of earlier steps of this reply, heard or not. `scene` and `scene_rev` are
    the present state, `changed` the revision at which each entity last changed, `happenings` the latest
    events, newest last. `stable` is an earlier state of the scene, which is replaced when much of it has
    changed: the beginning of a prompt that is to stay the same; empty: the present state. `quick`: a quick
    answer is better than a good one.
    """

    character: str
    turn: int
    text: str
    alternatives: tuple[str, ...] = ()
    step: int = 0
    history: Sequence[Entry] = ()
    outcomes: Sequence[ToolOutcome] = ()
    said: str = ""
    scene: Mapping[str, Entity] = field(default_factory=dict)
    scene_rev: int = 0
    changed: Mapping[str, int] = field(default_factory=dict)
    happenings: Sequence[SceneHappening] = ()
    stable: Mapping[str, Entity] = field(default_factory=dict)
    tools: Sequence[ToolSpec] = ()
    focus: Focus = Focus()
    language: str = "en"
    quick: bool = False


class Mind(Adapter, Protocol):
    characters: tuple[str, ...]
    """Names of its characters; the first is the default."""

    def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        """One step: text and tool requests in order. After tool requests another step follows, with
        their outcomes. `aclose` cancels the work.
        """
        ...

    def phrases(self, character: str) -> tuple[str, ...]:
        """Sentences that this character understands, to bias the recogniser; may be empty.

        May contain `{thing}` and `{number}` (see `Bias`).
        """
        ...

    def greeting(self, character: str) -> str:
        """What the character says when the session begins; may be empty."""
        ...


# ---- voice ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One clause to speak. `voice` is the engine's name of a voice; empty is its default.

    `language` is a BCP 47 tag, one of the engine's own if it lists them (`SpeaksLanguages`). `speed` and
    `volume` are relative to the voice's own.
    """

    text: str
    voice: str = ""
    language: str = "en"
    speed: float = 1.0
    volume: float = 1.0


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A piece of a clause's sound and the marks that begin in it.

    Marks count samples from the clause's first sample, at the voice's rate; a chunk's marks begin at
    or after the chunk's first sample. A word mark has the word as written in the request.
    """

    pcm: bytes
    marks: tuple[Mark, ...] = ()


class Voice(Adapter, Protocol):
    rate_hz: int

    def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """The sound of one clause in order; nothing for text without sound.

        `aclose` stops the engine within 20 ms.
        """
        ...


# ---- guard ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GuardRequest:
    """A text that is about to reach the mind (`player`), the voice (`character`) or the game (`tool`).

    `also` are other forms of it: what the voice says for numbers, or a recogniser's other readings.
    `before` is what the same speaker said just before. `plain`: only topics for children.
    """

    text: str
    side: Literal["player", "character", "tool"]
    also: tuple[str, ...] = ()
    before: str = ""
    language: str = "en"
    plain: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """All forms, the text first, each once."""
        return tuple(dict.fromkeys((self.text, *self.also)))


class Guard(Adapter, Protocol):
    """Stops words that must not be said, thought about or acted on."""

    async def judge(self, request: GuardRequest) -> Verdict | None:
        """Why texts of the request are stopped, and which; None if all may pass.

        The topic is that of the first. Raises AdapterError `guard_failed`.
        """
        ...
