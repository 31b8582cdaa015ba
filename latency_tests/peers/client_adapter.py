"""Connects the peer harness's client to frametalk's wire.

The harness has the microphone and the socket and calls `encode` and `decode`, so this is not a
`headless.Player`; the codec, the messages and the playback are the package's.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import numpy as np
from websockets.exceptions import ConnectionClosed

from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.core.tools import ToolSpec
from frametalk.headless.clock import Clock, us
from frametalk.headless.playback import Playback
from frametalk.tasks import Tasks
from frametalk.wire import messages as m
from frametalk.wire.codec import (
    Media,
    MediaKind,
    UnknownMessage,
    decode_media,
    encode,
    encode_media,
    is_media,
    server_codec,
)

MIC = 1
REPORT_S = 0.05  # half the interval that the wire asks for
GET_SCENE = ToolSpec(
    "get_scene",
    "Look something up in the game scene.",
    changes_world=False,
    parameters={
        "type": "object",
        "required": ["what"],
        "properties": {"what": {"type": "string"}},
    },
)


class Frametalk:
    """One session. A task, which ends with the socket, sends everything that the harness does not."""

    path = "/v1"

    def __init__(self) -> None:
        self._clock = Clock()
        self._mic_sample = 0
        self._frames = 0
        self._stream = 0  # of the current reply
        self._playback: Playback | None = None
        self._outgoing: list[m.ToolResult | m.Pong] = []
        self._wake = asyncio.Event()
        self._tasks = Tasks(_fail)

    async def start(self, ws: Any) -> None:
        """Say hello, open the microphone, and start to report."""
        client = m.ClientInfo(name="peers")
        hello = m.Hello(protocol=m.PROTOCOL_VERSION, client=client, tools=(GET_SCENE,))
        await ws.send(encode(hello))
        welcome = server_codec.decode_binary(await ws.recv())
        if not isinstance(welcome, m.Welcome):
            raise ConnectionError(f"expected a welcome, received {welcome}")
        mic = m.MicStart(stream=MIC, rate_hz=RECOGNITION_RATE_HZ)
        await ws.send(encode(mic))
        self._tasks.start(self._report(ws), "report")

    def encode(self, pcm: bytes) -> bytes:
        """One microphone frame."""
        frame = Media(MediaKind.PCM16, MIC, self._frames, self._mic_sample, pcm)
        self._frames += 1
        self._mic_sample += len(pcm) // 2
        return encode_media(frame)

    def decode(self, data: bytes) -> Iterator[tuple[Any, ...]]:
        """The harness's events for a frame from the server."""
        if is_media(data):
            yield from self._media(decode_media(data))
        else:
            yield self._control(server_codec.decode_binary(data))

    def _media(self, frame: Media) -> Iterator[tuple[Any, ...]]:
        playback = self._playback
        if playback is None or self._stream != frame.stream or _ended(playback):
            return
        if not playback.available:
            self._wake.set()
        playback.feed(self._clock.now_s(), np.frombuffer(frame.payload, "<i2"))
        if playback.paused:  # it is not heard yet
            yield "other", "paused"
        else:
            yield "audio", frame.payload, playback.rate_hz

    def _control(self, message: m.AnyMessage | UnknownMessage) -> tuple[Any, ...]:
        playback, now_s = self._playback, self._clock.now_s()
        match message:
            case m.ReplyBegin():
                self._stream = message.stream
                self._playback = Playback(message.reply, message.rate_hz)
            case m.ReplyEnd() if playback and playback.reply == message.reply:
                playback.end(now_s, message.samples)
                self._wake.set()
            case m.ReplyCut() if playback and playback.reply == message.reply:
                playback.cut(now_s)
                self._wake.set()
                return ("interrupt",)
            case m.TurnStateChanged() if playback:
                if message.paused:
                    playback.pause(now_s)
                    return ("interrupt",)
                playback.resume(now_s)
            case m.Ping():
                pong = m.Pong(id=message.id, t_us=message.t_us, received_us=us(now_s), sent_us=0)
                self._outgoing.append(pong)
                self._wake.set()
            case m.ToolCall():
                value = {"door": "blue, closed"}
                self._outgoing.append(m.ToolResult(call=message.call, ok=True, value=value))
                self._wake.set()
            case m.Error():
                sys.stderr.write(f"frametalk sent an error: {message}\n")
        return "other", type(message).__name__

    async def _report(self, ws: Any) -> None:
        with suppress(ConnectionClosed):
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(REPORT_S):
                        await self._wake.wait()
                self._wake.clear()
                while self._outgoing:
                    message = self._outgoing.pop(0)
                    if isinstance(message, m.Pong):
                        message = msgspec.structs.replace(message, sent_us=self._clock.now_us())
                    await ws.send(encode(message))
                if (played := self._played()) is not None:
                    await ws.send(encode(played))

    def _played(self) -> m.Played | None:
        playback, now_s = self._playback, self._clock.now_s()
        if playback is None or not (playback.available or _ended(playback)):
            return None
        sample = playback.advance(now_s)
        done = playback.done_s is not None
        if done:
            self._playback = None
        return m.Played(
            reply=playback.reply,
            sample=sample,
            t_us=us(now_s),
            mic_sample=self._mic_sample,
            arrived_us=None if playback.arrived_s is None else us(playback.arrived_s),
            underruns=playback.underruns,
            done=done,
        )


def _ended(playback: Playback) -> bool:
    return playback.complete or playback.was_cut


def _fail(name: str, error: BaseException) -> None:
    raise RuntimeError(f"the client's task {name!r} failed") from error
