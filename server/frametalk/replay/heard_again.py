"""Engines that answer from a recording in a session that may go another way.

A recogniser and a turn detector answer as they did at about that time; a mind, a voice and a guard as they
did to the same words, after the same time. What the recording does not know is counted in `unknown`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from frametalk.adapters.base import (
    Bias,
    GuardRequest,
    Hypothesis,
    MindEvent,
    MindRequest,
    SpeechChunk,
    SpeechRequest,
    TextDelta,
)
from frametalk.core.audio import Samples
from frametalk.core.guard.judge import Verdict
from frametalk.engines import Engines
from frametalk.replay.entries import Kind
from frametalk.replay.files import Recording
from frametalk.replay.values import from_plain

MS_PER_CHARACTER = 60  # of silence, for a clause whose sound is not in the recording


@dataclass(slots=True)
class Answered:
    """One question to an engine: when it was asked, and what came when, in seconds."""

    asked_s: float
    what: tuple[Any, ...]
    came: list[tuple[float, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Heard:
    """What the engines of a recording have said."""

    speech: list[float] = field(default_factory=list)
    texts: list[tuple[float, Hypothesis]] = field(default_factory=list)  # while the player spoke
    answers: dict[str, list[Answered]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def same(self, whom: str, what: tuple[Any, ...]) -> Answered | None:
        """The next answer to the same question; the last one stays."""
        found = [each for each in self.answers.get(whom, ()) if each.what == what and each.came]
        if not found:
            self.unknown.append(f"{whom}: {' '.join(map(str, what))}")
            return None
        if len(found) > 1:
            self.answers[whom].remove(found[0])
        return found[0]

    def nearest(self, whom: str, at_s: float) -> Answered | None:
        """What was asked at about that time."""
        known = [each for each in self.answers.get(whom, ()) if each.came]
        return min(known, key=lambda each: abs(each.asked_s - at_s), default=None)


def heard(recording: Recording) -> Heard:
    """Read what the engines said. Each task has at most one question open at a time."""
    found = Heard()
    task, open_ = 0, dict[int, Answered]()
    for entry in recording.entries:
        if isinstance(entry, int):
            continue
        match entry:
            case [Kind.STEP | Kind.THROW, task]:
                pass
            case [Kind.ASKED, at_us, whom, what] if whom != "link":
                asked = Answered(at_us / 1e6, tuple(what))
                found.answers.setdefault(whom, []).append(asked)
                open_[task] = asked
            case [Kind.ANSWER, task, at_us, value]:
                if task in open_ and not _is_from_client(value):
                    open_[task].came.append((at_us / 1e6, from_plain(value)))
            case [Kind.FAILED, task, _at_us, _error, _cancelled]:
                open_.pop(task, None)
            case [Kind.CALL, _number, _at_us, _within, ["t", float() as probability]]:
                found.speech.append(probability)
            case [Kind.CALL, _number, at_us, _within, ["t", ["Hypothesis", *_] as text]]:
                found.texts.append((at_us / 1e6, from_plain(text)))
    return found


def _is_from_client(value: Any) -> bool:
    return isinstance(value, list) and value[0] in {"media", "in", "BadInput", "UnknownMessage"}


class Clocked(Protocol):
    """Says how far the session is, in seconds from the recording's beginning."""

    def __call__(self) -> float: ...


def engines_of(recording: Recording, known: Heard, at_s: Clocked) -> Engines:
    """The recorded engines."""
    facts = recording.header.engines
    return Engines(
        vad=_Vad(facts["vad"], known.speech),
        asr=_Recogniser(facts["asr"], known, at_s),
        llm=_Mind(facts["llm"], known),
        tts=_Voice(facts["tts"], known),
        turn=_TurnDetector(facts["turn"], known, at_s) if "turn" in facts else None,
        guard=_Guard(known) if "guard" in facts else None,
    )


class _Engine:
    async def start(self) -> None:
        """It has started."""

    async def close(self) -> None:
        """Nothing is open."""


