"""Sessions of players who do anything with engines that fail, recorded; for tests that replay them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from frametalk.adapters.asr.fixed import FixedRecogniser, FixedStream
from frametalk.adapters.base import (
    Bias,
    Hypothesis,
    MindRequest,
    SpeechRequest,
    TextDelta,
    ToolRequest,
)
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.boundary import Boundary
from frametalk.config import FrametalkSettings
from frametalk.engines import Engines
from frametalk.errors import AdapterError, Stage
from frametalk.replay.files import Header, Recording
from frametalk.replay.recorder import Recorder
from frametalk.session_state import Books
from player import DOOR, OPEN, engines

MS_PER_CHAR = 20
STORY = "Once there was a door. It was red, and it would not open for anybody. Then you came."
TEXTS = ("hello", "", "open the door", "uh huh", "stop", "open the")
LOOK = replace(OPEN, name="look", changes_world=False)
SEES_ALL = replace(DOOR, affordances=())
OPERATIONS = {
    "speak": (2, 40),
    "silence": (1, 60),
    "say": (0, 0),
    "interrupt": (0, 3),
    "play": (0, 3_000),
    "listen": (1, 40),
    "tools": (0, 5),
    "garbage": (0, 9),
    "microphone": (0, 2),
    "scene": (0, 2),
    "hint": (0, 2),
    "floor": (0, 4),
}
BREAKS = {"break": (0, 20_000), "take_over": (0, 1), "pause": (0, 20_000)}


class MemorySink:
    """Keeps a recording in memory, as it comes back from a file."""

    def __init__(self, settings: FrametalkSettings, session: str = "test") -> None:
        self._settings = settings
        self._session = session
        self._entries: list[Any] = []
        self._header: Header | None = None
        self._end = ""

    def begin(self, subject: str, base_us: int, engines: dict[str, Any]) -> None:
        """The player agrees."""
        self._header = Header(
            frametalk="test",
            session=self._session,
            began=0.0,
            base_us=base_us,
            settings=msgspec.to_builtins(self._settings),
            engines=engines,
        )

    def add(self, entries: list[Any]) -> bool:
        """Take a batch."""
        self._entries += entries
        return True

    def end(self, why: str) -> None:
        """It has ended."""
        self._end = why

    @property
    def recording(self) -> Recording:
        """What a file would have."""
        assert self._header is not None, "the player did not agree"
        whole = Recording(self._header, self._entries, self._end)
        return msgspec.msgpack.decode(msgspec.msgpack.encode(whole), type=Recording)


class Recorders:
    """Makes a recorder for each session of a test, whose players always agree."""

    def __init__(self, settings: FrametalkSettings | None = None) -> None:
        self.settings = loaded(settings or FrametalkSettings())
        self._sinks: list[MemorySink] = []

    def _of(self, session: str, now: Callable[[], float]) -> Boundary:
        self._sinks.append(MemorySink(self.settings, session))
        return _Always(now, self._sinks[-1])

    @property
    def books(self) -> Books:
        """For the sessions to record."""
        return Books(boundary=self._of)

    @property
    def recordings(self) -> list[Recording]:
        """Of all sessions that began."""
        return [sink.recording for sink in self._sinks if sink._header is not None]


class _Always(Recorder):
    def agreed(self, agrees: bool, subject: str) -> None:
        super().agreed(True, subject)


def loaded(settings: FrametalkSettings) -> FrametalkSettings:
    """The settings as a file gives them: a whole number in a field of milliseconds is a float."""
    return msgspec.convert(msgspec.to_builtins(settings), FrametalkSettings)


def any_operations(chance: random.Random, *, breaks: bool) -> list[tuple[str, int]]:
    """What a player does."""
    known = OPERATIONS | (BREAKS if breaks else {})
    often = [4 if name in {"speak", "silence", "play", "listen"} else 1 for name in known]
    names = chance.choices(list(known), often, k=chance.randint(10, 30))
    return [(name, chance.randint(*known[name])) for name in names]


def faulty_engines(chance: random.Random) -> Engines:
    """Engines that are slow and fail now and then."""
    finalize_ms, first_token_ms = (
        chance.choice((0.0, 60.0, 400.0)),
        chance.choice((0.0, 100.0, 900.0)),
    )
    fails = _Fails(chance)
    good = engines()
    return replace(
        good,
        llm=_Mind(fails, first_token_ms),
        asr=_Recogniser(fails, finalize_ms),
        tts=_Voice(fails),
    )


class _Fails:
    """Raises now and then."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def __call__(self, code: str, stage: Stage) -> None:
        if self._chance.random() < 0.15:
            raise AdapterError(code, "it failed", stage=stage)


class _Mind(FixedMind):
    """Talks, looks, opens the door, and talks on."""

    def __init__(self, fails: Callable[[str, Stage], None], first_token_ms: float) -> None:
        super().__init__(first_token_ms=first_token_ms)
        self._fails = fails

    async def think(self, request: MindRequest) -> Any:
        if self._first_s:
            await asyncio.sleep(self._first_s)
        self._fails("mind_server", Stage.THINK)
        yield TextDelta(STORY)
        self._fails("mind_stream", Stage.THINK)
        if request.step == 0:
            yield ToolRequest("look", {"target": "door"})
            yield ToolRequest("open", {"target": "door"})


class _Recogniser(FixedRecogniser):
    def __init__(self, fails: Callable[[str, Stage], None], finalize_ms: float) -> None:
        super().__init__(list(TEXTS), finalize_ms)
        self._fails = fails

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> FixedStream:
        stream = super().open(bias, on_partial)
        finalize = stream.finalize

        async def finalized() -> Hypothesis:
            self._fails("asr_failed", Stage.HEAR)
            return await finalize()

        stream.finalize = finalized  # type: ignore[method-assign]
        return stream


class _Voice(FixedVoice):
    def __init__(self, fails: Callable[[str, Stage], None]) -> None:
        super().__init__(ms_per_char=MS_PER_CHAR)
        self._fails = fails

    async def speak(self, request: SpeechRequest) -> Any:
        self._fails("voice_failed", Stage.SPEAK)
        async for chunk in super().speak(request):
            yield chunk
