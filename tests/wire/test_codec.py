"""Bytes to messages: what is accepted, and what is refused with which code."""

import json
import math
from pathlib import Path
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.errors import WireError
from frametalk.wire import messages as m
from frametalk.wire.codec import (
    MAX_MESSAGE_BYTES,
    Media,
    MediaFlags,
    MediaKind,
    UnknownMessage,
    client_codec,
    decode_media,
    encode,
    encode_json,
    encode_media,
    is_media,
    server_codec,
)
from wire.decoding import check_bytes, check_text, read

GOLDEN = Path(__file__).parents[2] / "protocols/golden"
GOLDEN_MESSAGES = sorted(GOLDEN.glob("*/*.msgpack"))
GOLDEN_BYTES = [path.read_bytes() for path in GOLDEN_MESSAGES]


def pack(**fields: Any) -> bytes:
    return msgpack.packb(fields)


def refused(data: bytes) -> WireError:
    with pytest.raises(WireError) as caught:
        client_codec.decode_binary(data)
    return caught.value


# ---- control: accepted ---------------------------------------------------------------------------


def test_message_from_another_library_is_read() -> None:
    message = client_codec.decode_binary(pack(type="say", text="hello"))
    assert message == m.Say(text="hello")


def test_type_may_be_any_of_the_keys() -> None:
    assert client_codec.decode_binary(pack(text="hello", type="say")) == m.Say(text="hello")


def test_json_and_messagepack_give_the_same_message() -> None:
    message = m.Played(reply=1, sample=441, t_us=5)
    assert client_codec.decode_text(encode_json(message).decode()) == message
    assert client_codec.decode_binary(encode(message)) == message


def test_unknown_fields_are_ignored() -> None:
    data = pack(type="say", text="hello", mood={"angry": [1, 2]})
    assert client_codec.decode_binary(data) == m.Say(text="hello")


@pytest.mark.parametrize("extra", [{}, {"value": math.nan}, {"seq": "x"}])
def test_unknown_types_are_recognised_whatever_they_contain(extra: dict[str, Any]) -> None:
    data = pack(type="mouth.wash", **extra)
    assert client_codec.decode_binary(data) == UnknownMessage("mouth.wash")


def test_each_direction_knows_only_its_own_types() -> None:
    call = encode(m.ToolCall(call=1, name="open", deadline_ms=100))
    assert client_codec.decode_binary(call) == UnknownMessage("tool.call")
    assert isinstance(server_codec.decode_binary(call), m.ToolCall)
    ping = encode(m.Ping(id=1, t_us=2))
    assert client_codec.decode_binary(ping) == server_codec.decode_binary(ping)


def test_whole_numbers_are_accepted_where_fractions_are() -> None:
    data = pack(type="scene.patch", base=1, rev=2, move={"door": [0, 1, 2]})
    patch = client_codec.decode_binary(data)
    assert isinstance(patch, m.ScenePatch)
    assert patch.move == {"door": (0.0, 1.0, 2.0)}


def test_json_of_an_engine_that_knows_only_floats_is_read() -> None:
    text = (
        '{"type":"hello","protocol":1.0,"tools":[{"name":"open","deadline_ms":2e3,'
        '"parameters":{"type":"object","maxProperties":3.0}}]}'
    )
    hello = client_codec.decode_text(text)
    assert isinstance(hello, m.Hello)
    assert (hello.protocol, hello.tools[0].deadline_ms) == (1, 2000)
    assert repr(hello.tools[0].parameters["maxProperties"]) == "3"


def test_free_data_in_json_keeps_whole_numbers_whole() -> None:
    text = (
        '{"type":"tool.result","call":7.0,"ok":true,"value":{"gold":25.0,"kg":7.5,"far":1e300,'
        '"list":[-0.0,1E2,9007199254740991.0]}}'
    )
    result = client_codec.decode_text(text)
    assert isinstance(result, m.ToolResult)
    assert repr(result.value) == (
        "{'gold': 25, 'kg': 7.5, 'far': 1e+300, 'list': [0, 100, 9007199254740991]}"
    )


