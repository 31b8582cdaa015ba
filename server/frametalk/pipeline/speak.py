"""The speaking stage: clauses -> words, sound and marks -> frames, paced by playback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import numpy as np

from frametalk.adapters.base import SpeechChunk
from frametalk.context import SessionContext
from frametalk.core.audio import BYTES_PER_SAMPLE, first_audible, ms_to_samples
from frametalk.core.marks import Mark
from frametalk.errors import AdapterError, FrametalkError, Stage
from frametalk.pipeline.act import Act
from frametalk.pipeline.character import Character
from frametalk.pipeline.reply import CallTool, Reply, SayClause
from frametalk.text.spoken_text import Wording
from frametalk.text.word_marks import WordMarks
from frametalk.trace import Step
from frametalk.wire.codec import Media, MediaFlags, MediaKind
from frametalk.wire.marks import batches
from frametalk.wire.messages import (
    ReplyBegin,
    ReplyEnd,
    ReplyMarks,
    ReplyText,
)
from frametalk.wire.opus import FRAME, PRE_SKIP


class Speak:
    """Speaks one reply: `synthesise` and `send` run side by side."""

    def __init__(
        self, context: SessionContext, reply: Reply, character: Character, act: Act
    ) -> None:
        self._context = context
        self._reply = reply
        self._character = character
        self._act = act
        self._settings = context.settings.reply
        self._frame_bytes = ms_to_samples(self._settings.frame_ms, reply.rate_hz) * BYTES_PER_SAMPLE
        # Sound that an encoder still holds when the last frame has left.
        self._delay = PRE_SKIP if character.codec == "opus" else 0
        self._first_sound: Step | None = None  # of the answer
        self._fills = False  # a filler is being made

    async def synthesise(self) -> None:
        """Turn the script into frames. A voice that fails ends the reply where it stands."""
        reply = self._reply
        while (item := await reply.script.get()) is not None:
            self._begin()
            if isinstance(item, CallTool):
                reply.has_content = True
                reply.output.when_released(self._act.send, item.call, reply, self._playable)
                continue
            try:
                await self._speak(item)
            except FrametalkError as error:
                self._context.report(error)
        reply.whole = True
        await reply.frames.put(None)

    async def send(self) -> None:
        """Send frames, at most the lead ahead of playback; then wait until all was heard.

        Nothing of a draft is sent before it is released.
        """
        reply, timeout_ms = self._reply, self._settings.played_timeout_ms
        await reply.output.released.wait()
        while (frame := await reply.frames.get()) is not None:
            reply.waiting = frame
            await reply.room_for(frame.sample, timeout_ms)
            reply.waiting = None
            reply.ledger.sent = frame.sample + len(frame.payload) // BYTES_PER_SAMPLE
            reply.output.send_media(frame)
            if self._delay:
                # Encoding takes time: the frames of a lead must not hold the loop.
                await asyncio.sleep(0)
        if reply.begun and not reply.all_sent:
            reply.all_sent = True
            reply.made = self._playable
            if reply.frames_made:
                reply.output.send_media(self._media(b"", MediaFlags.LAST))
            reply.output.send(ReplyEnd(reply=reply.id, samples=reply.made, reason=reply.ending))
        if reply.begun:
            await reply.until_played(timeout_ms)

    def _begin(self) -> None:
        reply = self._reply
        if not reply.begun:
            reply.begun = True
            reply.output.send(
                ReplyBegin(
                    reply=reply.id,
                    turn=reply.turn,
                    stream=reply.stream,
                    rate_hz=reply.rate_hz,
                    codec=self._character.codec,
                    character=self._character.name,
                )
            )

    async def _speak(self, clause: SayClause) -> None:
        reply, start = self._reply, self._reply.made
        self._fills = clause.filler
        wording = self._character.wording(clause.text)
        marks = WordMarks(wording, start)
        if wording.shown:
            reply.ledger.begin_clause(wording.shown, start, wording.spoken)
            reply.output.send(ReplyText(reply=reply.id, text=wording.shown, at=start))
            await self._sound(wording, marks)
            reply.ledger.end_clause(reply.made)
        self._send_marks(marks.finish(reply.made))
        await self._fill()

    async def _sound(self, wording: Wording, marks: WordMarks) -> None:
        """Say a clause; the marks of its last words go out before their sound."""
        rest = b""
        request = self._character.speech(wording.spoken)
        if self._first_sound is None and not self._fills:
            self._first_sound = self._context.step("voice_first_sound", self._reply.trace)
            self._reply.answer.begin(self._reply.made)
        with self._context.step("speak"):
            async with aclosing(self._character.voice.speak(request)) as chunks:
                while (chunk := await self._next(chunks)) is not None:
                    self._send_marks(marks.take(chunk.marks))
                    rest += chunk.pcm
                    if not marks.waiting:
                        rest = await self._frame(rest)
        self._send_marks(marks.complete())
        rest = await self._frame(rest)
        if rest:
            await self._put(rest)

    @property
    def _playable(self) -> int:
        """One past the last sample that the client gets of what was made; only silence is after it."""
        return self._reply.made - (self._delay if self._reply.frames_made else 0)

    async def _fill(self) -> None:
        """Have all of a clause leave: silence fills the last packet, and what the encoder holds back."""
        if self._delay and self._reply.frames_made:
            silence = -(self._reply.made + self._delay) % FRAME + self._delay
            rest = await self._frame(bytes(BYTES_PER_SAMPLE * silence))
            if rest:
                await self._put(rest)

    async def _next(self, chunks: AsyncGenerator[SpeechChunk, None]) -> SpeechChunk | None:
        timeout_ms = self._settings.voice_timeout_ms
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                return await anext(chunks, None)
        except TimeoutError:
            raise AdapterError(
                "voice_timeout",
                f"the voice sent nothing for {timeout_ms:.0f} ms",
                stage=Stage.SPEAK,
                remedy="choose a faster voice or raise reply.voice_timeout_ms",
            ) from None

    def _send_marks(self, marks: list[Mark]) -> None:
        for index, mark in enumerate(marks):
            if mark.kind == "word":
                self._reply.ledger.word(mark)
            elif mark.kind == "gaze":
                marks[index] = replace(mark, name=self._act.entity_named(mark.name))
        for batch in batches(marks):
            self._reply.output.send(ReplyMarks(reply=self._reply.id, marks=batch))

    async def _frame(self, pcm: bytes) -> bytes:
        """Queue all whole frames; return what is left."""
        whole = len(pcm) - len(pcm) % self._frame_bytes
        for at in range(0, whole, self._frame_bytes):
            await self._put(pcm[at : at + self._frame_bytes])
        return pcm[whole:]

    async def _put(self, payload: bytes) -> None:
        reply = self._reply
        reply.has_content = True
        if self._first_sound is not None:
            self._first_sound.end()
        self._find_onset(payload)
        frame = self._media(payload)
        reply.frames_made += 1
        reply.made += len(payload) // BYTES_PER_SAMPLE
        await reply.frames.put(frame)

    def _find_onset(self, payload: bytes) -> None:
        """Note the first audible sample of the reply, and of the answer in it."""
        reply, answer = self._reply, self._reply.answer
        answers = answer.onset is None and not self._fills
        if not (answers or reply.onset is None):
            return
        audible = first_audible(np.frombuffer(payload, "<i2"))
        if audible is None:
            return
        if reply.onset is None:
            reply.onset = reply.made + audible
        if answers:
            answer.onset = reply.made + audible

    def _media(self, payload: bytes, flags: MediaFlags = MediaFlags.NONE) -> Media:
        """The next frame, which begins where the sound made so far ends."""
        reply = self._reply
        return Media(MediaKind.PCM16, reply.stream, reply.frames_made, reply.made, payload, flags)
