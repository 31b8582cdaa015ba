"""What every engine must offer: the contracts between the pipeline and third-party libraries.

Sound is always int16 mono little-endian. An adapter maps every third-party error to `AdapterError`.
Adapters are shared by all sessions of a process; what `open` and `speak` return belongs to one session.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from frametalk.core.dialogue import Entry
from frametalk.core.marks import Mark
from frametalk.core.scene import Entity, SceneHappening
from frametalk.core.tools import ToolOutcome, ToolSpec
from frametalk.errors import AdapterError

Samples = npt.NDArray[np.int16]


class Adapter(Protocol):
    """Common life cycle. `start` loads what is needed, `close` may be called twice."""

    async def start(self) -> None: ...
    async def close(self) -> None: ...


# ---- voice activity ------------------------------------------------------------------------------


class VadStream(Protocol):
    """Speech probability of one microphone stream; keeps the model's state between windows."""

    def process(self, window: Samples) -> float:
        """Probability 0..1 that `window` (exactly `window_samples` long) holds speech."""
        ...

    def reset(self) -> None: ...


class Vad(Adapter, Protocol):
    rate_hz: int
    window_samples: int

    def open(self) -> VadStream: ...


# ---- end of turn ---------------------------------------------------------------------------------


class TurnDetector(Adapter, Protocol):
    """Judges from the sound whether the player has finished."""

    rate_hz: int

    async def end_probability(self, samples: Samples) -> float:
        """Probability 0..1 that the turn is over at the end of `samples`.

        These are the turn so far; the last 8 s count.
        """
        ...


# ---- recognition ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bias:
    """What is likely to be said here: things and verbs of the scene, sentences the mind knows.

    `things` are entity names and aliases, `verbs` the tools' verbs, `phrases` whole sentences in which
    `{thing}` and `{number}` may stand for any thing or number. Equal biases are equal models.
    """

    things: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One recognised word; `at` and `end` are samples from the first sample fed to the stream."""

    text: str
    at: int
    end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What the recogniser makes of the speech so far.

    The first `stable` characters of `text` will not change any more.
    `alternatives` are other readings, best first (say, the general model's beside the scene's).
    """

    text: str
    stable: int = 0
    words: tuple[HeardWord, ...] = ()
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


class RecogniserStream(Protocol):
    """One stretch of speech being recognised."""

    def feed(self, pcm: bytes) -> None:
        """Take more sound at the recogniser's rate. Never blocks, never awaits."""
        ...

    async def finalize(self) -> Hypothesis:
        """The text of all that was fed, as if nothing but silence followed. May be asked again after
        more sound. Empty text when nothing was understood.
        """
        ...

    def cancel(self) -> None:
        """No more is wanted of it. Safe at any time and twice; a `finalize` under way raises
        CancelledError.
        """
        ...


class Recogniser(Adapter, Protocol):
    rate_hz: int

    async def prepare(self, bias: Bias) -> None:
        """Build what `open(bias)` needs, off the event loop; a no-op when it is there already."""
        ...

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> RecogniserStream:
        """Start listening. Uses the newest prepared model if `bias` is not ready yet.

        `on_partial` is called on the event loop, only when the text changed, never after `cancel`.
        """
        ...


# ---- mind ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of what the character says; may be a token or a whole line."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """The mind wants the game to do something. `ref` is the mind's own id for it.

    `problem` says why it cannot be done as it was asked; the game then never hears of it, the mind does.
    """

    name: str
    args: dict[str, Any]
    ref: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer took, as its server counts it; `cost` in the currency of the settings' prices."""

    prompt_tokens: int
    completion_tokens: int
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed that people should know of, while the answer goes on in another way."""

    error: AdapterError


MindEvent = TextDelta | ToolRequest | Usage | Trouble


@dataclass(frozen=True, slots=True)
class Focus:
    """What the player looks or points at, newest last, as entity ids."""

    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MindRequest:
    """All that a mind may know for one step of one reply.

    `history` ends with this turn's `PlayerSaid`. `outcomes` are this turn's earlier tool calls, so a
    second step (say, call, say) sees how the first one's calls ended; `step` counts from 0, and `said` is
    what earlier steps of this reply said, heard or not. `character` names the character; `scene` and
    `scene_rev` are the state at this moment, `changed` the revision at which an entity last changed,
    `happenings` what happened lately, newest last.
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
    tools: Sequence[ToolSpec] = ()
    focus: Focus = Focus()
    language: str = "en"


class Mind(Adapter, Protocol):
    characters: tuple[str, ...]
    """Names of the characters it can be; the first one is the default."""

    def think(self, request: MindRequest) -> AsyncIterator[MindEvent]:
        """One step: text and tool requests in order. If it asked for tools, another step follows
        with their outcomes. Closing the iterator cancels the work.
        """
        ...

    def phrases(self, character: str) -> tuple[str, ...]:
        """Sentences that this character understands, to bias the recogniser; may be empty.

        May contain `{thing}` and `{number}` (see `Bias`).
        """
        ...

    def greeting(self, character: str) -> str:
        """What the character says unasked when the session begins; may be empty."""
        ...


# ---- voice ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One clause to be spoken. `voice` is the engine's own name of a voice; empty is its default.

    `speed` 1 is the voice's own pace, `volume` 1 its own loudness.
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
    or after the chunk's first sample. Word marks carry the word as written in the request.
    """

    pcm: bytes
    marks: tuple[Mark, ...] = ()


class Voice(Adapter, Protocol):
    rate_hz: int

    def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """Sound of one clause in order. Closing the iterator stops the engine within 20 ms.

        Empty or unspeakable text yields nothing.
        """
        ...


@runtime_checkable
class ListsVoices(Protocol):
    """A voice engine that can tell which voices it has; it need not."""

    async def voices(self) -> tuple[str, ...]:
        """Every name that `SpeechRequest.voice` takes. The engine is started."""
        ...


# ---- any of them ---------------------------------------------------------------------------------


@runtime_checkable
class Checked(Protocol):
    """An adapter that leans on something its start does not need, such as a server elsewhere."""

    async def check(self) -> None:
        """Look whether it is there, once started. Raises AdapterError with the remedy."""
        ...
