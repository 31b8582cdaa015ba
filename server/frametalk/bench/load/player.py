"""One player that costs next to nothing: a protocol on a socket, without a task or a timer of its own."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections import Counter, deque
from typing import Any, cast

import msgspec

from frametalk.bench.load import socket_frames as ws
from frametalk.bench.load.plan import Plan
from frametalk.bench.load.playback import Playback
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.wire.codec import FIRST_CONTROL_BYTE, MEDIA_HEADER, MediaKind

STREAM = 1
LISTENING = frozenset({"hearing", "holding", "ducked"})  # states of the server's turn
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def now_us() -> int:
    """The client's clock. Not the loop's: uvloop's counts whole milliseconds."""
    return time.monotonic_ns() // 1000


class Talk:
    """What is said: the frames of the utterance, and frames of a quiet room around it."""

    def __init__(self, plan: Plan, utterance: list[bytes], room: list[bytes]) -> None:
        self.plan = plan
        self.utterance = utterance
        self.room = room
        self.head = ws.head(ws.BINARY, MEDIA_HEADER.size + 2 * plan.frame_samples)


class Turn:
    """One utterance, and the answer to it. Times in microseconds.

    `number`: the server's, of the turn in which it hears the utterance; None until it does.
    """

    def __init__(self, first_frame: int) -> None:
        self.first_frame = first_frame
        self.number: int | None = None
        self.decided_us: int | None = None
        self.ended_us = 0
        self.playback: Playback | None = None


class Heard:
    """Says which turn of the server an utterance is in, by the order of both.

    A server that is behind may hear an utterance only when the next is being said.
    """

    def __init__(self) -> None:
        self._unheard: deque[Turn] = deque()
        self._latest: Turn | None = None
        self._listened = False

    def spoken(self, turn: Turn) -> None:
        """Its first frame was sent."""
        self._unheard.append(turn)

    def follow(self, state: str, number: int) -> None:
        """Take what the server says that it does, and in which turn."""
        listens = state in LISTENING
        if listens and not self._listened and self._unheard:
            self._latest = self._unheard.popleft()
        if self._latest is not None and (listens or state == "thinking"):
            self._latest.number = number  # speech over a reply may become a turn of its own
        self._listened = listens


