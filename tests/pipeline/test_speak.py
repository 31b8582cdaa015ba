"""The speaking stage: where sound, marks and calls lie on the reply's clock, and how fast it leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from frametalk.adapters.base import SpeechChunk, SpeechRequest
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.config import FrametalkSettings, ReplySettings
from frametalk.core.actions import StartReply
from frametalk.core.marks import Mark
from frametalk.errors import FrametalkError
from frametalk.pipeline.reply import CallTool, Reply, SayClause
from frametalk.pipeline.speak import Speak
from frametalk.wire.codec import Media, MediaFlags
from frametalk.wire.messages import ReplyBegin, ReplyEnd, ReplyMarks, ReplyText
from stages import RATE_HZ, Stage, character

pytestmark = pytest.mark.looptime

MS_PER_CHAR = 50
CLAUSE_SAMPLES = len("Very well.") * MS_PER_CHAR * RATE_HZ // 1000
SETTINGS = FrametalkSettings(reply=ReplySettings(voice_timeout_ms=1_000, played_timeout_ms=2_000))


class Calls:
    """Takes the calls that are due, in place of the acting stage."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, int]] = []

    def send(self, call: int, _reply: Reply, at: int) -> None:
        self.sent.append((call, at))

    def entity_named(self, words: str) -> str:
        return {"red_door": "door_7"}.get(words, words)


class Scene:
    """A reply, the stage that speaks it, and a client that plays it."""

    def __init__(self, voice: Any = None, lead_ms: float = 400) -> None:
        self.stage = Stage(SETTINGS)
        self.reply = self.stage.reply(lead_ms=lead_ms)
        self.calls = Calls()
        voice = voice or FixedVoice(rate_hz=RATE_HZ, ms_per_char=MS_PER_CHAR)
        self.speak = Speak(self.stage.context, self.reply, character(voice=voice), self.calls)  # type: ignore[arg-type]

    def write(self, *script: SayClause | CallTool) -> None:
        """Put a whole script before the stage."""
        for item in (*script, None):
            self.reply.script.put_nowait(item)

    async def perform(self, *script: SayClause | CallTool) -> list[Any]:
        """Run both halves while the client plays everything at once; returns what was sent."""
        self.write(*script)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.speak.synthesise())
            group.create_task(self.speak.send())
            group.create_task(self._play())
        return self.stage.sent

    async def _play(self) -> None:
        reply = self.reply
        while not reply.played_out.is_set():
            await asyncio.sleep(0.01)
            reply.report(reply.ledger.sent, done=bool(self.stage.of(ReplyEnd)))


async def test_clauses_and_calls_lie_end_to_end_on_one_clock() -> None:
    scene = Scene()
    one = scene.reply
    script = (SayClause("Very well."), CallTool(7), SayClause("It is done."))
    out = await scene.perform(*script)
    begin = out[0]
    assert isinstance(begin, ReplyBegin)
    assert (begin.reply, begin.turn, begin.rate_hz, begin.character) == (3, 2, RATE_HZ, "smith")
    texts = [(item.text, item.at) for item in out if isinstance(item, ReplyText)]
    assert texts == [("Very well.", 0), ("It is done.", CLAUSE_SAMPLES)]
    assert scene.calls.sent == [(7, CLAUSE_SAMPLES)]
    words = [
        (mark.name, mark.at) for item in out if isinstance(item, ReplyMarks) for mark in item.marks
        if mark.kind == "word"
    ]  # fmt: skip
    assert [name for name, _at in words] == ["Very", "well", "It", "is", "done"]
    assert words[2][1] == CLAUSE_SAMPLES
    frames = [item for item in out if isinstance(item, Media)]
    assert [frame.seq for frame in frames] == list(range(len(frames)))
    assert (out[-1].reply, out[-1].samples) == (3, one.made)
    assert one.ledger.heard() == "Very well. It is done."
    assert scene.stage.error_codes == []


async def test_nothing_is_sent_further_ahead_than_the_lead() -> None:
    scene = Scene(lead_ms=100)
    scene.write(SayClause("A clause that is a good deal longer than the lead."))
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.speak.synthesise())
        with pytest.raises(FrametalkError, match="played_missing"):
            await scene.speak.send()
    assert scene.reply.ledger.sent == RATE_HZ // 10


