"""A light player: what it sends, and what it makes of what comes."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import numpy as np
import pytest

from frametalk.bench.load import player as light
from frametalk.bench.load import socket_frames as ws
from frametalk.bench.load.plan import Plan
from frametalk.bench.load.player import LightPlayer, Talk
from frametalk.wire.codec import Media, MediaKind, client_codec, decode_media, encode_media

PLAN = Plan(
    port=1, sessions=1, cycle_s=1, seconds=1, sound="", decides=1_000, ends=500, engines_ms=0
)
LONG = msgspec.structs.replace(PLAN, frame_ms=40)
TONE = np.full(220, 8_000, "<i2").tobytes()


class Socket(asyncio.Transport):
    """Keeps what a player sends."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def payloads(self) -> list[bytes]:
        """What was sent in frames since the last time."""
        data, self.sent = b"".join(self.sent), []
        found = []
        while data:
            length, begin = data[1] & 0x7F, 6
            if length == 126:
                length, begin = int.from_bytes(data[2:4], "big"), 8
            found.append(data[begin : begin + length])
            data = data[begin + length :]
        return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    now = [0]
    monkeypatch.setattr(light, "now_us", lambda: now[0])
    return now


@pytest.fixture
def socket() -> Socket:
    return Socket()


@pytest.fixture
def player(socket: Socket, clock: list[int]) -> LightPlayer:
    """One that has joined."""
    return joined(PLAN, socket)


def word(plan: Plan) -> bytes:
    """A frame of speech."""
    return np.full(plan.frame_samples, 9, "<i2").tobytes()


def joined(plan: Plan, socket: Socket) -> LightPlayer:
    room = [bytes(2 * plan.frame_samples)] * plan.aligned
    player = LightPlayer(Talk(plan, [word(plan)] * 5, room))
    player.connection_made(socket)
    assert socket.sent.pop().startswith(b"GET /v1 HTTP/1.1\r\n")
    player.data_received(b"HTTP/1.1 101 Switching Protocols\r\nUp")
    player.data_received(b"grade: websocket\r\n\r\n")
    (hello,) = socket.payloads()
    assert client_codec.decode_binary(hello).protocol == 1  # type: ignore[union-attr]
    tell(player, {"type": "welcome", "session": "s"})
    assert player.joined.is_set()
    return player


def frame(payload: bytes) -> bytes:
    """As a server sends it."""
    return bytes([0x82, 126]) + len(payload).to_bytes(2, "big") + payload


def tell(player: LightPlayer, message: dict[str, Any]) -> None:
    player.data_received(frame(msgspec.msgpack.encode(message)))


def sound(player: LightPlayer, seq: int, payload: bytes) -> None:
    media = Media(MediaKind.PCM16, 4, seq, seq * 220, payload)
    player.data_received(frame(encode_media(media)))


def begin(player: LightPlayer, reply: int, turn: int = 1) -> None:
    tell(
        player,
        {"type": "reply.begin", "reply": reply, "turn": turn, "stream": 4, "rate_hz": 22_000},
    )


def states(player: LightPlayer, turn: int, *names: str) -> None:
    """What the server says that it does."""
    for name in names:
        tell(player, {"type": "turn.state", "state": name, "turn": turn})


def say(player: LightPlayer) -> None:
    """Say the whole utterance, until the frame that decides."""
    player.speak()
    for _ in range(16):
        player.send_frame(light.now_us())


def answer(player: LightPlayer, reply: int, turn: int) -> None:
    """A reply that is heard, to its end."""
    begin(player, reply, turn)
    sound(player, 0, TONE)
    tell(player, {"type": "reply.end", "reply": reply, "samples": 220})
    states(player, turn, "speaking", "idle")


@pytest.mark.parametrize(("plan", "said"), [(PLAN, range(8, 13)), (LONG, range(4, 9))])
def test_it_speaks_from_the_next_frame_that_begins_with_a_window(
    plan: Plan, said: range, socket: Socket
) -> None:
    player = joined(plan, socket)
    for at in range(3):
        player.send_frame(at)
    player.speak()
    for at in range(3, 14):
        player.send_frame(at)
    frames = [decode_media(payload) for payload in socket.payloads()]
    assert [media.sample for media in frames] == [at * plan.frame_samples for at in range(14)]
    assert [at for at, media in enumerate(frames) if media.payload == word(plan)] == list(said)


@pytest.mark.usefixtures("clock")
def test_the_turn_ends_with_the_frame_that_has_the_deciding_sample(socket: Socket) -> None:
    player = joined(LONG, socket)
    player.speak()
    for at in range(6):
        player.send_frame(at * 40_000)
    states(player, 1, "hearing", "thinking")
    begin(player, 1)
    sound(player, 0, TONE)
    (turn,) = player.turns
    assert (turn.ended_us, turn.decided_us) == (0, 40_000)


@pytest.mark.usefixtures("clock")
def test_between_two_frames_its_reports_say_what_the_microphone_has_heard(socket: Socket) -> None:
    player = joined(LONG, socket)
    player.send_frame(0)
    begin(player, 7)
    sound(player, 0, TONE)
    player.report(10_000)
    report = client_codec.decode_binary(socket.payloads()[-1])
    assert report.mic_sample == 640 + 160  # type: ignore[union-attr]


