"""A client that sends what the recorded one sent, at the same times, and reacts where it has to.

Sound, typed turns, the scene and the like come from the recording. What answers the server is made anew:
the client plays what it gets without delay, and a tool ends as a call with the same arguments did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from frametalk.replay.entries import Kind
from frametalk.replay.files import Recording
from frametalk.replay.parts import has_peer_connection, outbound, route_of
from frametalk.replay.values import from_plain
from frametalk.tasks import Tasks
from frametalk.transports.link import Inbound, LinkClosed, OnMedia, not_taken
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

PLAYED_EVERY_S = 0.1
REACTIONS = (m.Played, m.ToolAck, m.ToolResult, m.Ping, m.Pong, m.Ack, m.Error, m.Bye)
PEER = (m.RtcOffer, m.RtcIce, m.RtcMic, m.RtcBeat)
NOT_AGAIN = frozenset(("resume", "rtc"))  # features
NOT_RECORDED = "the recording has no such call"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the server sent, in seconds from the beginning."""

    at_s: float
    item: Any


def inbound(recording: Recording) -> Iterator[tuple[float, Any]]:
    """All that came from the client, over whatever connection.

    Of a session that may have a peer connection, its microphone is what was heard: by whatever way, after
    decoding, each sample once.
    """
    heard = has_peer_connection(recording)
    offered: Any = None  # a frame that the session may have refused at first
    for entry in recording.entries:
        match entry:
            case [Kind.CALL, _number, at_us, _within, ["t", ["media", _] as offered]]:
                if not heard:
                    yield at_us / 1e6, from_plain(offered)
            case [Kind.ANSWER, _task, at_us, ["media", _] as value]:
                if not heard and value != offered:
                    yield at_us / 1e6, from_plain(value)
                offered = value
            case [Kind.ANSWER, _task, at_us, ["in", _] as value]:
                yield at_us / 1e6, from_plain(value)
            case [Kind.CALL, _number, at_us, _within, ["t", frame, _end, _route]] if route_of(
                entry
            ):
                yield at_us / 1e6, from_plain(frame or offered)


