"""Piper in the speaking stage: the next clause is synthesised while the present one plays."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from frametalk.adapters.base import SpeechRequest
from frametalk.adapters.tts.piper.voice import PiperVoice
from frametalk.bench.random_models.piper import write
from frametalk.pipeline.recognition import SpokenTurn
from frametalk.pipeline.reply import Reply, SayClause
from frametalk.pipeline.speak import Speak
from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import reword
from frametalk.trace import TurnTrace
from frametalk.wire.codec import Media
from frametalk.wire.messages import ReplyEnd, ReplyMarks

pytestmark = pytest.mark.real

FIRST, SECOND = "The blacksmith opened the door.", "Come in, my friend."


class Out:
    """Collects what the stage sends; sets an event when both clauses' mouth shapes were sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.both_sent = asyncio.Event()
        self.ended = asyncio.Event()

    def send(self, item: Any) -> None:
        self.sent.append(item)
        if sum(isinstance(each, ReplyMarks) for each in self.sent) == 2:
            self.both_sent.set()
        if isinstance(item, ReplyEnd):
            self.ended.set()


def stage(reply: Reply, voice: PiperVoice, out: Out) -> Speak:
    errors: list[Any] = []
    return Speak(
        reply,
        voice,
        SpeechRequest(""),
        reword=lambda text: reword(text, "en", number_words),
        character="smith",
        frame_ms=20,
        voice_timeout_ms=30_000,
        played_timeout_ms=30_000,
        send=out.send,
        send_media=out.send,
        send_call=lambda *_call: None,
        report_error=errors.append,
        now=asyncio.get_running_loop().time,
    )


async def test_the_next_clause_is_synthesised_while_the_present_one_plays(tmp_path: Path) -> None:
    voice = PiperVoice(str(write(tmp_path / "voice.onnx", "micro")))
    await voice.start()
    out = Out()
    reply = Reply(1, SpokenTurn(1, 1, TurnTrace(), None, voice.rate_hz), voice.rate_hz, 400)
    speaker = stage(reply, voice, out)
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
