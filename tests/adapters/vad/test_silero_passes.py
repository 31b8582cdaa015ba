"""When windows wait for those of other streams, and what one stream does to another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from frametalk.adapters.vad import silero_passes, silero_weights
from frametalk.adapters.vad.silero_model import LARGEST_PASS, WINDOW_SAMPLES, SileroModel
from frametalk.adapters.vad.silero_passes import (
    ALONE_S,
    HELD_WINDOWS,
    QUIET_RANGE,
    WAIT_S,
    Passes,
    Row,
    StreamState,
)

pytestmark = pytest.mark.looptime


class CountingModel(SileroModel):
    """Keeps how many windows each pass had."""

    def __init__(self) -> None:
        super().__init__(silero_weights.read(silero_weights.packaged()))
        self.passes: list[int] = []

    def gates(self, count: int) -> Any:
        self.passes.append(count)
        return super().gates(count)


class Player:
    """One stream that submits sound of its own."""

    def __init__(self, passes: Passes, seed: int = 0) -> None:
        self.state = StreamState()
        self.found: list[float] = []
        self._passes = passes
        self._random = np.random.default_rng(seed)

    def row(self, judged: Callable[[float], None] | None = None) -> Row:
        window = (self._random.standard_normal(WINDOW_SAMPLES) * 3_000).astype(np.int16)
        return Row(window, judged or self.found.append)

    def submit(self, judged: Callable[[float], None] | None = None) -> None:
        self.state.rows.append(self.row(judged))
        self._passes.due(self.state)


@pytest.fixture
def model() -> CountingModel:
    return CountingModel()


@pytest.fixture
def passes(model: CountingModel) -> Passes:
    return Passes(model)


async def test_windows_of_several_streams_share_a_pass(
    passes: Passes, model: CountingModel
) -> None:
    players = [Player(passes, seed) for seed in range(8)]
    for player in players:
        player.submit()
    assert not any(player.found for player in players)
    await asyncio.sleep(WAIT_S)
    assert [len(player.found) for player in players] == [1] * 8
    assert model.passes == [8]


async def test_a_stream_that_is_alone_does_not_wait(passes: Passes, model: CountingModel) -> None:
    player = Player(passes)
    player.submit()
    await asyncio.sleep(ALONE_S)
    player.submit()
    player.submit()
    assert len(player.found) == 3
    assert model.passes == [1, 1, 1]


async def test_after_another_stream_was_heard_windows_wait_again(
    passes: Passes, model: CountingModel
) -> None:
    one, other = Player(passes, 1), Player(passes, 2)
    one.submit()
    await asyncio.sleep(ALONE_S)
    other.submit()
    one.submit()
    assert not other.found
    await asyncio.sleep(WAIT_S)
    assert len(other.found) == 1
    assert model.passes == [1, 2]


async def test_several_windows_of_a_stream_keep_their_order(passes: Passes) -> None:
    one, alone = Player(passes, 1), Player(Passes(CountingModel()), 1)
    others = [Player(passes, seed) for seed in range(2, 7)]
    for _ in range(5):
        for player in (one, *others):
            player.submit()
    for _ in range(5):
        alone.submit()
        await asyncio.sleep(WAIT_S)
    assert one.found == pytest.approx(alone.found, abs=1e-4)
    assert len(set(one.found)) == 5


@pytest.mark.parametrize("count", [LARGEST_PASS - 1, LARGEST_PASS, 3 * LARGEST_PASS + 5])
async def test_a_burst_of_one_stream_goes_in_passes_of_bounded_size(
    passes: Passes, model: CountingModel, count: int
) -> None:
    one, other, alone = Player(passes, 1), Player(passes, 2), Player(passes, 1)
    other.state.rows.append(other.row())
    one.state.rows += [one.row() for _ in range(count)]
    passes.run((other.state, one.state))
    assert len(other.found) == 1
    assert sum(model.passes) == count + 1
    assert max(model.passes) <= LARGEST_PASS
    for _ in range(count):
        alone.state.rows.append(alone.row())
        passes.run((alone.state,))
    assert one.found == pytest.approx(alone.found, abs=1e-4)


async def test_a_session_that_ends_the_others_turn_by_turn_is_judged_no_more(
    passes: Passes,
) -> None:
    one, other = Player(passes, 1), Player(passes, 2)
    one.submit(lambda _probability: other.state.reset())
    other.submit()
    await asyncio.sleep(WAIT_S)
    assert other.found == []
    other.submit()
    await asyncio.sleep(WAIT_S)
    assert len(other.found) == 1


async def test_an_error_of_one_session_is_logged_and_the_others_are_judged(passes: Passes) -> None:
    def fail(_probability: float) -> None:
        raise RuntimeError("of one session")

    caught: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: caught.append(what))
    players = [Player(passes, seed) for seed in range(4)]
    players[0].submit(fail)
    for player in players[1:]:
        player.submit()
    await asyncio.sleep(WAIT_S)
    assert [len(player.found) for player in players] == [0, 1, 1, 1]
    assert [str(what["exception"]) for what in caught] == ["of one session"]


class QuietPlayer:
    """One stream after half a second of digital silence."""

    def __init__(self, passes: Passes, model: CountingModel) -> None:
        self.found: list[float] = []
        self.model = model
        self._state, self._passes = StreamState(), passes
        for _ in range(16):
            self.hear(0)
        self._state._held.clear()
        model.passes.clear()

    def hear(self, level: int) -> None:
        """A window of noise whose samples reach this level."""
        random = np.random.default_rng(len(self.found))
        window = random.integers(-level, level + 1, WINDOW_SAMPLES).astype(np.int16)
        if self._state.take(window, self.found.append):
            self._passes.run((self._state,))

    def reset(self) -> None:
        self._state.reset()


@pytest.fixture
def quiet_player(passes: Passes, model: CountingModel) -> QuietPlayer:
    return QuietPlayer(passes, model)


def test_quiet_windows_in_silence_do_not_go_through_the_model(quiet_player: QuietPlayer) -> None:
    before = quiet_player.found[-1]
    for _ in range(100):
        quiet_player.hear(QUIET_RANGE // 2)
    assert quiet_player.model.passes == []
    assert quiet_player.found[16:] == [before] * 100


def test_a_louder_window_goes_through_the_model_with_the_newest_quiet_ones(
    quiet_player: QuietPlayer,
) -> None:
    for _ in range(3):
        quiet_player.hear(10)
    quiet_player.hear(5_000)
    for _ in range(100):
        quiet_player.hear(10)
    quiet_player.hear(5_000)
    assert quiet_player.model.passes[0] == 4
    assert max(quiet_player.model.passes) == HELD_WINDOWS + 1
    assert len(quiet_player.found) == 16 + 105


def test_windows_that_are_held_change_nothing_for_those_that_follow(
    passes: Passes, model: CountingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = [10] * HELD_WINDOWS + [8_000] * 5
    holding = QuietPlayer(passes, model)
    monkeypatch.setattr(silero_passes, "QUIET_RANGE", -1)
    whole = QuietPlayer(Passes(CountingModel()), CountingModel())
    for level in levels:
        whole.hear(level)
    monkeypatch.undo()
    # The first silences were held too: the model hears the newest of them only.
    for level in levels:
        holding.hear(level)
    assert holding.found[-5:] == pytest.approx(whole.found[-5:], abs=0.05)


def test_a_pause_after_speech_is_judged_by_the_model(quiet_player: QuietPlayer) -> None:
    quiet_player._state.probability = 0.9
    quiet_player.hear(0)
    assert quiet_player.model.passes == [1]


def test_after_a_reset_the_model_judges_until_it_finds_silence(quiet_player: QuietPlayer) -> None:
    quiet_player.reset()
    quiet_player.hear(0)
    assert quiet_player.model.passes == [1]


def test_windows_are_judged_in_a_later_loop_if_one_closed_with_them(passes: Passes) -> None:
    one, other = Player(passes, 1), Player(passes, 2)

    async def submit(*players: Player) -> None:
        for player in players:
            player.submit()

    async def wait() -> None:
        await submit(one, other)
        await asyncio.sleep(2 * WAIT_S)

    with suppress(RuntimeError):
        asyncio.run(submit(one, other))
    asyncio.run(wait())
    assert len(one.found) == len(other.found) == 2
