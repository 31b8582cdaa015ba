"""The labelled lines through a session's guard, and a sample of them through whole sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.guard.labelled import LINES, Line
from frametalk.adapters.base import MindEvent, MindRequest, TextDelta, ToolRequest
from frametalk.adapters.guard.embedded import EmbeddedGuard
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.core.tools import ToolSpec
from frametalk.pipeline.guarding import SessionGuard
from frametalk.wire import messages as m
from player import engines, playing
from stages import Stage, character

pytestmark = pytest.mark.looptime

LANGUAGES = ("de", "en", "es", "fr", "it")
EVERY = 25  # of the forbidden lines: about ten for each language
WRITE = ToolSpec("write", parameters={"type": "object"})


def forbidden(language: str, side: str) -> list[Line]:
    """What nobody on this side may say. Two clauses are only for who says them one after the other."""
    lines = [line for line in LINES if line.language == language and not line.harmless]
    return [line for line in lines if side in line.sides]


async def embedded() -> EmbeddedGuard:
    guard = EmbeddedGuard()
    await guard.start()
    return guard


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_forbidden_line_passes_a_sessions_guard(language: str) -> None:
    who = replace(character(), language=language)
    guard = SessionGuard(Stage().context, await embedded(), who, plain=False)
    passed = [
        ("player", line)
        for line in forbidden(language, "player")
        if "||" not in line.text and await guard.player(1, line.text) is None
    ]
    for line in forbidden(language, "character"):
        before, _, text = line.text.rpartition(" || ")
        if await guard.clause(text, before) is None:
            passed.append(("clause", line))
        if not before and await guard.call("write", {"pages": [{"text": text}]}) is None:
            passed.append(("tool", line))
    assert passed == []


class Echo(FixedMind):
    """Says and writes down the line of its turn, and remembers which turns reached it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines
        self.asked: list[str] = []

    async def think(self, request: MindRequest) -> AsyncIterator[MindEvent]:  # type: ignore[override]
        self.asked.append(request.text)
        if request.step:
            return
        line = self.lines[int(request.text.split()[1])]
        yield ToolRequest("write", {"text": line})
        yield TextDelta(line)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_forbidden_line_leaves_a_session(language: str) -> None:
    turns = [line.text for line in forbidden(language, "player")[::EVERY] if "||" not in line.text]
    lines = [
        line.text for line in forbidden(language, "character")[::EVERY] if "||" not in line.text
    ]
    said = [*turns, *(f"line {number}" for number in range(len(lines)))]
    mind = Echo(lines)
    talking = replace(engines(mind), guard=await embedded())
    async with playing(talking) as player:
        await player.enter(tools=(WRITE,), language=language)
        for reply, text in enumerate(said, 1):
            player.link.send(m.Say(text=text))
            end = await player.until(m.ReplyEnd, lambda e, n=reply: e.reply == n)
            assert end.reason == "guard", text
            await player.until(
                m.TurnStateChanged, lambda s, n=reply: s.turn >= n and s.state == "idle"
            )
        heard = {text.text for text in player.of(m.ReplyText)}
        assert not player.of(m.ToolCall)
        assert not heard & {*turns, *lines}
        assert mind.asked
        assert all(text.startswith("line ") for text in mind.asked)