@pytest.mark.parametrize("call", ["1.5", '"1"', "true", "null", "-1.0", "1e300"])
def test_what_is_not_a_whole_number_is_refused_in_json_too(call: str) -> None:
    with pytest.raises(WireError, match=r"\$\.call"):
        client_codec.decode_text(f'{{"type":"tool.ack","call":{call}}}')


def test_messagepack_has_whole_numbers_and_needs_no_such_reading() -> None:
    with pytest.raises(WireError, match="Expected `int`, got `float`"):
        client_codec.decode_binary(pack(type="tool.ack", call=1.0))


def test_a_message_of_exactly_the_limit_is_accepted() -> None:
    frame = pack(type="tool.result", call=1, ok=True, value="")
    padding = "x" * (MAX_MESSAGE_BYTES - len(frame) - 2)
    data = pack(type="tool.result", call=1, ok=True, value=padding)
    assert len(data) == MAX_MESSAGE_BYTES
    assert isinstance(client_codec.decode_binary(data), m.ToolResult)


# ---- control: refused ----------------------------------------------------------------------------


def test_an_error_has_text_place_and_remedy() -> None:
    error = refused(pack(type="played", reply=1, sample=-1))
    assert error.code == "message_invalid"
    assert "played" in error.text
    assert "$.sample" in error.text
    assert error.remedy
    assert not error.fatal


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        (
            {"type": "scene.patch", "base": 1, "rev": 2, "move": {"a": [0, math.nan, 0]}},
            "move.a[1]",
        ),
        (
            {"type": "scene.patch", "base": 1, "rev": 2, "state": {"a": {"b": math.inf}}},
            "state.a.b",
        ),
        (
            {
                "type": "scene.snapshot",
                "rev": 1,
                "entities": [
                    {"id": "a", "name": "a"},
                    {"id": "b", "name": "b", "position": [math.nan, 0.0, 0.0]},
                ],
            },
            "entities[1].position[0]",
        ),
        ({"type": "tool.result", "call": 1, "ok": True, "value": [{"x": -math.inf}]}, "value[0].x"),
        ({"type": "scene.event", "name": "x", "data": {"y": {"z": math.nan}}}, "data.y.z"),
        ({"type": "floor.set", "mode": "hold", "until_ms": math.nan}, "until_ms"),
        ({"type": "floor.set", "mode": "hold", "until_ms": math.inf}, "until_ms"),
        (
            {
                "type": "hello",
                "protocol": 1,
                "tools": [{"name": "a", "parameters": {"maximum": math.nan}}],
            },
            "tools[0].parameters.maximum",
        ),
    ],
)
def test_nan_has_its_own_code_and_place(fields: dict[str, Any], where: str) -> None:
    error = refused(msgpack.packb(fields))
    assert error.code == "number_not_finite"
    assert f"`$.{where}`" in error.text


@pytest.mark.parametrize("value", [2**53, -(2**53), 2**63, {1: 2}, {"a": {(): 1}}, b"bytes"])
def test_free_data_is_what_json_can_hold(value: Any) -> None:
    packed = msgpack.packb(value)
    prefix = msgpack.packb({"type": "tool.result", "call": 1, "ok": True, "value": None})[:-1]
    assert refused(prefix + packed).code == "message_invalid"


@pytest.mark.parametrize("depth", [31, 32, 33, 34])
def test_nesting_limit_counts_the_message_itself(depth: int) -> None:
    value: Any = 1
    for _ in range(depth - 1):
        value = [value]
    data = pack(type="tool.result", call=1, ok=True, value=value)
    if depth <= 32:
        assert isinstance(client_codec.decode_binary(data), m.ToolResult)
    else:
        assert refused(data).code == "message_too_deep"


def test_text_with_half_a_character_is_malformed() -> None:
    with pytest.raises(WireError, match="message_malformed"):
        client_codec.decode_text('{"type":"say","text":"\ud800"}')