def test_a_turn_is_measured_from_the_frame_that_decides_to_the_replys_sound(
    player: LightPlayer, clock: list[int]
) -> None:
    player.speak()
    for at in range(6):
        player.send_frame(at * 20_000)
    states(player, 1, "hearing", "thinking")
    begin(player, 1)
    clock[0] = 150_000
    sound(player, 0, TONE)
    (turn,) = player.turns
    assert turn.decided_us == 60_000
    assert turn.ended_us == 20_000  # the frame with its last sample
    assert turn.playback is not None
    assert turn.playback.arrived_us == 150_000


def test_what_was_said_before_the_turn_was_over_does_not_answer_it(player: LightPlayer) -> None:
    begin(player, 1)
    player.speak()
    player.send_frame(0)
    sound(player, 0, TONE)
    assert player.turns == []
    player.speak()
    assert player.missed == 1


def test_an_answer_that_is_late_by_more_than_a_turn_is_not_taken_for_the_next(
    player: LightPlayer, clock: list[int]
) -> None:
    say(player)
    states(player, 1, "hearing", "holding", "thinking")
    clock[0] = 8_000_000
    say(player)  # and the first is missed
    clock[0] = 8_100_000
    answer(player, 1, turn=1)
    assert (player.turns, player.missed) == ([], 1)
    states(player, 2, "hearing", "thinking")
    clock[0] = 8_400_000
    answer(player, 2, turn=2)
    (turn,) = player.turns
    assert (turn.decided_us, turn.playback.arrived_us) == (8_000_000, 8_400_000)
    assert player.missed == 1


def test_utterances_that_the_server_hears_too_late_are_told_apart_by_their_order(
    player: LightPlayer, clock: list[int]
) -> None:
    for clock[0] in (0, 8_000_000, 16_000_000):
        say(player)
    for number in (1, 2, 3):
        clock[0] += 200_000
        states(player, number, "hearing", "holding", "hearing", "thinking")
        answer(player, number, number)
    (turn,) = player.turns
    assert (turn.decided_us, turn.playback.arrived_us) == (16_000_000, 16_600_000)
    assert player.missed == 2


def test_an_utterance_over_a_late_answer_is_answered_in_its_own_turn(player: LightPlayer) -> None:
    say(player)
    states(player, 1, "hearing", "thinking")
    say(player)
    begin(player, 1, turn=1)
    sound(player, 0, TONE)
    states(player, 1, "speaking", "ducked")
    tell(player, {"type": "reply.cut", "reply": 1, "at": 100})
    states(player, 2, "hearing", "thinking")
    assert player.turns == []
    answer(player, 2, turn=2)
    assert [turn.number for turn in player.turns] == [2]


def test_two_utterances_in_a_turn_that_goes_on_are_answered_once(player: LightPlayer) -> None:
    say(player)
    states(player, 1, "hearing", "thinking")
    say(player)
    states(player, 1, "hearing", "thinking")
    answer(player, 1, turn=1)
    assert (len(player.turns), player.missed) == (1, 1)


def test_speech_that_the_server_hears_in_two_parts_is_one_utterance(player: LightPlayer) -> None:
    say(player)
    states(player, 1, "hearing", "thinking")
    states(player, 2, "hearing", "thinking")
    answer(player, 1, turn=2)
    assert [turn.number for turn in player.turns] == [2]


def test_it_reports_what_it_plays_until_the_reply_is_over(
    player: LightPlayer, socket: Socket, clock: list[int]
) -> None:
    player.report(0)
    assert socket.payloads() == []
    begin(player, 7)
    sound(player, 0, TONE)
    player.report(5_000)
    tell(player, {"type": "reply.end", "reply": 7, "samples": 220})
    player.report(10_000)
    player.report(20_000)
    reports = [client_codec.decode_binary(payload) for payload in socket.payloads()]
    assert [(report.reply, report.sample, report.done) for report in reports] == [  # type: ignore[union-attr]
        (7, 110, False),
        (7, 220, True),
    ]


def test_it_answers_pings_of_both_kinds(player: LightPlayer, socket: Socket) -> None:
    player.data_received(bytes([0x80 | ws.PING, 2]) + b"ab")
    tell(player, {"type": "ping", "id": 3, "t_us": 9})
    pong, clocks = socket.payloads()
    assert pong == b"ab"
    assert client_codec.decode_binary(clocks).id == 3  # type: ignore[union-attr]


def test_it_counts_errors_and_keeps_the_servers_stages(player: LightPlayer) -> None:
    tell(player, {"type": "error", "code": "mic_sequence"})
    stages = [{"stage": "recognition", "ms": 60.5}]
    tell(player, {"type": "trace", "turn": 1, "mouth_to_ear_ms": 60.5, "stages": stages})
    tell(player, {"type": "trace", "turn": 2, "unmeasured": "cut"})
    assert player.errors == {"mic_sequence": 1}
    assert player.stages == [{"recognition": 60.5}]
