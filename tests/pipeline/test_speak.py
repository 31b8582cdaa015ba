"""The speaking stage: where sound, marks and calls lie on the reply's clock, and how fast it leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.core.marks import Mark
from frametalk.errors import FrametalkError
from frametalk.pipeline.recognition import SpokenTurn
from frametalk.pipeline.reply import CallTool, Reply, SayClause
from frametalk.pipeline.speak import Speak
from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import reword
from frametalk.trace import TurnTrace
from frametalk.wire.codec import Media
from frametalk.wire.messages import ReplyBegin, ReplyEnd, ReplyMarks, ReplyText

pytestmark = pytest.mark.looptime

RATE_HZ = 16_000
MS_PER_CHAR = 50
CLAUSE_SAMPLES = len("Very well.") * MS_PER_CHAR * RATE_HZ // 1000


def reply(lead_ms: float = 400) -> Reply:
    """A reply to a typed turn."""
    return Reply(3, SpokenTurn(2, 1, TurnTrace(), None, RATE_HZ), RATE_HZ, lead_ms)


def speak(one: Reply, out: list[Any], errors: list[str], voice: Any = None) -> Speak:
    """A speaker whose every output lands in `out`."""
    return Speak(
        one,
        voice or FixedVoice(rate_hz=RATE_HZ, ms_per_char=MS_PER_CHAR),
        SpeechRequest(""),
        reword=lambda text: reword(text, "en", number_words),
        character="smith",
        frame_ms=20,
        voice_timeout_ms=1_000,
        played_timeout_ms=2_000,
        send=out.append,
        send_media=out.append,
        send_call=lambda call, _reply, at: out.append((call, at)),
        report_error=lambda error: errors.append(error.code),
        now=asyncio.get_running_loop().time,
    )


async def perform(
    one: Reply, speaker: Speak, out: list[Any], *script: SayClause | CallTool
) -> None:
    """Run both halves while a listener hears everything the moment it is sent."""
    for item in (*script, None):
        one.script.put_nowait(item)

    async def hear() -> None:
        while not one.played_out.is_set():
            await asyncio.sleep(0.01)
            one.report(one.ledger.sent, done=bool(out) and isinstance(out[-1], ReplyEnd))

    async with asyncio.TaskGroup() as group:
        group.create_task(speaker.synthesise())
        group.create_task(speaker.send())
        group.create_task(hear())


async def test_clauses_and_calls_lie_end_to_end_on_one_clock() -> None:
    one, out, errors = reply(), [], []
    script = (SayClause("Very well."), CallTool(7), SayClause("It is done."))
    await perform(one, speak(one, out, errors), out, *script)
    begin = out[0]
    assert isinstance(begin, ReplyBegin)
    assert (begin.reply, begin.turn, begin.rate_hz, begin.character) == (3, 2, RATE_HZ, "smith")
    texts = [(item.text, item.at) for item in out if isinstance(item, ReplyText)]
    assert texts == [("Very well.", 0), ("It is done.", CLAUSE_SAMPLES)]
    assert (7, CLAUSE_SAMPLES) in out
    words = [
        (mark.name, mark.at) for item in out if isinstance(item, ReplyMarks) for mark in item.marks
        if mark.kind == "word"
    ]  # fmt: skip
    assert [name for name, _at in words] == ["Very", "well", "It", "is", "done"]
    assert words[2][1] == CLAUSE_SAMPLES
    frames = [item for item in out if isinstance(item, Media)]
    assert [frame.seq for frame in frames] == list(range(len(frames)))
    assert out[-1] == ReplyEnd(reply=3, samples=one.made)
    assert one.ledger.heard() == "Very well. It is done."
    assert errors == []


async def test_nothing_is_sent_further_ahead_than_the_lead() -> None:
    one, out = reply(lead_ms=100), []
    one.script.put_nowait(SayClause("A clause that is a good deal longer than the lead."))
    one.script.put_nowait(None)
    speaker = speak(one, out, [])
    synthesis = asyncio.ensure_future(speaker.synthesise())  # noqa: TID251  (the test is the owner)
    with pytest.raises(FrametalkError, match="played_missing"):
        await speaker.send()
    await synthesis
    assert one.ledger.sent == RATE_HZ // 10


async def test_a_voice_that_fails_costs_its_clause_only() -> None:
    class Hoarse(FixedVoice):
        async def speak(self, request: SpeechRequest) -> Any:
            if "well" in request.text:
                await asyncio.sleep(10)
            async for chunk in super().speak(request):
                yield chunk

    one, out, errors = reply(), [], []
    voice = Hoarse(rate_hz=RATE_HZ, ms_per_char=MS_PER_CHAR)
    script = (SayClause("Very well."), SayClause("It is done."))
    await perform(one, speak(one, out, errors, voice), out, *script)
    assert errors == ["voice_timeout"]
    assert one.ledger.heard().endswith("It is done.")


async def test_a_reply_without_a_word_begins_nothing() -> None:
    one, out = reply(), []
    one.script.put_nowait(None)
    speaker = speak(one, out, [])
    await speaker.synthesise()
    await speaker.send()
    assert out == []


async def test_it_speaks_figures_shows_what_was_written_and_places_directions() -> None:
    heard: list[str] = []

    class Listened(FixedVoice):
        async def speak(self, request: SpeechRequest) -> Any:
            heard.append(request.text)
            async for chunk in super().speak(request):
                yield chunk

    one, out, errors = reply(), [], []
    voice = Listened(rate_hz=RATE_HZ, ms_per_char=MS_PER_CHAR)
    script = (SayClause("*nods* [happy] That's 25 gold."), SayClause("*waves*"))
    await perform(one, speak(one, out, errors, voice), out, *script)
    assert heard == ["That's twenty-five gold."]
    assert [item.text for item in out if isinstance(item, ReplyText)] == ["That's 25 gold."]
    at = MS_PER_CHAR * RATE_HZ // 1000
    marks = [mark for item in out if isinstance(item, ReplyMarks) for mark in item.marks]
    assert [(m.kind, m.name, m.at // at, m.end // at) for m in marks if m.kind != "viseme"] == [
        ("gesture", "nod", 0, 0),
        ("emotion", "happy", 0, 0),
        ("word", "That's", 0, 6),
        ("word", "25", 7, 18),
        ("word", "gold", 19, 23),
        ("gesture", "wave", 24, 24),
    ]
    assert one.ledger.heard() == "That's 25 gold."
    assert one.ledger.sounding() == "That's twenty-five gold."
    assert errors == []


async def test_sound_waits_for_the_mark_of_the_word_it_says() -> None:
    class Bitwise(FixedVoice):
        """Says a number as words of their own, a chunk each."""

        async def speak(self, request: SpeechRequest) -> Any:
            for index, name in enumerate(request.text.replace("-", " ").strip(".").split()):
                yield SpeechChunk(
                    b"\1\1" * 800, (Mark("word", index * 800, index * 800 + 800, name),)
                )

    one, out = reply(), []
    await perform(one, speak(one, out, [], Bitwise(RATE_HZ)), out, SayClause("That's 25 gold."))
    sent = [item for item in out if isinstance(item, ReplyMarks | Media)]
    before: list[int] = []
    for item in sent:
        if isinstance(item, Media):
            before.append(item.sample)
        else:
            assert all(mark.at >= max(before, default=-1) for mark in item.marks)
    words = [(m.name, m.at, m.end) for i in sent if isinstance(i, ReplyMarks) for m in i.marks]
    assert words == [("That's", 0, 800), ("25", 800, 2400), ("gold", 2400, 3200)]
    assert one.ledger.heard() == "That's 25 gold."


async def test_half_a_spoken_number_is_no_written_word_heard() -> None:
    one, out = reply(), []
    speaker = speak(one, out, [])
    one.script.put_nowait(SayClause("That's 25 gold."))
    one.script.put_nowait(None)
    await speaker.synthesise()
    one.ledger.sent = one.made
    at = MS_PER_CHAR * RATE_HZ // 1000
    one.report(15 * at, done=False)
    assert one.ledger.heard() == "That's"
    one.report(18 * at, done=False)
    assert one.ledger.heard() == "That's 25"