@pytest.mark.parametrize(
    "case", json.loads((GOLDEN / "bad.json").read_bytes()), ids=lambda c: c["name"]
)
def test_golden_bad_frames_are_refused_with_their_code(case: dict[str, Any]) -> None:
    if case["frame"] == "text":
        text = "".join(part["text"] * part["times"] for part in case["parts"])
        outcome = read(client_codec.decode_text, text)
    else:
        data = b"".join(bytes.fromhex(part["hex"]) * part["times"] for part in case["parts"])
        outcome = read(decode_media if is_media(data) else client_codec.decode_binary, data)
    assert isinstance(outcome, WireError)
    assert outcome.code == case["code"]


# ---- media ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", json.loads((GOLDEN / "media.json").read_bytes()), ids=lambda c: c["name"]
)
def test_golden_media_is_read_and_written(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["hex"])
    frame = decode_media(data)
    assert is_media(data)
    assert frame == Media(
        MediaKind(case["kind"]),
        case["stream"],
        case["seq"],
        case["sample"],
        bytes.fromhex(case["payload_hex"]),
        MediaFlags(case["flags"]),
    )
    assert encode_media(frame) == data


def test_unknown_media_flags_are_ignored() -> None:
    frame = Media(MediaKind.PCM16, 1, 2, 3, b"\x00\x00", MediaFlags.LAST)
    data = bytearray(encode_media(frame))
    data[1] |= 0xFC
    assert decode_media(bytes(data)) == frame


@pytest.mark.parametrize(
    ("first", "media"), [(0x00, True), (0x7F, True), (0x80, False), (0xDE, False)]
)
def test_first_byte_tells_the_kinds_apart(first: int, media: bool) -> None:
    assert is_media(bytes([first])) is media


def test_an_empty_frame_is_not_media() -> None:
    assert not is_media(b"")


@given(
    st.sampled_from(MediaKind),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**53 - 1),
    st.binary(max_size=64).filter(lambda payload: len(payload) % 2 == 0),
    st.sampled_from([MediaFlags.NONE, MediaFlags.LAST, MediaFlags.SPEECH]),
)
def test_media_is_the_same_after_encoding_and_decoding(
    kind: MediaKind, stream: int, seq: int, sample: int, payload: bytes, flags: MediaFlags
) -> None:
    frame = Media(kind, stream, seq, sample, payload, flags)
    assert decode_media(encode_media(frame)) == frame


# ---- arbitrary bytes -----------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_wire_error(data: bytes) -> None:
    check_bytes(data)


@given(st.data())
def test_damaged_messages_are_a_message_or_a_wire_error(data: st.DataObject) -> None:
    broken = bytearray(data.draw(st.sampled_from(GOLDEN_BYTES)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        if not broken:
            break
    check_bytes(bytes(broken))


free = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.integers(0, 9) | st.booleans(), inner, max_size=4)
    ),
    max_leaves=12,
)
TYPES = sorted(client_codec.types | server_codec.types)
FIELDS = sorted({name for kind in m.FromClient.__args__ for name in kind.__struct_fields__})


@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(FIELDS), free, max_size=6))
def test_any_values_in_any_fields_are_a_message_or_a_wire_error(
    kind: str, fields: dict[str, Any]
) -> None:
    check_bytes(msgpack.packb({**fields, "type": kind}))


@given(
    st.text(max_size=300) | free.map(lambda value: json.dumps(value, default=str, skipkeys=True))
)
def test_any_text_is_a_message_or_a_wire_error(text: str) -> None:
    check_text(text)


@pytest.mark.parametrize("level", [b"\x91", b"\x81\xa1a", b"\xdc\x00\x01", b"\xdd\x00\x00\x00\x01"])
@pytest.mark.parametrize("prefix", [b"", b"\x82\xa4type\xa3say\xa4text", b"\x81\xa4type"])
def test_ten_thousand_levels_are_refused_wherever_they_are(prefix: bytes, level: bytes) -> None:
    data = (prefix + level * 10_000)[:MAX_MESSAGE_BYTES]
    assert refused(data).code in {"message_too_deep", "message_invalid"}


def test_struct_of_each_message_is_frozen() -> None:
    for kind in (*m.FromClient.__args__, *m.FromServer.__args__):
        assert msgspec.inspect.type_info(kind).tag == kind.__struct_config__.tag
        assert kind.__struct_config__.frozen
