"""What a broken client may send to a running server: each case gets its code, and no session suffers.

Each case runs beside another session on the same server, which talks meanwhile and afterwards. If the
error is not fatal, the offending session also goes on.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import msgspec
import pytest

from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import AdapterSettings, FrametalkSettings
from frametalk.core.scene import Entity
from frametalk.metrics import Metrics
from frametalk.session import Session
from frametalk.transports.link import Link, LinkClosed
from frametalk.transports.memory import memory_pair
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind, encode, encode_media
from limits import SOON_S
from linked import end_of, send_raw
from player import DOOR, FRAME, OPEN, RATE_HZ, Player, engines, playing
from serving import Running, serving, settings
from sockets import open_peer

pytestmark = pytest.mark.real


@dataclass
class Table:
    """A server with a session that misbehaves and one that does not."""

    server: Running
    offender: Player
    bystander: Player


@asynccontextmanager
async def table(with_settings: FrametalkSettings | None = None) -> AsyncIterator[Table]:
    """Both sessions have sent hello and a scene and opened the microphone."""
    async with serving(with_settings) as server, asyncio.TaskGroup() as group:
        players = [Player(await server.connect()) for _ in range(2)]
        for player in players:
            group.create_task(player.run())
            await player.enter()
        yield Table(server, *players)
        for player in players:
            await player.link.close()


def last_reply(player: Player) -> int:
    return max((end.reply for end in player.of(m.ReplyEnd)), default=0)


async def talk(player: Player) -> None:
    """A typed turn whose reply is played to its end."""
    before = last_reply(player)
    player.link.send(m.Say(text="hello"))
    end = await player.until(m.ReplyEnd, lambda item: item.reply > before, SOON_S)
    assert player.heard[end.reply] == end.samples > 0
    await player.until(
        m.TurnStateChanged, lambda item: item.state == "idle" and item.turn >= end.reply, SOON_S
    )


async def both_go_on(at: Table) -> None:
    """Both sessions go on, and the bystander got no error."""
    await talk(at.bystander)
    await talk(at.offender)
    assert at.bystander.error_codes == []


def mic(sample: int, samples: int = FRAME, *, kind: int = 1, stream: int = 1) -> bytes:
    """A microphone frame of silence."""
    frame = Media(MediaKind.PCM16, stream, 0, sample, bytes(2 * samples))
    return bytes([kind]) + encode_media(frame)[1:]


def nested(depth: int) -> bytes:
    """A scene.event whose data contains nested arrays."""
    head = b"\x83\xa4type\xabscene.event\xa4name\xa4boom\xa4data\x81\xa1x"
    return head + b"\x91" * depth + b"\xc0"


NAN = msgspec.msgpack.encode(
    {"type": "scene.patch", "base": 1, "rev": 2, "move": {"door": [0.0, float("nan"), 0.0]}}
)

CASES: dict[str, tuple[bytes | str, str, str]] = {
    "text where binary is due": ("hello there", "message_malformed", ""),
    "sound as text": ("AAECAwQFBgc=", "message_malformed", ""),
    "nothing at all": (b"", "message_malformed", ""),
    "truncated header": (mic(0)[:15], "media_truncated", "media"),
    "unknown kind": (mic(0, kind=0x7F), "media_kind_unknown", "media"),
    "odd PCM length": (mic(0) + b"\0", "media_odd_length", "media"),
    "opus on a PCM stream": (mic(0, kind=2), "mic_codec", "media"),
    "stream that is not open": (mic(0, stream=9), "mic_stream_unknown", "media"),
    "wrong rate": (encode(m.MicStart(stream=1, rate_hz=7_999)), "mic_rate", "mic.start"),
    "impossible rate": (
        msgspec.msgpack.encode({"type": "mic.start", "stream": 1, "rate_hz": 44_100.5}),
        "message_invalid",
        "mic.start",
    ),
    "hole in the samples": (mic(FRAME * 3), "mic_sequence", "media"),
    "hole of ten hours": (mic(RATE_HZ * 36_000), "mic_sequence", "media"),
    "the last sample there is": (mic(2**53 - 1), "mic_sequence", "media"),
    "a sample beyond the last": (mic(2**64 - 1), "message_invalid", "media"),
    "missing field": ('{"type":"say"}', "message_invalid", "say"),
    "wrong type": (b"\x82\xa4type\xa3say\xa4text\x07", "message_invalid", "say"),
    "negative count": ('{"type":"played","reply":-1,"sample":0}', "message_invalid", "played"),
    "no type": (b"\x81\xa4text\xa2hi", "message_invalid", ""),
    "an array": (b"\x92\x01\x02", "message_invalid", ""),
    "NaN": (NAN, "number_not_finite", "scene.patch"),
    "nested 33 deep": (nested(33), "message_too_deep", "scene.event"),
    "nested 10,000 deep": (nested(10_000), "message_too_deep", ""),
    "cut in the middle": (encode(m.Say(text="hello"))[:-2], "message_malformed", ""),
    "second hello": (encode(m.Hello(protocol=1)), "hello_twice", "hello"),
    "patch from the future": (encode(m.ScenePatch(base=7, rev=8)), "scene_base", "scene.patch"),
    "result for an unknown call": (
        encode(m.ToolResult(call=99, ok=True)),
        "tool_unknown_call",
        "tool.result",
    ),
    "ack for an unknown call": (encode(m.ToolAck(call=99)), "tool_unknown_call", "tool.ack"),
    "played for an unknown reply": (
        encode(m.Played(reply=99, sample=0)),
        "played_unknown_reply",
        "played",
    ),
    "focus on nothing": (encode(m.Focus(entity="moon")), "scene_unknown_entity", "focus"),
    "floor, which is not served": (encode(m.FloorSet(mode="hold")), "feature_off", "floor.set"),
}


@pytest.mark.parametrize("case", CASES)
async def test_bad_input_gets_its_code_and_the_conversation_goes_on(case: str) -> None:
    data, code, ref = CASES[case]
    async with table() as at, asyncio.TaskGroup() as group:
        meanwhile = group.create_task(talk(at.bystander))
        await send_raw(at.offender.link, data)
        error = await at.offender.until(m.Error, within_s=SOON_S)
        assert (error.code, error.ref, error.fatal) == (code, ref, False)
        assert error.text
        assert error.remedy
        assert error.stage
        assert error.seq > 0
        await meanwhile
        await both_go_on(at)
        assert at.offender.error_codes == [code]


async def test_one_session_survives_every_non_fatal_case() -> None:
    async with table() as at:
        for index, (data, code, _ref) in enumerate(CASES.values()):
            await send_raw(at.offender.link, data)
            await at.offender.until(
                m.Error, lambda _error, count=index: len(at.offender.error_codes) > count, SOON_S
            )
            assert at.offender.error_codes[index] == code
        await both_go_on(at)


async def test_an_unknown_message_type_is_ignored() -> None:
    async with table() as at:
        await send_raw(at.offender.link, '{"type":"dance","partner":"smith"}')
        await both_go_on(at)
        assert at.offender.error_codes == []


async def test_after_a_wrong_base_the_server_asks_for_a_snapshot_and_accepts_it() -> None:
    async with table() as at:
        link = at.offender.link
        link.send(m.ScenePatch(base=5, rev=6, state={"door": {"open": True}}))
        assert (await at.offender.until(m.SceneResync, within_s=SOON_S)).rev == 1
        link.send(m.SceneSnapshot(rev=9, entities=(DOOR,)))
        await at.offender.until(m.SceneAck, lambda ack: ack.rev == 9, SOON_S)
        link.send(m.ScenePatch(base=9, rev=10, put=(Entity("key", "iron key"),)))
        await at.offender.until(m.SceneAck, lambda ack: ack.rev == 10, SOON_S)
        await both_go_on(at)
        assert at.offender.error_codes == ["scene_base"]


async def test_a_message_of_61_kib_ends_only_its_session() -> None:
    async with table() as at:
        await send_raw(at.offender.link, bytes(61 * 1024))
        error = await at.offender.until(m.Error, within_s=SOON_S)
        assert (error.code, error.fatal) == ("message_too_large", True)
        closed = await at.offender.until(LinkClosed, within_s=SOON_S)
        assert (closed.code, closed.reason) == (1009, "message_too_large")
        await talk(at.bystander)
        assert at.bystander.error_codes == []


async def test_a_flood_of_invalid_messages_ends_only_its_session() -> None:
    async with table() as at:
        flood = at.server
        began_s = answered_s = time.monotonic()
        async with open_peer(flood.port) as peer:
            peer.send(2, encode(m.Hello(protocol=1)))
            for _ in range(20_000):
                peer.send(2, b"\x01")
            with suppress(ConnectionError):
                await peer.writer.drain()
            answered = b""
            while chunk := await _read(peer.reader):
                answered += chunk
                answered_s = time.monotonic()
        seconds = 1 + math.ceil(answered_s - began_s)  # 64 errors may be sent in each
        assert answered.count(b"media_truncated") <= 64 * seconds
        await both_go_on(at)


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(SOON_S):
            return await reader.read(65_536)
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    "first",
    [None, encode(m.Say(text="hi")), mic(0), b"\xc1", '{"type":"dance"}'],
    ids=["nothing", "something else", "sound", "nonsense", "an unknown type"],
)
async def test_without_a_hello_there_is_no_session(first: bytes | str | None) -> None:
    async with table(settings(hello_timeout_ms=200, drain_ms=0)) as at:
        link = await at.server.connect()
        if first is not None:
            await send_raw(link, first)
        error = await _first_error(link)
        expected = "message_malformed" if first == b"\xc1" else "hello_missing"
        assert error.code == expected
        closed = await end_of(link)
        assert closed.code == 1008
        await both_go_on(at)


async def _first_error(link: Link) -> m.Error:
    async with asyncio.timeout(SOON_S):
        while not isinstance(item := await link.receive(), m.Error):
            pass
    return item


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        (m.Hello(protocol=2), "protocol_version"),
        (m.Hello(protocol=1, token="guess"), "bad_token"),  # noqa: S106  (a wrong one)
        (m.Hello(protocol=1, required=("telepathy",)), "feature_unknown"),
        (m.Hello(protocol=1, character="dragon"), "character_unknown"),
        (m.Hello(protocol=1, language="gibberish"), "language_unknown"),
    ],
)
async def test_a_refused_hello_ends_the_session(hello: m.Hello, code: str) -> None:
    async with table() as at:
        link = await at.server.connect()
        link.send(hello)
        error = await _first_error(link)
        assert (error.code, error.fatal) == (code, True)
        closed = await end_of(link)
        assert (closed.code, closed.reason) == (1008, code)
        await both_go_on(at)


async def test_a_result_after_the_deadline_changes_nothing() -> None:
    tool = {"name": "open", "args": {"target": "door"}}
    mind = AdapterSettings(adapter="fixed", options={"text": "Well.", "tool": tool})
    with_mind = msgspec.structs.replace(settings(drain_ms=0), llm=mind)
    async with serving(with_mind) as server, asyncio.TaskGroup() as group:
        player = Player(await server.connect())
        group.create_task(player.run())
        await player.hello(tools=(replace(OPEN, deadline_ms=50),))
        player.link.send(m.SceneSnapshot(rev=1, entities=(DOOR,)))
        player.link.send(m.Say(text="open the door"))
        call = await player.until(m.ToolCall, within_s=SOON_S)
        await player.until(m.ReplyEnd, within_s=SOON_S)  # the character answers without the door
        player.link.send(m.ToolResult(call=call.call, ok=True))
        error = await player.until(m.Error, within_s=SOON_S)
        assert (error.code, error.ref) == ("tool_late_result", "tool.result")
        player.link.send(m.ToolResult(call=call.call, ok=False))
        await player.until(m.Error, lambda _error: len(player.error_codes) == 2, SOON_S)
        assert player.error_codes[1] in {"tool_twice", "tool_late_result"}
        await player.link.close()


async def test_a_client_that_never_reads_is_disconnected_alone() -> None:
    async with table(settings(stalled_ms=50, drain_ms=0)) as at:
        async with open_peer(at.server.port, receive_buffer=4096) as peer:
            peer.send(2, encode(m.Hello(protocol=1)))
            ping = encode(m.Ping(id=1, t_us=0))
            async with asyncio.timeout(SOON_S):
                try:
                    while True:  # asks, and never reads an answer
                        for _ in range(100):
                            peer.send(2, ping)
                        await peer.writer.drain()
                        await asyncio.sleep(0)
                except ConnectionError:
                    pass
        await both_go_on(at)


# ---- on virtual time -----------------------------------------------------------------------------


@pytest.mark.looptime
async def test_a_session_without_hello_ends_after_three_seconds() -> None:
    server, client = memory_pair()
    session = Session(server, engines(), FrametalkSettings(), session_id="test", metrics=Metrics())
    await session.run()
    assert asyncio.get_running_loop().time() == pytest.approx(3)
    assert (await _first_error(client)).code == "hello_missing"
    assert (await end_of(client)).reason == "hello_missing"


@pytest.mark.looptime
async def test_a_turn_is_answered_after_ten_minutes_of_silence() -> None:
    async with playing() as player:
        await player.enter()
        half_a_second = RATE_HZ // 2  # the longest frames that are allowed
        for index in range(1_200):
            frame = Media(MediaKind.PCM16, 1, index, player.mic_sample, bytes(2 * half_a_second))
            player.link.send_media(frame)
            player.mic_sample += half_a_second
            await asyncio.sleep(0.5)
        assert player.of(m.Transcript) == []
        assert player.error_codes == []
        await player.speak()
        await player.until(m.ReplyEnd)
        assert player.error_codes == []


@pytest.mark.looptime
async def test_a_turn_is_answered_after_ten_minutes_without_a_frame() -> None:
    async with playing() as player:
        await player.enter()
        await asyncio.sleep(600)
        await player.speak()
        await player.until(m.ReplyEnd)
        assert player.error_codes == []


@pytest.mark.looptime
async def test_the_deadline_of_a_result_is_exact_to_a_millisecond() -> None:
    mind = FixedMind("Well.", tool={"name": "open", "args": {"target": "door"}})
    for wait_s, codes in ((0.999, []), (1.001, ["tool_late_result"])):
        async with playing(engines(mind)) as player:
            await player.enter()
            player.link.send(m.Say(text="open the door"))
            call = await player.until(m.ToolCall)
            assert call.deadline_ms == 1_000
            await asyncio.sleep(wait_s)
            player.link.send(m.ToolResult(call=call.call, ok=True))
            await player.until(m.ReplyEnd)
            await asyncio.sleep(1)
            assert player.error_codes == codes


@pytest.mark.looptime
@pytest.mark.parametrize(
    "frame",
    [
        mic(FRAME * 3),
        mic(RATE_HZ * 36_000),
        mic(2**64 - 1),
        mic(0, kind=2),
        mic(0, stream=9),
        mic(0) + b"\0",
        encode(m.MicStart(stream=1, rate_hz=12_345)),
    ],
    ids=["small jump", "far jump", "farthest jump", "opus", "stream", "odd", "rate"],
)
async def test_speech_is_understood_after_one_bad_frame(frame: bytes) -> None:
    async with playing() as player:
        await player.enter()
        await player.sound(1_000, loud=False)
        await send_raw(player.link, frame)
        await player.sound(1_000, loud=False)
        await player.speak()
        final = await player.until(m.Transcript, lambda item: item.final)
        assert final.text == "open the door"
        await player.until(m.ReplyEnd)
        assert 1 <= len(player.error_codes) <= 2