class ScriptedClient:
    """The session's link and its client at once. `at_s` returns seconds from the beginning."""

    def __init__(self, recording: Recording, at_s: Callable[[], float]) -> None:
        self.sent: list[Sent] = []
        self.on_quiet: Callable[[bool], None] = lambda _quiet: None
        self.on_media: OnMedia = not_taken
        self.read_bytes = 0  # of what came; the recorded client kept to the limits
        self._at_s = at_s
        self._came = asyncio.Queue[Inbound | LinkClosed]()
        self._inputs = list(
            _of_one_connection(inbound(recording), heard=has_peer_connection(recording))
        )
        self._calls = _calls(recording)
        self._rates: dict[int, int] = {}  # by reply
        self._streams: dict[int, int] = {}
        self._got: dict[int, int] = {}
        self._began_s: dict[int, float] = {}
        self._tasks = Tasks(_raise)

    # ---- as a Link -------------------------------------------------------------------------------

    async def receive(self) -> Inbound:
        """The next item."""
        item = await self._came.get()
        if isinstance(item, LinkClosed):
            self._came.put_nowait(item)
            raise item
        return item

    def send(self, message: Any) -> None:
        """Keep it, and react."""
        self.sent.append(Sent(self._at_s(), message))
        match message:
            case m.ReplyBegin():
                self._rates[message.reply] = message.rate_hz
                self._streams[message.stream], self._got[message.reply] = message.reply, 0
                self._tasks.start(self._play(message.reply), f"play {message.reply}")
            case m.ReplyEnd() | m.ReplyCut():
                self._rates.pop(message.reply, None)
                if isinstance(message, m.ReplyEnd):
                    self._got[message.reply] = message.samples
            case m.ToolCall():
                self._tasks.start(self._act(message), f"call {message.call}")

    def send_media(self, frame: Media) -> None:
        """Keep it without its sound, and play it."""
        reply = self._streams.get(frame.stream, 0)
        if frame.payload:
            self.sent.append(
                Sent(self._at_s(), Media(frame.kind, reply, frame.seq, frame.sample, b""))
            )
        if reply in self._rates:
            self._began_s.setdefault(reply, self._at_s())
            self._got[reply] = max(self._got[reply], frame.sample + len(frame.payload) // 2)

    def flush_media(self, stream: int) -> None:
        """Nothing waits."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """The session ends."""
        self._came.put_nowait(LinkClosed(code, reason))
        await self._tasks.close()

    # ---- the client ------------------------------------------------------------------------------

    async def run(self, linger_s: float) -> None:
        """Send what the recorded client sent, wait, and leave."""
        for at_s, item in self._inputs:
            if isinstance(item, REACTIONS + PEER):
                continue
            if (wait_s := at_s - self._at_s()) > 0:
                await asyncio.sleep(wait_s)
            self._came.put_nowait(item)
        await asyncio.sleep(linger_s)
        await self.close(1000, "the recording has ended")

    async def _play(self, reply: int) -> None:
        rate_hz = self._rates[reply]
        played = 0
        while reply in self._rates or played < self._got[reply]:
            await asyncio.sleep(PLAYED_EVERY_S)
            if reply in self._began_s:
                heard_s = self._at_s() - self._began_s[reply]
                played = min(self._got[reply], int(heard_s * rate_hz))
                done = reply not in self._rates and played >= self._got[reply]
                self._came.put_nowait(m.Played(reply=reply, sample=played, done=done))
        if reply not in self._began_s:
            self._came.put_nowait(m.Played(reply=reply, sample=0, done=True))

    async def _act(self, call: m.ToolCall) -> None:
        """End as the recorded call did."""
        answers = self._calls.get(_key(call.name, call.args))
        if not answers:
            self._came.put_nowait(m.ToolAck(call=call.call, accepted=False, reason=NOT_RECORDED))
            return
        passed_s = 0.0
        for after_s, answer in answers.pop(0) if len(answers) > 1 else answers[0]:
            await asyncio.sleep(max(after_s - passed_s, 0))
            passed_s = after_s
            self._came.put_nowait(msgspec.structs.replace(answer, call=call.call))


def _of_one_connection(
    came: Iterator[tuple[float, Any]], *, heard: bool
) -> Iterator[tuple[float, Any]]:
    """The same from a client that never resumes; `heard`: its microphone is decoded."""
    is_in = False
    for at_s, item in came:
        if heard and isinstance(item, m.MicStart):
            yield at_s, msgspec.structs.replace(item, codec="pcm16")
            continue
        if not isinstance(item, m.Hello):
            yield at_s, item
        elif not is_in:
            is_in = True
            features = tuple(each for each in item.features if each not in NOT_AGAIN)
            required = tuple(each for each in item.required if each != "rtc")
            hello = msgspec.structs.replace(
                item, features=features, required=required, resume="", resume_from=None
            )
            yield at_s, hello


def _raise(_name: str, error: BaseException) -> None:
    raise error


def _key(name: str, args: Any) -> bytes:
    return msgspec.json.encode([name, args], order="sorted")


def _calls(recording: Recording) -> dict[bytes, list[list[tuple[float, Any]]]]:
    """How calls ended: what the game answered, and how long after the call, by name and arguments."""
    found: dict[bytes, list[list[tuple[float, Any]]]] = {}
    by_call: dict[int, tuple[float, list[tuple[float, Any]]]] = {}
    came = [
        (at, item) for at, item in inbound(recording) if isinstance(item, m.ToolAck | m.ToolResult)
    ]
    for at_s, sent in outbound(recording):
        if sent is not None and sent["type"] == "tool.call":
            answers: list[tuple[float, Any]] = []
            by_call.setdefault(sent["call"], (at_s, answers))
            found.setdefault(_key(sent["name"], sent.get("args", {})), []).append(answers)
    for at_s, item in came:
        if item.call in by_call:
            called_s, answers = by_call[item.call]
            answers.append((at_s - called_s, item))
    return found
