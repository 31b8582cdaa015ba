"""Piper in the speaking stage: the next clause is synthesised while the present one plays."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from frametalk.adapters.tts.piper.voice import PiperVoice
from frametalk.bench.random_models.piper import write
from frametalk.config import FrametalkSettings, ReplySettings
from frametalk.pipeline.reply import SayClause
from frametalk.pipeline.speak import Speak
from frametalk.wire.codec import Media
from frametalk.wire.messages import AnyMessage, ReplyEnd, ReplyMarks
from stages import RecordingLink, Stage, character

pytestmark = pytest.mark.real

FIRST, SECOND = "The blacksmith opened the door.", "Come in, my friend."


class Client(RecordingLink):
    """Collects what is sent; sets an event when the mouth shapes of both clauses were sent."""

    def __init__(self) -> None:
        super().__init__()
        self.both_sent = asyncio.Event()
        self.ended = asyncio.Event()

    def send(self, message: AnyMessage) -> None:
        super().send(message)
        if sum(isinstance(each, ReplyMarks) for each in self.sent) == 2:
            self.both_sent.set()
        if isinstance(message, ReplyEnd):
            self.ended.set()


SLOW = FrametalkSettings(reply=ReplySettings(voice_timeout_ms=30_000, played_timeout_ms=30_000))


async def test_the_next_clause_is_synthesised_while_the_present_one_plays(tmp_path: Path) -> None:
    voice = PiperVoice(str(write(tmp_path / "voice.onnx", "micro")))
    await voice.start()
    out = Client()
    stage = Stage(SLOW, link=out)
    reply = stage.reply(rate_hz=voice.rate_hz)
    no_calls: Any = None
    speaker = Speak(stage.context, reply, character(voice=voice), no_calls)
    for item in (SayClause(FIRST), SayClause(SECOND), None):
        reply.script.put_nowait(item)

    async def play() -> None:
        await out.both_sent.wait()
        # Nothing was played, and at most the lead was sent, all of it from the first clause.
        first, second = (each for each in out.sent if isinstance(each, ReplyMarks))
        assert reply.ledger.played == 0
        assert reply.ledger.sent <= 0.4 * voice.rate_hz < second.marks[0].at
        assert first.marks[-1].end == second.marks[0].at
        while not out.ended.is_set():
            reply.report(reply.ledger.sent, done=False)
            await asyncio.sleep(0)
        reply.report(reply.made, done=True)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(speaker.synthesise())
        group.create_task(speaker.send())
        group.create_task(play())
    await voice.close()
    sent = [each for each in out.sent if isinstance(each, Media)]
    assert sum(len(frame.payload) for frame in sent) == reply.made * 2
    assert reply.ledger.heard() == f"{FIRST} {SECOND}"