async def test_a_failing_voice_loses_only_its_clause() -> None:
    class Hoarse(FixedVoice):
        async def speak(self, request: SpeechRequest) -> Any:
            if "well" in request.text:
                await asyncio.sleep(10)
            async for chunk in super().speak(request):
                yield chunk

    scene = Scene(Hoarse(rate_hz=RATE_HZ, ms_per_char=MS_PER_CHAR))
    one = scene.reply
    await scene.perform(SayClause("Very well."), SayClause("It is done."))
    assert scene.stage.error_codes == ["voice_timeout"]
    assert one.ledger.heard().endswith("It is done.")


async def test_the_last_frame_says_so() -> None:
    scene = Scene()
    sent = await scene.perform(SayClause("Very well."))
    frames = [item for item in sent if isinstance(item, Media)]
    assert [frame.flags for frame in frames] == [0] * (len(frames) - 1) + [MediaFlags.LAST]
    assert (frames[-1].payload, frames[-1].sample) == (b"", CLAUSE_SAMPLES)
    assert [frame.seq for frame in frames] == list(range(len(frames)))


async def test_a_gaze_names_the_entity() -> None:
    scene = Scene()
    sent = await scene.perform(SayClause("*looks at the red door* Go. [gaze: moon]"))
    marks = [mark for item in sent if isinstance(item, ReplyMarks) for mark in item.marks]
    gazes = [mark for mark in marks if mark.kind == "gaze"]
    assert [mark.name for mark in gazes] == ["door_7", "moon"]
    assert all(mark.at == mark.end for mark in gazes)


async def test_an_empty_reply_sends_nothing() -> None:
    scene = Scene()
    scene.write()
    await scene.speak.synthesise()
    await scene.speak.send()
    assert scene.stage.sent == []


async def test_figures_are_spoken_as_words_and_directions_become_marks() -> None:
    heard: list[str] = []

    class Listened(FixedVoice):
        async def speak(self, request: SpeechRequest) -> Any:
            heard.append(request.text)
            async for chunk in super().speak(request):
                yield chunk

    scene = Scene(Listened(rate_hz=RATE_HZ, ms_per_char=MS_PER_CHAR))
    one = scene.reply
    out = await scene.perform(SayClause("*nods* [happy] That's 25 gold."), SayClause("*waves*"))
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
    assert scene.stage.error_codes == []


async def test_sound_waits_for_the_mark_of_the_word_it_says() -> None:
    class Bitwise(FixedVoice):
        """Says a number as words of their own, a chunk each."""

        async def speak(self, request: SpeechRequest) -> Any:
            for index, name in enumerate(request.text.replace("-", " ").strip(".").split()):
                yield SpeechChunk(
                    b"\1\1" * 800, (Mark("word", index * 800, index * 800 + 800, name),)
                )

    scene = Scene(Bitwise(RATE_HZ))
    one = scene.reply
    out = await scene.perform(SayClause("That's 25 gold."))
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


async def test_a_number_is_heard_when_all_its_words_are() -> None:
    scene = Scene()
    one = scene.reply
    scene.write(SayClause("That's 25 gold."))
    await scene.speak.synthesise()
    one.ledger.sent = one.made
    at = MS_PER_CHAR * RATE_HZ // 1000
    one.report(15 * at, done=False)
    assert one.ledger.heard() == "That's"
    one.report(18 * at, done=False)
    assert one.ledger.heard() == "That's 25"


async def test_nothing_of_a_draft_is_sent_before_it_is_released() -> None:
    scene = Scene()
    scene.reply = scene.stage.reply(StartReply(3, 2, draft=True))
    scene.speak = Speak(scene.stage.context, scene.reply, character(), scene.calls)  # type: ignore[arg-type]
    scene.write(CallTool(7), SayClause("Very well."))
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.speak.synthesise())
        sending = group.create_task(scene.speak.send())
        await asyncio.sleep(1)
        assert (scene.stage.sent, scene.calls.sent) == ([], [])
        assert scene.reply.has_content
        scene.reply.output.release()
        await asyncio.sleep(0.1)
        kinds = [type(item) for item in scene.stage.sent]
        assert kinds[:3] == [ReplyBegin, ReplyText, ReplyMarks]
        assert Media in kinds
        assert scene.calls.sent == [(7, 0)]
        sending.cancel()


async def test_the_first_sound_is_a_stage_of_the_turn_and_each_clause_a_step() -> None:
    scene = Scene()
    await scene.perform(SayClause("Very well."), SayClause("It is done."))
    assert "voice_first_sound" in scene.reply.trace.instants
    assert scene.stage.value("frametalk_step_seconds_count", step="voice_first_sound") == 1
    assert scene.stage.value("frametalk_step_seconds_count", step="speak") == 2