class LightPlayer(asyncio.Protocol):
    """Sends a frame when `send_frame` is called, and reports what it plays when `report` is."""

    def __init__(self, talk: Talk) -> None:
        self.joined = asyncio.Event()
        self.turns: list[Turn] = []  # that were answered before the next one
        self.missed = self.reply_frames = self.underruns = self.frames = self._sent_us = 0
        self.errors: Counter[str] = Counter()
        self.stages: list[dict[str, float]] = []
        self._talk = talk
        self._turn: Turn | None = None  # while its answer is awaited
        self._heard = Heard()
        self._answers: int | None = None  # the turn that the present reply answers
        self._wish = False  # to speak, from the next aligned frame on
        self._playback: Playback | None = None
        self._incoming = ws.Incoming()
        self._is_upgraded = False
        self._answer = b""
        self._write: Any = None

    # ---- the connection --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._write = cast(asyncio.Transport, transport).write
        key = base64.b64encode(os.urandom(16)).decode()
        self._write(
            f"GET /v1 HTTP/1.1\r\nHost: 127.0.0.1:{self._talk.plan.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take what came, each frame of it."""
        if not self._is_upgraded:
            self._answer += data
            head, found, data = self._answer.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.errors["not_upgraded"] += 1
                return
            self._is_upgraded = True
            self._send({"type": "hello", "protocol": 1, "client": {"name": "load"}})
        for opcode, payload in self._incoming.take(data):
            if opcode == ws.PING:
                self._write(ws.head(ws.PONG, len(payload)) + payload)
            elif opcode == ws.BINARY and payload:
                self._take(payload)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server has gone: its turns are missed."""
        self._write = lambda _data: None

    def _send(self, message: dict[str, Any]) -> None:
        data = _encode(message)
        self._write(ws.head(ws.BINARY, len(data)) + data)

    # ---- speaking --------------------------------------------------------------------------------

    def open_microphone(self) -> None:
        """Frames follow."""
        self._send({"type": "mic.start", "stream": STREAM, "rate_hz": 16_000})

    def speak(self) -> None:
        """Say the utterance, from the next frame on that begins together with a window of the VAD.

        A turn that is not answered yet is missed, even if its answer comes later.
        """
        if self._turn is not None:
            self.missed += 1
            self._turn = None
        self._wish = True

    def send_frame(self, at_us: int) -> None:
        """Send the next frame."""
        at, talk, plan = self.frames, self._talk, self._talk.plan
        if self._wish and at % plan.aligned == 0:
            self._wish = False
            self._turn = Turn(at)
            self._heard.spoken(self._turn)
        turn = self._turn
        said = -1 if turn is None else at - turn.first_frame
        sound = (
            talk.utterance[said]
            if 0 <= said < len(talk.utterance)
            else talk.room[at % plan.aligned]
        )
        header = MEDIA_HEADER.pack(MediaKind.PCM16, 0, STREAM, at, at * plan.frame_samples)
        self._write(b"".join((talk.head, header, sound)))
        self._sent_us = at_us
        if turn is not None and said == plan.ends // plan.frame_samples:
            turn.ended_us = at_us
        if turn is not None and said == plan.decides // plan.frame_samples:
            turn.decided_us = at_us
        self.frames += 1

    # ---- listening -------------------------------------------------------------------------------

    def _take(self, payload: bytes) -> None:
        playback = self._playback
        if payload[0] < FIRST_CONTROL_BYTE:
            self.reply_frames += 1
            if playback is not None and playback.length is None:
                self._hear(playback, payload)
            return
        message = _decode(payload)
        match message["type"]:
            case "welcome":
                self.joined.set()
            case "ping":
                pong = {"type": "pong", "id": message["id"], "t_us": message["t_us"]}
                self._send({**pong, "received_us": now_us(), "sent_us": now_us()})
            case "reply.begin":
                self._leave(playback)
                self._answers = message["turn"]
                self._playback = Playback(message["reply"], message["stream"], message["rate_hz"])
            case "reply.end" if playback is not None and playback.reply == message["reply"]:
                playback.length = message["samples"]
            case "reply.cut" if playback is not None and playback.reply == message["reply"]:
                playback.stop(now_us())
            case "turn.state":
                self._heard.follow(message["state"], message["turn"])
                if playback is not None:
                    playback.hold(bool(message.get("paused")), now_us())
            case "trace" if message.get("mouth_to_ear_ms") is not None:
                self.stages.append({stage["stage"]: stage["ms"] for stage in message["stages"]})
            case "error":
                self.errors[message["code"]] += 1

    def _hear(self, playback: Playback, payload: bytes) -> None:
        playback.frame(payload[MEDIA_HEADER.size :], now_us())
        turn = self._turn
        if turn is None or turn.decided_us is None or turn.number != self._answers:
            return
        if playback.audible_us is not None:
            turn.playback = playback
            self.turns.append(turn)
            self._turn = None

    def report(self, at_us: int) -> None:
        """Say how far the reply was played, and leave it when it is over."""
        playback = self._playback
        if playback is None or playback.arrived_us is None:
            return
        done = playback.is_over(at_us)
        self._send(
            {
                "type": "played",
                "reply": playback.reply,
                "sample": playback.played(at_us),
                "t_us": at_us,
                "mic_sample": self._mic_sample(at_us),
                "arrived_us": playback.arrived_us,
                "underruns": playback.underruns,
                "done": done,
            }
        )
        if done:
            self._leave(playback)
            self._playback = None

    def _mic_sample(self, at_us: int) -> int:
        """What the microphone has heard: the frames that were sent, and the beginning of the next."""
        since_us = max(0, at_us - self._sent_us)
        return (
            self.frames * self._talk.plan.frame_samples
            + since_us * RECOGNITION_RATE_HZ // 1_000_000
        )

    def _leave(self, playback: Playback | None) -> None:
        if playback is not None:
            self.underruns += playback.underruns
