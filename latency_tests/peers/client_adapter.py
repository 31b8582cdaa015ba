"""frametalk's wire, as the peer harness's client wants it (protocols/wire.md)."""

from __future__ import annotations

import asyncio
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgpack
from websockets.exceptions import ConnectionClosed

from frametalk.tasks import Tasks

HEADER = struct.Struct("<BBHIQ")  # kind, flags, stream, seq, sample
PCM16 = 1
MIC = 1
MIC_RATE_HZ = 16_000
REPORT_S = 0.05  # twice as often as the wire asks for
GET_SCENE = {
    "name": "get_scene",
    "description": "Look something up in the game scene.",
    "changes_world": False,
    "parameters": {
        "type": "object",
        "required": ["what"],
        "properties": {"what": {"type": "string"}},
    },
}


def now_us() -> int:
    """This client's clock."""
    return time.monotonic_ns() // 1000


class Playback:
    """A loudspeaker that plays what has come of one reply, and stands still when it has nothing."""

    def __init__(self, begin: dict[str, Any]) -> None:
        self.reply: int = begin["reply"]
        self.stream: int = begin["stream"]
        self.rate_hz: int = begin["rate_hz"]
        self.received = 0  # samples
        self.total: int | None = None  # samples, when the end is known
        self.arrived_us: int | None = None
        self.underruns = 0
        self.paused = False
        self._from_sample = 0
        self._from_us = 0

    def media(self, samples: int) -> None:
        """More sound; it plays at once when nothing else does."""
        now = now_us()
        if not self.paused and self.played(now) == self.received:
            self.underruns += self.received > 0
            self._from_sample, self._from_us = self.received, now
        if self.arrived_us is None:
            self.arrived_us = now
        self.received += samples

    def played(self, at_us: int) -> int:
        """Samples that have left the loudspeaker."""
        if self.paused:
            return self._from_sample
        passed = (at_us - self._from_us) * self.rate_hz // 1_000_000
        return min(self.received, self._from_sample + passed)

    def pause(self, paused: bool) -> None:
        """Stand still, or go on from there."""
        if paused != self.paused:
            now = now_us()
            self._from_sample, self._from_us = self.played(now), now
            self.paused = paused

    def cut(self) -> None:
        """Stop here."""
        self.total = self.received = self.played(now_us())


class Frametalk:
    """One session. What the harness does not send itself goes out in a task that ends with the socket."""

    path = "/v1"

    def __init__(self) -> None:
        self._mic_sample = 0
        self._frames = 0
        self._playback: Playback | None = None
        self._replies: list[dict[str, Any]] = []  # control messages that wait to be sent
        self._wake = asyncio.Event()
        self._tasks = Tasks(_fail)

    async def start(self, ws: Any) -> None:
        """Greet, open the microphone, and begin to report."""
        await _send(ws, "hello", protocol=1, client={"name": "peers"}, tools=[GET_SCENE])
        welcome = msgpack.unpackb(await ws.recv())
        if welcome["type"] != "welcome":
            raise ConnectionError(f"no welcome, but {welcome}")
        await _send(ws, "mic.start", stream=MIC, rate_hz=MIC_RATE_HZ)
        self._tasks.start(self._report(ws), "report")

    def encode(self, pcm: bytes) -> bytes:
        """One microphone frame."""
        header = HEADER.pack(PCM16, 0, MIC, self._frames, self._mic_sample)
        self._frames += 1
        self._mic_sample += len(pcm) // 2
        return header + pcm

    def decode(self, frame: bytes) -> Iterator[tuple[Any, ...]]:
        """What a frame of the server means to the harness."""
        if frame[0] < 0x80:
            yield from self._media(frame)
            return
        message = msgpack.unpackb(frame)
        kind, playback = message["type"], self._playback
        if kind == "reply.begin":
            self._playback = Playback(message)
        elif kind == "reply.end" and playback and playback.reply == message["reply"]:
            playback.total = message["samples"]
            self._wake.set()
        elif kind == "reply.cut" and playback and playback.reply == message["reply"]:
            playback.cut()
            self._wake.set()
            yield ("interrupt",)
            return
        elif kind == "turn.state" and playback:
            playback.pause(bool(message.get("paused")))
            if playback.paused:
                yield ("interrupt",)
        elif kind in {"ping", "tool.call"}:
            self._answer(message)
        elif kind == "error":
            sys.stderr.write(f"frametalk says {message}\n")
        yield "other", kind

    def _media(self, frame: bytes) -> Iterator[tuple[Any, ...]]:
        playback, stream = self._playback, HEADER.unpack_from(frame)[2]
        if playback is None or playback.stream != stream or playback.total is not None:
            return
        pcm = frame[HEADER.size :]
        first = not playback.received
        playback.media(len(pcm) // 2)
        if first:
            self._wake.set()
        if playback.paused:  # it came, and is not heard
            yield "other", "paused"
        else:
            yield "audio", pcm, playback.rate_hz

    def _answer(self, message: dict[str, Any]) -> None:
        if message["type"] == "ping":
            pong = {"type": "pong", "id": message["id"], "t_us": message["t_us"]}
            self._replies.append({**pong, "received_us": now_us()})
        else:
            value = {"door": "blue, closed"}
            call = message["call"]
            self._replies.append({"type": "tool.result", "call": call, "ok": True, "value": value})
        self._wake.set()

    async def _report(self, ws: Any) -> None:
        with suppress(ConnectionClosed):
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(REPORT_S):
                        await self._wake.wait()
                self._wake.clear()
                while self._replies:
                    fields = self._replies.pop(0)
                    if fields["type"] == "pong":
                        fields["sent_us"] = now_us()
                    await ws.send(msgpack.packb(fields))
                await self._played(ws)

    async def _played(self, ws: Any) -> None:
        playback, now = self._playback, now_us()
        if playback is None or not (playback.received or playback.total is not None):
            return
        sample = playback.played(now)
        done = playback.total is not None and sample >= playback.total
        if done:
            self._playback = None
        await _send(
            ws,
            "played",
            reply=playback.reply,
            sample=sample,
            t_us=now,
            mic_sample=self._mic_sample,
            arrived_us=playback.arrived_us,
            underruns=playback.underruns,
            done=done,
        )


async def _send(ws: Any, kind: str, **fields: Any) -> None:
    await ws.send(msgpack.packb({"type": kind, **fields}))


def _fail(name: str, error: BaseException) -> None:
    raise RuntimeError(f"the client's task {name!r} failed") from error
