"""A reply's output, kept for a draft and closed at its end, and its pace by the client's reports."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.core.actions import StartReply
from frametalk.errors import FrametalkError
from frametalk.pipeline.reply import Reply
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import ReplyText
from stages import RATE_HZ, Stage

pytestmark = pytest.mark.looptime


def text(words: str) -> ReplyText:
    return ReplyText(reply=3, text=words, at=0)


def draft(stage: Stage) -> Reply:
    return stage.reply(StartReply(3, 2, draft=True))


async def test_an_ordinary_reply_sends_at_once() -> None:
    stage = Stage()
    reply = stage.reply()
    reply.output.send(text("Well met."))
    assert not reply.is_draft
    assert [item.text for item in stage.of(ReplyText)] == ["Well met."]


async def test_a_released_draft_sends_what_was_kept_in_order() -> None:
    stage = Stage()
    reply = draft(stage)
    frame = Media(MediaKind.PCM16, 3, 0, 0, b"\0\0")
    reply.output.send(text("Well met."))
    reply.output.send_media(frame)
    assert (stage.sent, reply.is_draft) == ([], True)
    reply.output.release()
    assert [type(item) for item in stage.sent] == [ReplyText, Media]
    reply.output.send(text("Go on."))
    assert len(stage.sent) == 3


async def test_a_discarded_draft_sends_nothing() -> None:
    stage = Stage()
    reply = draft(stage)
    reply.output.send(text("Well met."))
    reply.output.end()
    reply.output.release()
    reply.output.send(text("Go on."))
    assert (stage.sent, reply.ended) == ([], True)


async def test_an_ended_reply_sends_nothing_more() -> None:
    stage = Stage()
    reply = stage.reply()
    reply.output.end()
    reply.output.send(text("Too late."))
    assert stage.sent == []


async def test_a_frame_waits_until_it_is_within_the_lead_of_playback() -> None:
    reply = Stage().reply(lead_ms=100)
    reply.ledger.sent = RATE_HZ
    await reply.room_for(1_599, 1_000)
    waiting = asyncio.ensure_future(reply.room_for(1_600, 1_000))  # noqa: TID251  (awaited below)
    await asyncio.sleep(0.5)
    assert not waiting.done()
    reply.report(1, done=False)
    await waiting


async def test_a_client_that_reports_nothing_ends_the_wait() -> None:
    reply = Stage().reply(lead_ms=100)
    with pytest.raises(FrametalkError, match="played_missing"):
        await reply.room_for(RATE_HZ, 1_000)
    with pytest.raises(FrametalkError, match="played_missing"):
        await reply.until_played(1_000)


async def test_the_reply_is_played_out_when_the_client_is_done() -> None:
    reply = Stage().reply()
    reply.ledger.sent = 320
    reply.report(320, done=True)
    await reply.until_played(1_000)


async def test_its_timer_ends_with_it() -> None:
    stage = Stage()
    reply = stage.reply()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await reply.until_played(3_000)
    reply.close()
    await asyncio.sleep(5)
    assert reply._timer is None
    assert not reply._is_silent
    reply.close()
