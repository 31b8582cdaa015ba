"""The embedded guard: options, long texts, and what a clause costs."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.conformance.guards import GuardConformance
from core.guard.labelled import LINES
from frametalk.adapters.base import GuardRequest
from frametalk.adapters.guard.embedded import PIECE_CHARACTERS, EmbeddedGuard
from frametalk.core.guard.judge import Verdict
from frametalk.errors import ConfigError

LOOP = 125_000  # steps


class TestEmbeddedGuard(GuardConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], EmbeddedGuard]:
        return EmbeddedGuard


async def started(guard: EmbeddedGuard) -> EmbeddedGuard:
    await guard.start()
    return guard


async def test_a_topic_may_be_allowed() -> None:
    rude = GuardRequest("This fucking door.", "character")
    assert await (await started(EmbeddedGuard())).judge(rude) == Verdict("profanity")
    assert await (await started(EmbeddedGuard(allow=("profanity",)))).judge(rude) is None


async def test_an_unknown_topic_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError) as refused:
        await EmbeddedGuard(allow=("profanities",)).start()
    assert "profanity" in refused.value.remedy


async def test_a_game_adds_rules_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[topics]\nspoilers = ["the red ending"]\n', encoding="utf-8")
    guard = await started(EmbeddedGuard(files=(str(file),), allow=("spoilers", "profanity")))
    assert await guard.judge(GuardRequest("Is it the red ending?", "player")) is None
    guard = await started(EmbeddedGuard(files=(str(file),)))
    assert await guard.judge(GuardRequest("Is it the red ending?", "player")) == Verdict("spoilers")
    assert await guard.judge(GuardRequest("Kill yourself!", "character")) == Verdict("self_harm")


@pytest.mark.parametrize("text", ["topics = 3", "[topics", None])
async def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "rules.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"rules\.toml"):
        await EmbeddedGuard(files=(str(file),)).start()


@pytest.mark.parametrize("at", range(PIECE_CHARACTERS - 30, PIECE_CHARACTERS + 10, 3))
async def test_a_phrase_is_found_wherever_a_long_text_is_split(at: int) -> None:
    guard = await started(EmbeddedGuard())
    text = ("lorem " * 200)[:at] + " go and kill yourself now " + "ipsum " * 100
    assert await guard.judge(GuardRequest(text, "character")) == Verdict("self_harm")


async def test_a_long_text_lets_other_tasks_run() -> None:
    guard = await started(EmbeddedGuard())
    async with asyncio.TaskGroup() as group:
        task = group.create_task(guard.judge(GuardRequest("a long word " * 170, "player")))
        turns = 0
        while not task.done():
            turns += 1
            await asyncio.sleep(0)
    assert turns >= 2_000 / PIECE_CHARACTERS


async def test_a_labelled_line_costs_less_than_a_short_loop() -> None:
    """The loop takes 5 ms where half of the lines take less than 0.8 ms, and 99 % less than 2.9 ms."""
    guard = await started(EmbeddedGuard())
    costs_s, loops_s, before = [], [], ""
    for number, line in enumerate(LINES[::5]):
        began_s = time.thread_time()
        await guard.judge(GuardRequest(line.text, "player", before=before, language=line.language))
        costs_s.append(time.thread_time() - began_s)
        before = line.text
        if number % 20 == 0:
            began_s = time.thread_time()
            sum(each * each for each in range(LOOP))
            loops_s.append(time.thread_time() - began_s)
    assert sorted(costs_s)[int(0.99 * len(costs_s))] < statistics.median(loops_s)
