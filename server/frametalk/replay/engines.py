"""Engines at the boundary of a session: what they are asked and what they answer.

In a replay there is nothing behind them (`engine` is None): every answer comes from the recording.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from frametalk.adapters.base import (
    Bias,
    GuardRequest,
    Hypothesis,
    MindEvent,
    MindRequest,
    SpeechChunk,
    SpeechRequest,
)
from frametalk.boundary import Boundary
from frametalk.core.audio import Samples
from frametalk.core.guard.judge import Verdict
from frametalk.core.languages import SetLines
from frametalk.engines import Engines

# What an engine may have or not, by kind; see `adapters/base.py`.
OPTIONAL = {
    "asr": ("languages",),
    "llm": ("set_lines", "warm", "if_refused"),
    "tts": ("languages", "licence", "prepare"),
}
FACTS = {
    "vad": ("rate_hz", "window_samples"),
    "asr": ("rate_hz", "languages"),
    "llm": ("characters", "has_quick_answers"),
    "tts": ("rate_hz",),
    "turn": ("rate_hz",),
    "guard": (),
}


def described(engines: Engines) -> dict[str, Any]:
    """What of the engines a replay has to know: their facts, and what each `has` of OPTIONAL."""
    found: dict[str, Any] = {}
    for kind, facts in FACTS.items():
        engine = getattr(engines, kind)
        if engine is not None:
            has = [name for name in OPTIONAL.get(kind, ()) if hasattr(engine, name)]
            values = {name: getattr(engine, name) for name in facts if hasattr(engine, name)}
            found[kind] = {**values, "has": has}
    return found


def at_boundary(boundary: Boundary, facts: dict[str, Any], engines: Engines | None) -> Engines:
    """All engines of a session."""

    def engine(kind: str) -> Any:
        return None if engines is None else getattr(engines, kind)

    return Engines(
        vad=_Vad(boundary, facts["vad"], engine("vad")),
        asr=_Recogniser(boundary, facts["asr"], engine("asr")),
        llm=_Mind(boundary, facts["llm"], engine("llm")),
        tts=_Voice(boundary, facts["tts"], engine("tts")),
        turn=_TurnDetector(boundary, facts["turn"], engine("turn")) if "turn" in facts else None,
        guard=_Guard(boundary, facts["guard"], engine("guard")) if "guard" in facts else None,
    )


class _Engine:
    """One engine. What it does not have, this does not have either."""

    def __init__(self, boundary: Boundary, facts: dict[str, Any], engine: Any) -> None:
        self._boundary = boundary
        self._engine = engine
        for name, value in facts.items():
            if name == "has":
                for method in value:
                    if not hasattr(self, method):
                        setattr(self, method, getattr(self, f"_{method}"))
            else:
                setattr(self, name, tuple(value) if isinstance(value, list) else value)

    async def start(self) -> None:
        """The server starts engines."""

    async def close(self) -> None:
        """The server closes engines."""

    async def _all(
        self, make: Callable[[], AsyncGenerator[Any, None]]
    ) -> AsyncGenerator[Any, None]:
        """Each item of what `make` makes."""
        items = make() if self._boundary.live else None

        def following() -> Awaitable[Any]:
            assert items is not None  # noqa: S101  (only what is live is awaited)
            return items.__anext__()

        async def end() -> None:
            if items is not None:
                await items.aclose()

        try:
            while True:
                try:
                    item = await self._boundary.answer(following)
                except StopAsyncIteration:
                    return
                yield item
        finally:
            await self._boundary.answer(end)


class _VadStream:
    def __init__(self, boundary: Boundary, stream: Any) -> None:
        self._boundary = boundary
        self._stream = stream
        self._waiting: deque[Callable[[float], None]] = deque()
        self._told = boundary.callback(self._tell)

    def _tell(self, probability: float) -> None:
        self._waiting.popleft()(probability)

    def process(self, window: Samples) -> float:
        return self._boundary.value(lambda: float(self._stream.process(window)))

    def submit(self, window: Samples, judged: Callable[[float], None]) -> None:
        self._waiting.append(judged)
        self._boundary.value(lambda: self._stream.submit(window, self._told))

    def _settle(self) -> None:
        self._stream.settle()

    def settle(self) -> None:
        self._boundary.value(self._settle)

    def _reset(self) -> None:
        self._stream.reset()

    def reset(self) -> None:
        self._waiting.clear()
        self._boundary.value(self._reset)


class _Vad(_Engine):
    rate_hz: int
    window_samples: int

    def open(self) -> _VadStream:
        return _VadStream(self._boundary, self._engine.open() if self._boundary.live else None)


class _RecogniserStream:
    def __init__(
        self, boundary: Boundary, engine: Any, bias: Bias, on_partial: Callable[[Hypothesis], None]
    ) -> None:
        self._boundary = boundary
        self._stream: Any = None
        heard = boundary.callback(on_partial)

        def open_() -> None:
            self._stream = engine.open(bias, heard)

        boundary.value(open_)

    def feed(self, pcm: bytes) -> None:
        self._boundary.value(lambda: self._stream.feed(pcm))

    async def finalize(self) -> Hypothesis:
        self._boundary.asked("recogniser", "finalize")
        return await self._boundary.answer(self._finalize)

    def _finalize(self) -> Awaitable[Hypothesis]:
        finalizing: Awaitable[Hypothesis] = self._stream.finalize()
        return finalizing

    def cancel(self) -> None:
        self._boundary.value(self._cancel)

    def _cancel(self) -> None:
        self._stream.cancel()


class _Recogniser(_Engine):
    rate_hz: int
    languages: tuple[str, ...]

    async def prepare(self, bias: Bias) -> None:
        await self._boundary.answer(lambda: self._engine.prepare(bias))

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> _RecogniserStream:
        return _RecogniserStream(self._boundary, self._engine, bias, on_partial)


class _Mind(_Engine):
    characters: tuple[str, ...]

    def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        self._boundary.asked("mind", request.text, request.step, len(request.outcomes))
        return self._all(lambda: self._engine.think(request))

    def phrases(self, character: str) -> tuple[str, ...]:
        return self._boundary.value(lambda: self._engine.phrases(character))

    def greeting(self, character: str) -> str:
        return str(self._boundary.value(lambda: self._engine.greeting(character)))

    def _set_lines(self, character: str) -> SetLines:
        lines: SetLines = self._boundary.value(lambda: self._engine.set_lines(character))
        return lines

    def _if_refused(self, request: MindRequest) -> str:
        return str(self._boundary.value(lambda: self._engine.if_refused(request)))

    async def _warm(self, request: MindRequest) -> None:
        await self._boundary.answer(lambda: self._engine.warm(request))


class _Voice(_Engine):
    rate_hz: int

    def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        self._boundary.asked("voice", request.text)
        return self._all(lambda: self._engine.speak(request))

    def _languages(self, voice: str) -> tuple[str, ...]:
        return self._boundary.value(lambda: self._engine.languages(voice))

    def _licence(self, voice: str, language: str) -> str:
        return str(self._boundary.value(lambda: self._engine.licence(voice, language)))

    async def _prepare(self, request: SpeechRequest) -> None:
        await self._boundary.answer(lambda: self._engine.prepare(request))


class _TurnDetector(_Engine):
    rate_hz: int

    async def end_probability(self, samples: Samples) -> float:
        self._boundary.asked("turn detector")
        return await self._boundary.answer(lambda: self._engine.end_probability(samples))


class _Guard(_Engine):
    async def judge(self, request: GuardRequest) -> Verdict | None:
        self._boundary.asked("guard", request.side, request.text)
        return await self._boundary.answer(lambda: self._engine.judge(request))
