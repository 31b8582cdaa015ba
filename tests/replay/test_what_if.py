"""What would have changed with other settings or another engine."""

from __future__ import annotations

import asyncio

import looptime
import pytest

from frametalk import config
from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.errors import ConfigError
from frametalk.replay.comparison import as_rows, table
from frametalk.replay.files import Recording
from frametalk.replay.run import settings_of
from frametalk.replay.swaps import parsed
from frametalk.replay.what_if import Comparison, on_virtual_time
from frametalk.wire import messages as m
from player import engines, playing
from replaying import Recorders

OPENS = FixedMind("Very well.", tool={"name": "open", "args": {"target": "door"}})


async def spoken(recorders: Recorders) -> None:
    """Two spoken turns, each of which opens the door."""
    texts = ["tell me about the door", "open the door"]
    with_engines = engines(OPENS, texts, finalize_ms=50)
    async with playing(with_engines, recorders.settings, books=recorders.books) as player:
        await player.enter()
        for turn in (1, 2):
            await player.speak(600)
            await player.sound(1_000, loud=False)
            call = await player.until(m.ToolCall, lambda item, turn=turn: item.call == turn)
            player.link.send(m.ToolResult(call=call.call, ok=True))
            await player.until(m.ReplyEnd, lambda item, turn=turn: item.reply >= turn)
            await asyncio.sleep(5)


@pytest.fixture(scope="module")
def recording() -> Recording:
    recorders = Recorders()
    loop = looptime.new_event_loop()
    try:
        loop.run_until_complete(spoken(recorders))
    finally:
        loop.close()
    return recorders.recordings[0]


def with_flags(recording: Recording, *flags: str, **swapped: object) -> Comparison:
    return on_virtual_time(recording, config.changed(settings_of(recording), flags), swapped)


def test_nothing_changes_with_the_same_engines_and_settings(recording: Recording) -> None:
    compared = with_flags(recording)
    rows = as_rows(compared)["turns"]
    texts = [row["recorded"]["transcript"] for row in rows]
    assert texts == ["tell me about the door", "open the door"]
    assert [row["recorded"]["tools"] for row in rows] == [["open door"], ["open door"]]
    assert [row["changed"] for row in rows] == [[], []]
    assert compared.unknown == ()
    assert [line[0] for line in table(compared)] == ["=", "="]


def test_a_shorter_endpoint_delay_ends_turns_earlier_by_as_much(recording: Recording) -> None:
    compared = with_flags(recording, "turns.endpoint_delay_ms=320")
    first = as_rows(compared)["turns"][0]
    earlier_ms = (first["recorded"]["ended_s"] - first["with"]["ended_s"]) * 1000
    assert earlier_ms == pytest.approx(640 - 320, abs=33)  # a window of the VAD
    assert first["recorded"]["transcript"] == first["with"]["transcript"]
    assert any("turn's end -" in line for line in table(compared))


def test_another_recogniser_shows_other_transcripts_and_what_is_not_known(
    recording: Recording,
) -> None:
    compared = with_flags(recording, asr=FixedRecogniser(["sing a song", "open the door"]))
    first, second = as_rows(compared)["turns"]
    assert first["with"]["transcript"] == "sing a song"
    assert "transcript" in first["changed"]
    assert "tools" in first["changed"]
    assert second["changed"] == []
    assert any(question.startswith("mind: sing a song") for question in compared.unknown)


def test_another_mind_is_asked_what_was_said(recording: Recording) -> None:
    compared = with_flags(recording, llm=FixedMind("No."))
    first = as_rows(compared)["turns"][0]
    assert (first["with"]["reply"], first["with"]["tools"]) == ("No.", [])
    assert first["with"]["transcript"] == first["recorded"]["transcript"]


def test_swaps_are_parsed() -> None:
    swaps = parsed(["asr=fixed, turn=", "turns.pause_ms=64"])
    assert swaps.adapters == {"asr": "fixed", "turn": ""}
    assert swaps.flags == ("turns.pause_ms=64",)


@pytest.mark.parametrize(
    ("text", "says"),
    [("asr", "has no value"), ("ear=x", "no engine 'ear'"), ("asr=", "a session needs asr")],
)
def test_wrong_swaps_are_refused(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parsed([text])
