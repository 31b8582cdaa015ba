"""The speaking stage: clauses as they are written -> words and sound, marks on the reply's clock ->
frames at the ear's pace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

import numpy as np

from frametalk import trace
from frametalk.adapters.base import SpeechChunk, SpeechRequest, Voice
from frametalk.core.audio import BYTES_PER_SAMPLE, first_audible, ms_to_samples
from frametalk.core.marks import Mark
from frametalk.errors import AdapterError, FrametalkError, Stage
from frametalk.pipeline.reply import CallTool, Reply, SayClause
from frametalk.text.spoken_text import Wording
from frametalk.text.word_marks import WordMarks
from frametalk.wire.codec import Media, MediaFlags, MediaKind
from frametalk.wire.messages import (
    ReplyBegin,
    ReplyEnd,
    ReplyMarks,
    ReplyText,
    ServerMessage,
)


class Speak:
    """Speaks one reply: `synthesise` and `send` run side by side.

    `reword(text)` tells what of a clause is shown and what is spoken; `send_call(call, reply, at)` asks
    the game for a tool call at sample `at`.
    """

    def __init__(  # noqa: PLR0913  (the stage's neighbours, each named once)
        self,
        reply: Reply,
        voice: Voice,
        request: SpeechRequest,
        *,
        reword: Callable[[str], Wording],
        character: str,
        frame_ms: float,
        voice_timeout_ms: float,
        played_timeout_ms: float,
        send: Callable[[ServerMessage], None],
        send_media: Callable[[Media], None],
        send_call: Callable[[int, Reply, int], None],
        report_error: Callable[[FrametalkError], None],
        now: Callable[[], float],
    ) -> None:
        self._reply = reply
        self._voice = voice
        self._request = request
        self._reword = reword
        self._character = character
        self._frame_bytes = ms_to_samples(frame_ms, reply.rate_hz) * BYTES_PER_SAMPLE
        self._voice_timeout_ms = voice_timeout_ms
        self._played_timeout_ms = played_timeout_ms
        self._send = send
        self._send_media = send_media
        self._send_call = send_call
        self._report_error = report_error
        self._now = now
        self._frames = 0

    async def synthesise(self) -> None:
        """Turn the script into frames. A voice that fails ends the reply where it stands."""
        reply = self._reply
        while (item := await reply.script.get()) is not None:
            self._begin()
            if isinstance(item, CallTool):
                reply.made_something = True
                self._send_call(item.call, reply, reply.made)
                continue
            try:
                await self._speak(item)
            except FrametalkError as error:
                self._report_error(error)
        await reply.frames.put(None)

    async def send(self) -> None:
        """Send frames, at most the lead ahead of the ear; then wait until all was heard.

        Of a draft nothing is sent before it is released.
        """
        reply = self._reply
        await reply.gate.opened.wait()
        while (frame := await reply.frames.get()) is not None:
            await reply.room_for(frame.sample, self._played_timeout_ms)
            reply.ledger.sent = frame.sample + len(frame.payload) // BYTES_PER_SAMPLE
            self._send_media(frame)
        if reply.begun:
            self._send(ReplyEnd(reply=reply.id, samples=reply.made))
            await reply.until_played(self._played_timeout_ms)

    def _begin(self) -> None:
        reply = self._reply
        if not reply.begun:
            reply.begun = True
            self._send(
                ReplyBegin(
                    reply=reply.id,
                    turn=reply.turn,
                    stream=reply.stream,
                    rate_hz=reply.rate_hz,
                    character=self._character,
                )
            )

    async def _speak(self, clause: SayClause) -> None:
        reply, start = self._reply, self._reply.made
        wording = self._reword(clause.text)
        marks = WordMarks(wording, start)
        if wording.shown:
            reply.ledger.begin_clause(wording.shown, start, wording.spoken)
            self._send(ReplyText(reply=reply.id, text=wording.shown, at=start))
            await self._sound(wording, marks)
            reply.ledger.end_clause(reply.made)
        self._send_marks(marks.finish(reply.made))

    async def _sound(self, wording: Wording, marks: WordMarks) -> None:
        """Say a clause; its last words' marks go out before their sound."""
        rest = b""
        with trace.step("speak.clause"):
            async with aclosing(
                self._voice.speak(replace(self._request, text=wording.spoken))  # type: ignore[type-var]
            ) as chunks:
                while (chunk := await self._next(chunks)) is not None:
                    self._send_marks(marks.take(chunk.marks))
                    rest += chunk.pcm
                    if not marks.waiting:
                        rest = await self._frame(rest)
        self._send_marks(marks.complete())
        rest = await self._frame(rest)
        if rest:
            await self._put(rest)

    async def _next(self, chunks: object) -> SpeechChunk | None:
        try:
            async with asyncio.timeout(self._voice_timeout_ms / 1000):
                return await anext(chunks, None)  # type: ignore[call-overload,no-any-return]
        except TimeoutError:
            raise AdapterError(
                "voice_timeout",
                f"the voice made no sound for {self._voice_timeout_ms:.0f} ms",
                stage=Stage.SPEAK,
                remedy="choose a faster voice or raise reply.voice_timeout_ms",
            ) from None

    def _send_marks(self, marks: list[Mark]) -> None:
        for mark in marks:
            if mark.kind == "word":
                self._reply.ledger.word(mark)
        if marks:
            self._send(ReplyMarks(reply=self._reply.id, marks=tuple(marks)))

    async def _frame(self, pcm: bytes) -> bytes:
        """Send on all whole frames; return what is left."""
        whole = len(pcm) - len(pcm) % self._frame_bytes
        for at in range(0, whole, self._frame_bytes):
            await self._put(pcm[at : at + self._frame_bytes])
        return pcm[whole:]

    async def _put(self, payload: bytes) -> None:
        reply = self._reply
        if self._frames == 0:
            reply.made_something = True
            reply.trace.mark("voice_first_sound", self._now())
        if reply.onset is None:
            audible = first_audible(np.frombuffer(payload, "<i2"))
            reply.onset = None if audible is None else reply.made + audible
        frame = Media(
            MediaKind.PCM16, reply.stream, self._frames, reply.made, payload, MediaFlags.NONE
        )
        self._frames += 1
        reply.made += len(payload) // BYTES_PER_SAMPLE
        await reply.frames.put(frame)
