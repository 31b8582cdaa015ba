"""One turn with a frametalk server, with nothing but a WebSocket and a MessagePack library."""

from __future__ import annotations

import argparse
import asyncio
import struct
import sys
import time
import wave
from pathlib import Path
from typing import Any

import msgpack
import websockets

HEADER = struct.Struct("<BBHIQ")  # kind, flags, stream, seq, sample
PCM16 = 1
MIC = 1
DOOR = {"id": "door", "name": "red door", "kind": "door", "aliases": ["door"],
        "state": {"open": False}, "affordances": ["open"]}  # fmt: skip
OPEN = {"name": "open", "verbs": ["open"], "deadline_ms": 2000, "parameters": {
    "type": "object", "required": ["target"],
    "properties": {"target": {"type": "string", "x-entity": True}}}}  # fmt: skip


def now_us() -> int:
    """This client's clock."""
    return time.monotonic_ns() // 1000


class Client:
    """One session. `heard` is the sound of all replies that was played."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
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
        """Send one control message."""
        await self.socket.send(msgpack.packb({"type": kind, **fields}))

    async def receive(self) -> None:
        """Handle everything from the server until it closes."""
        async for frame in self.socket:
            if frame[0] < 0x80:
                self.media(frame)
            else:
                await self.control(msgpack.unpackb(frame))

    def media(self, frame: bytes) -> None:
        """Take sound of the reply; its first sample plays at once."""
        if not self.began_us:
            self.began_us = now_us()
        self.pcm += frame[HEADER.size :]

    async def control(self, message: dict[str, Any]) -> None:
        """Handle one control message from the server; unknown types are ignored."""
        match message["type"]:
            case "ping":
                await self.send("pong", id=message["id"], t_us=message["t_us"],
                                received_us=now_us(), sent_us=now_us())  # fmt: skip
            case "transcript" if message.get("final"):
                print(f"you       {message['text']}")
            case "reply.begin":
                self.reply, self.rate_hz = message, message["rate_hz"]
                self.pcm, self.began_us, self.total = bytearray(), 0, None
            case "reply.text":
                print(f"character {message['text']}")
            case "reply.end":
                self.total = message["samples"]
            case "reply.cut":
                self.total = self.played()
            case "tool.call":
                await self.act(message)
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
        """Report what was heard, about twenty times a second."""
        reported = None
        while True:
            await asyncio.sleep(0.05)
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
            at = self.mic_sample * 2
            payload = sound[at : at + size * 2].ljust(size * 2, b"\0")
            header = HEADER.pack(PCM16, 0, MIC, self.mic_sample // size, self.mic_sample)
            await self.socket.send(header + payload)
            self.mic_sample += size
            await asyncio.sleep(
                max(0.0, self.mic_began + self.mic_sample / rate_hz - time.monotonic())
            )


async def talk(url: str, say: str, file: Path | None, out: Path | None) -> int:
    """Have one turn; return 0 if the reply was heard to its end."""
    async with websockets.connect(url, compression=None, max_size=61_440) as socket:
        client = Client(socket)
        await client.send("hello", protocol=1, client={"name": "talk"}, tools=[OPEN])
        await client.send("scene.snapshot", rev=1, entities=[DOOR])
        tasks = [asyncio.ensure_future(work) for work in (client.receive(), client.report())]
        if file:
            tasks.append(asyncio.ensure_future(client.speak(file)))
        else:
            await client.send("say", text=say)
        done = asyncio.ensure_future(client.done.wait())
        await asyncio.wait([*tasks, done], timeout=30, return_when=asyncio.FIRST_COMPLETED)
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
