"""How many files an event passes on its way through the server, so that a reader can follow it.

docs/architecture.md names them. `transports/` and `wire/` count as one each, and so do `trace` and
`metrics`, which every stage calls to be timed and counted.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, Self

import pytest

import frametalk
from conftest import ROOT
from frametalk.adapters.asr.fixed import FixedRecogniser, FixedStream
from frametalk.adapters.base import Bias, Hypothesis, MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings, ReplySettings, TurnSettings
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from player import engines, playing

pytestmark = pytest.mark.looptime

PACKAGE = Path(frametalk.__file__).parent
COUNTED_AS = dict.fromkeys(("trace", "metrics", "diary"), "trace and metrics")
ONE_EACH = ("transports", "wire")


class Steps:
    """While open, notes each entry into a file of the package, outside the tasks of `others`."""

    def __init__(self, others: set[Any]) -> None:
        self.entries: Counter[str] = Counter()
        self._others = others

    def __enter__(self) -> Self:
        sys.setprofile(self._call)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.setprofile(None)

    def _call(self, frame: FrameType, what: str, _arg: object) -> None:
        name = _name(frame)
        if what != "call" or name is None or asyncio.current_task() in self._others:
            return
        if frame.f_back is None or _name(frame.f_back) != name:
            self.entries[name] += 1

    @property
    def files(self) -> list[str]:
        """Each file once, in the order in which they were entered."""
        return list(self.entries)

    @property
    def stages_entered_often(self) -> list[str]:
        """The stages that were entered three times and more."""
        often = [name for name, count in self.entries.items() if count > 2]
        return [name for name in often if name.startswith("pipeline.")]


def _name(frame: FrameType) -> str | None:
    file = Path(frame.f_code.co_filename)
    if PACKAGE not in file.parents:
        return None
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    if parts[0] == "boundary":  # lets everything pass
        return None
    return parts[0] if parts[0] in ONE_EACH else COUNTED_AS.get(parts[0], "/".join(parts))


def others() -> set[Any]:
    """The test and its player."""
    ours = {task for task in asyncio.all_tasks() if "Player.run" in repr(task.get_coro())}
    return {*ours, asyncio.current_task()}


def described(heading: str) -> list[str]:
    """The files that docs/architecture.md names for a path, in order."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    _, found, rest = page.partition(f"**{heading}**")
    assert found, f"docs/architecture.md: {heading}"
    path = rest.partition("`")[2].partition("`")[0]
    return " ".join(path.split()).split(" -> ")


async def test_a_microphone_frame() -> None:
    async with playing() as player:
        await player.enter()
        await player.sound(200, loud=True)
        with Steps(others()) as steps:
            for n in range(2):  # two of 20 ms, so that a window of 32 ms is full
                at = player.mic_sample + n * 320
                player.link.send_media(Media(MediaKind.PCM16, 1, 10 + n, at, bytes(640)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
    assert steps.files == described("A microphone frame")
    assert len(steps.files) <= 12


class Recogniser(FixedRecogniser):
    """Gives the partial texts that the test wants."""

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> FixedStream:
        self.partial = on_partial
        return super().open(bias, lambda _text: None)


async def test_an_interruption() -> None:
    recogniser = Recogniser(["open the door"])
    settings = FrametalkSettings(turns=TurnSettings(soft_start_ms=0))
    async with playing(replace(engines(), asr=recogniser), settings) as player:
        player.plays = False
        await player.enter()
        await player.speak()
        await player.until(Media)
        player.link.send(m.Played(reply=1, sample=320, t_us=player.now_us()))
        await player.until(m.TurnStateChanged, lambda shown: shown.state == "speaking")
        await player.sound(800, loud=True)
        recogniser.partial(Hypothesis("stop that now"))
        assert player.session is not None
        context, steps = player.session.state.context, Steps(set())
        emit = context.events.emit

        def watched(event: Any) -> None:
            with steps:
                emit(event)

        context.events.emit = watched  # type: ignore[method-assign]
        recogniser.partial(Hypothesis("stop that now"))
        context.events.emit = emit  # type: ignore[method-assign]
        await player.until(m.ReplyCut)
    assert steps.files == described("An interruption")
    assert len(steps.files) <= 12
    assert steps.stages_entered_often == []


class Opener(FixedMind):
    """Opens the door; the path begins where it asks for that."""

    steps: Steps

    async def think(self, request: MindRequest) -> Any:
        if request.step:
            yield TextDelta("It is open.")
        else:
            self.steps.__enter__()  # until the call leaves
            yield ToolRequest("open", {"target": "door"})


async def test_a_tool_call() -> None:
    mind = Opener()
    settings = FrametalkSettings(reply=ReplySettings(think_ahead=False))
    async with playing(engines(mind), settings) as player:
        await player.enter()
        session: Any = player.session
        send = session.state.link.send

        def sent(message: m.AnyMessage) -> None:
            send(message)
            if isinstance(message, m.ToolCall):
                mind.steps.__exit__()

        session.state.link.send = sent
        mind.steps = Steps(others())
        player.link.send(m.Say(text="open the door"))
        await player.until(m.ToolCall)
    assert mind.steps.files == described("A tool call")
    assert len(mind.steps.files) <= 13
    assert mind.steps.stages_entered_often == []


async def test_a_tool_result() -> None:
    mind = FixedMind("It is open.", tool={"name": "open", "args": {"target": "door"}})
    async with playing(engines(mind)) as player:
        await player.enter()
        player.link.send(m.Say(text="open the door"))
        call = await player.until(m.ToolCall)
        with Steps(others()) as steps:
            player.link.send(m.ToolResult(call=call.call, ok=True))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
    assert steps.files == described("A tool result")
    assert len(steps.files) <= 12