class _Vad(_Engine):
    def __init__(self, facts: dict[str, Any], speech: list[float]) -> None:
        self.rate_hz, self.window_samples = facts["rate_hz"], facts["window_samples"]
        self._speech: Iterator[float] = iter(speech)

    def open(self) -> _Vad:
        return self

    def process(self, window: Samples) -> float:
        return next(self._speech, 0.0)

    def submit(self, window: Samples, judged: Callable[[float], None]) -> None:
        judged(self.process(window))

    def settle(self) -> None:
        """Nothing waits."""

    def reset(self) -> None:
        """The recording has what came after it."""


class _Recogniser(_Engine):
    def __init__(self, facts: dict[str, Any], known: Heard, at_s: Clocked) -> None:
        self.rate_hz = facts["rate_hz"]
        self.languages = tuple(facts.get("languages", ()))
        self._known, self._at_s = known, at_s

    async def prepare(self, bias: Bias) -> None:
        """It knows what it heard."""

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> _RecogniserStream:
        return _RecogniserStream(self._known, self._at_s, on_partial)


class _RecogniserStream:
    def __init__(
        self, known: Heard, at_s: Clocked, on_partial: Callable[[Hypothesis], None]
    ) -> None:
        self._known, self._at_s, self._on_partial = known, at_s, on_partial
        self._from_s = at_s()
        self._ended = asyncio.Event()

    def feed(self, pcm: bytes) -> None:
        now_s = self._at_s()
        for at_s, text in self._known.texts:
            if self._from_s < at_s <= now_s:
                self._on_partial(text)
        self._from_s = now_s

    async def finalize(self) -> Hypothesis:
        answer = self._known.nearest("recogniser", self._at_s())
        if answer is None:
            return Hypothesis("")
        at_s, text = answer.came[-1]
        try:
            async with asyncio.timeout(max(at_s - answer.asked_s, 0)):
                await self._ended.wait()
        except TimeoutError:
            return text  # type: ignore[no-any-return]
        raise asyncio.CancelledError

    def cancel(self) -> None:
        self._ended.set()


async def _again(answer: Answered) -> AsyncGenerator[Any, None]:
    """The same items after the same time."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for at_s, item in answer.came:
        wait_s = began_s + at_s - answer.asked_s - loop.time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        if item is not None:
            yield item


class _Mind(_Engine):
    def __init__(self, facts: dict[str, Any], known: Heard) -> None:
        self.characters = tuple(facts["characters"])
        self._known = known

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        asked = (request.text, request.step, len(request.outcomes))
        answer = self._known.same("mind", asked)
        if answer is None:
            yield TextDelta("(The recording has no answer to that.)")
            return
        async for event in _again(answer):
            yield event

    def phrases(self, character: str) -> tuple[str, ...]:
        return ()

    def greeting(self, character: str) -> str:
        return ""


class _Voice(_Engine):
    def __init__(self, facts: dict[str, Any], known: Heard) -> None:
        self.rate_hz = facts["rate_hz"]
        self._known = known

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        answer = self._known.same("voice", (request.text,))
        if answer is None:
            silent = MS_PER_CHARACTER * len(request.text) * self.rate_hz // 1000
            yield SpeechChunk(bytes(2 * silent))
            return
        async for chunk in _again(answer):
            yield chunk


class _TurnDetector(_Engine):
    def __init__(self, facts: dict[str, Any], known: Heard, at_s: Clocked) -> None:
        self.rate_hz = facts["rate_hz"]
        self._known, self._at_s = known, at_s

    async def end_probability(self, samples: Samples) -> float:
        answer = self._known.nearest("turn detector", self._at_s())
        return 0.5 if answer is None else float(answer.came[-1][1])


class _Guard(_Engine):
    def __init__(self, known: Heard) -> None:
        self._known = known

    async def judge(self, request: GuardRequest) -> Verdict | None:
        for answer in self._known.answers.get("guard", ()):
            if answer.what == (request.side, request.text) and answer.came:
                return answer.came[-1][1]  # type: ignore[no-any-return]
        return None
