"""One turn with a frametalk server, with nothing but a WebSocket and a MessagePack library.

When the connection breaks, the session is resumed over another one, where the server's `goaway` says.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import struct
import sys
import time
import wave
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgpack
import websockets

HEADER = struct.Struct("<BBHIQ")  # kind, flags, stream, seq, sample
PCM16 = 1
UNCOUNTED = {"ping", "pong", "ack"}
ENDS = {1000, 1001, 1008, 1009}  # with these codes the session is over
TRY_EVERY_S, TRY_FOR_S = 0.1, 60
ATTEMPTS = 5  # in a row without an answer; then the first address is used again
MIC = 1
DOOR = {"id": "door", "name": "red door", "kind": "door", "aliases": ["door"],
        "state": {"open": False}, "affordances": ["open"]}  # fmt: skip
OPEN = {"name": "open", "verbs": ["open"], "deadline_ms": 2000, "parameters": {
    "type": "object", "required": ["target"],
    "properties": {"target": {"type": "string", "x-entity": True}}}}  # fmt: skip


def now_us() -> int:
    """This client's clock."""
    return time.monotonic_ns() // 1000


def scheme(url: str) -> str:
    """`ws` or `wss`; empty: another address, or none."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in {"ws", "wss"} and parts.hostname:
            return parts.scheme
    return ""


class Client:
    """One session. `heard` is the sound of all replies that was played."""

    def __init__(self, url: str) -> None:
        self.url = self.first_url = url
        self.unanswered = 0
        self.refused_for_s = 0.0
        self.socket: Any = (
            None  # while there is a connection, and both sides know what the other has
        )
        self.hello: dict[str, Any] = {"protocol": 1, "client": {"name": "talk"}, "tools": [OPEN],
                                      "features": ["resume"]}  # fmt: skip
        self.sent: list[bytes] = []
        self.seq = self.next_frame = 0
        self.heard = bytearray()
        self.rate_hz = 22_050
        self.mic_sample = self.mic_rate_hz = 0
        self.mic_began = 0.0
        self.done = asyncio.Event()
        self.reply: dict[str, Any] = {}
        self.pcm = bytearray()
        self.began_us = 0
        self.total: int | None = None
        self.rev = 1

    async def send(self, kind: str, **fields: Any) -> None:
        """Send one control message; one that does not arrive is sent again on another connection."""
        data = msgpack.packb({"type": kind, **fields})
        if kind not in UNCOUNTED:
            self.sent.append(data)
        await self.transmit(data)

    async def transmit(self, data: bytes) -> None:
        """Send bytes if there is a connection."""
        if self.socket:
            with contextlib.suppress(websockets.ConnectionClosed):
                await self.socket.send(data)

    async def receive(self) -> None:
        """Handle everything from the server, over one connection after another, until the session ends."""
        until = time.monotonic() + TRY_FOR_S
        while time.monotonic() < until:
            socket = None
            if self.unanswered == ATTEMPTS:
                self.url, self.unanswered = self.first_url, 0
            self.unanswered += 1
            self.refused_for_s = 0.0
            with contextlib.suppress(OSError, EOFError, websockets.WebSocketException):
                async with websockets.connect(
                    self.url, compression=None, max_size=61_440
                ) as socket:
                    await self.join(socket)
                    until = time.monotonic() + TRY_FOR_S
                    async for frame in socket:
                        if frame[0] < 0x80:
                            self.media(frame)
                        else:
                            await self.control(msgpack.unpackb(frame))
            self.socket = None
            if socket and socket.close_code in ENDS:
                return
            await asyncio.sleep(max(TRY_EVERY_S, self.refused_for_s))

    def leave(self, url: str) -> None:
        """Connect there from now on, if a `goaway` has named an address, encrypted where this one is."""
        if not url:
            return
        if not scheme(url) or (scheme(url), scheme(self.url)) == ("ws", "wss"):
            print(f"error     goaway: {url!r} is not followed", file=sys.stderr)
            return
        parts, self.unanswered = urlsplit(url), 0
        self.url = parts._replace(path=parts.path.rstrip("/") or "/v1").geturl()

    async def welcome(self, socket: Any) -> dict[str, Any]:
        """The answer to hello; a server that refuses it closes the connection."""
        while (message := msgpack.unpackb(await socket.recv()))["type"] != "welcome":
            if message["type"] == "goaway":
                self.leave(message.get("url", ""))
            elif message["type"] == "error":
                self.unanswered, self.refused_for_s = 0, message.get("retry_after_ms", 0) / 1000
                print(f"error     {message['code']}: {message.get('text', '')}", file=sys.stderr)
        self.unanswered = 0
        return message

    async def join(self, socket: Any) -> None:
        """Say hello; on a further connection, how far this client is. Then send what the server lacks."""
        playing = {"reply": self.reply["reply"], "played": self.played()} if self.reply else {}
        if "resume" in self.hello:
            self.hello["resume_from"] = {"received": self.seq, "sent": len(self.sent),
                                         "mic_sample": self.mic_sample, **playing}  # fmt: skip
        await socket.send(msgpack.packb({"type": "hello", **self.hello}))
        welcome = await self.welcome(socket)
        if "resume" in self.hello and not welcome.get("resumed"):
            raise SystemExit(f"the server did not go on: {welcome}")
        self.hello["resume"] = welcome["resume"]
        self.seq = max(self.seq, welcome.get("seq", 0))
        if welcome.get("mic_sample") is not None:
            self.mic_sample = welcome["mic_sample"]
        arrived = welcome.get("received", 0)
        while arrived < len(self.sent):
            await socket.send(self.sent[arrived])
            arrived += 1
        self.socket = socket

    def media(self, frame: bytes) -> None:
        """Take sound of the reply, unless it came before; its first sample plays at once."""
        seq = HEADER.unpack_from(frame)[3]
        if seq < self.next_frame:
            return
        self.next_frame = seq + 1
        if not self.began_us:
            self.began_us = now_us()
        self.pcm += frame[HEADER.size :]

    async def control(self, message: dict[str, Any]) -> None:
        """Handle one control message, unless it came before; unknown types are ignored."""
        seq = message.get("seq", 0)
        if 0 < seq <= self.seq:
            return
        self.seq = max(self.seq, seq)
        match message["type"]:
            case "ping":
                await self.send("pong", id=message["id"], t_us=message["t_us"],
                                received_us=now_us(), sent_us=now_us())  # fmt: skip
            case "transcript" if message.get("final"):
                print(f"you       {message['text']}")
            case "reply.begin":
                self.reply, self.rate_hz = message, message["rate_hz"]
                self.pcm, self.began_us, self.total, self.next_frame = bytearray(), 0, None, 0
            case "reply.text":
                print(f"character {message['text']}")
            case "reply.end":
                self.total = message["samples"]
            case "reply.cut":
                self.total = self.played()
            case "tool.call":
                await self.act(message)
            case "goaway":
                self.leave(message.get("url", ""))
            case "error":
                print(f"error     {message['code']}: {message.get('text', '')}", file=sys.stderr)
            case "trace":
                print(f"trace     {message.get('mouth_to_ear_ms') or message.get('unmeasured')}")

    async def act(self, call: dict[str, Any]) -> None:
        """Carry out a tool call: the world is a door that opens."""
        await self.send("tool.ack", call=call["call"])
        state = {call["args"]["target"]: {"open": True}}
        await self.send("scene.patch", base=self.rev, rev=self.rev + 1, state=state)
        self.rev += 1
        await self.send("tool.result", call=call["call"], ok=True)
        print(f"tool      {call['name']} {call['args']}")

    def played(self) -> int:
        """Samples of the reply that have left the loudspeaker."""
        if not self.began_us:
            return 0
        passed = (now_us() - self.began_us) * self.rate_hz // 1_000_000
        return min(passed, len(self.pcm) // 2)

    async def report(self) -> None:
        """Report what was heard, about twenty times a second, and what has come, every second."""
        reported = None
        for tick in itertools.count(1):
            await asyncio.sleep(0.05)
            if tick % 20 == 0:
                await self.send("ack", acked=self.seq)
            if not self.reply:
                continue
            sample = self.played()
            done = self.total is not None and sample >= self.total
            if sample == reported and not done:
                continue
            reported = sample
            await self.send("played", reply=self.reply["reply"], sample=sample, t_us=now_us(),
                            mic_sample=self.captured(), arrived_us=self.began_us,
                            done=done)  # fmt: skip
            if done:
                self.heard += self.pcm[: sample * 2]
                self.reply = {}
                self.done.set()

    def captured(self) -> int:
        """Samples that the microphone has captured by now, also where they are sent late."""
        passed = time.monotonic() - self.mic_began
        return self.mic_rate_hz // 50 + int(passed * self.mic_rate_hz) if self.mic_rate_hz else 0

    async def speak(self, file: Path) -> None:
        """Send a recording as the microphone, in real time, then silence until the reply has ended."""
        with wave.open(str(file), "rb") as recording:
            rate_hz, sound = recording.getframerate(), recording.readframes(recording.getnframes())
        await self.send("mic.start", stream=MIC, rate_hz=rate_hz)
        self.mic_rate_hz, self.mic_began = rate_hz, time.monotonic()
        size = rate_hz // 50
        silence = bytes(rate_hz)  # half a second
        sound = silence + sound + silence * 3
        while not self.done.is_set():
            if not self.socket:  # its sound is kept: it goes on from where the server has heard it
                await asyncio.sleep(TRY_EVERY_S)
                continue
            at = self.mic_sample * 2
            payload = sound[at : at + size * 2].ljust(size * 2, b"\0")
            header = HEADER.pack(PCM16, 0, MIC, self.mic_sample // size, self.mic_sample)
            self.mic_sample += size
            await self.transmit(header + payload)
            await asyncio.sleep(
                max(0.0, self.mic_began + self.mic_sample / rate_hz - time.monotonic())
            )


async def talk(url: str, say: str, file: Path | None, out: Path | None) -> int:
    """Have one turn; return 0 if the reply was heard to its end."""
    client = Client(url)
    tasks = [asyncio.ensure_future(work) for work in (client.receive(), client.report())]
    await client.send("scene.snapshot", rev=1, entities=[DOOR])
    if file:
        tasks.append(asyncio.ensure_future(client.speak(file)))
    else:
        await client.send("say", text=say)
    done = asyncio.ensure_future(client.done.wait())
    await asyncio.wait([*tasks, done], timeout=TRY_FOR_S, return_when=asyncio.FIRST_COMPLETED)
    heard = client.done.is_set()
    if heard:
        await client.send("bye")
    for task in (*tasks, done):
        task.cancel()
    await asyncio.gather(*tasks, done, return_exceptions=True)
    if out:
        with wave.open(str(out), "wb") as recording:
            recording.setparams((1, 2, client.rate_hz, 0, "NONE", ""))
            recording.writeframes(bytes(client.heard))
    return 0 if heard else 1


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--say", default="hello", help="a typed turn")
    parser.add_argument("--wav", type=Path, help="a spoken turn: 16-bit mono")
    parser.add_argument("--out", type=Path, help="what was heard")
    arguments = parser.parse_args()
    return asyncio.run(talk(arguments.url, arguments.say, arguments.wav, arguments.out))


if __name__ == "__main__":
    sys.exit(main())
