"""Bad inputs by name, each with the code that the wire's page promises for it."""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple

import msgspec

from frametalk.wire.codec import MAX_MESSAGE_BYTES

Frame = bytes | str
HELLO = {"type": "hello", "protocol": 1, "features": ["floor", "turn_hint", "resume", "pause"]}
DOOR = {"id": "door", "name": "red door", "state": {"open": False}}
SNAPSHOT = {"type": "scene.snapshot", "rev": 1, "entities": [DOOR]}
MIC = {"type": "mic.start", "stream": 1, "rate_hz": 16_000}
HEADER = struct.Struct("<BBHIQ")
DEEP = 20_000
NOT_FINITE = (float("nan"), float("inf"), float("-inf"))


class Input(NamedTuple):
    """Frames that one client sends, and the `code` that it gets; none: the frames are good.

    `greeted`: after its `hello`. `fatal`: the session ends by it. `answered`: why the reply to it ends.
    `consent`: what the server's `welcome` says of it.
    """

    name: str
    frames: tuple[Frame, ...]
    code: str = ""
    greeted: bool = True
    fatal: bool = False
    answered: str = ""
    consent: tuple[tuple[str, bool], ...] = ()


def packed(message: Any) -> bytes:
    """A control message as MessagePack."""
    return msgspec.msgpack.encode(message)


def media(
    *, kind: int = 1, stream: int = 1, seq: int = 0, sample: int = 0, payload: bytes = bytes(640)
) -> bytes:
    """A media frame."""
    return HEADER.pack(kind, 0, stream, seq, sample) + payload


def handwritten() -> list[Input]:
    """Everything that is not made from the types of the wire."""
    return [
        *_broken(),
        *_numbers(),
        *_nested(),
        *_large(),
        *_first(),
        *_sound(),
        *_order(),
        *_scene(),
    ]


def _broken() -> list[Input]:
    frames: dict[str, Frame] = {
        "an empty frame": b"",
        "an empty text": "",
        "a byte that MessagePack does not have": b"\xc1",
        "a map that is cut off": b"\x82\xa4type",
        "bytes after a message": packed({"type": "ping", "id": 1, "t_us": 1}) + b"\0",
        "broken UTF-8": b"\x81\xa4type\xa2\xff\xfe",
        "a word instead of JSON": "hello",
        "JSON that is cut off": '{"type":"say"',
        "text after JSON": '{"type":"bye"} x',
        "NaN in JSON": '{"type":"scene.event","name":"x","data":{"a":NaN}}',
        "half a surrogate pair in JSON": '{"type":"say","text":"\\ud800"}',
    }
    invalid: dict[str, Any] = {
        "an array": [1, 2],
        "nothing": None,
        "a map without a type": {"a": 1},
        "a type that is a number": {"type": 5},
        "an empty text to say": {"type": "say", "text": ""},
        "an unknown microphone mode": {**MIC, "mode": "x"},
        "a number with a fraction as a count": {"type": "ping", "id": 1.5, "t_us": 0},
        "a key that is a number": {"type": "scene.event", "name": "x", "data": {1: 2}},
    }
    twice = b"\x83\xa4type\xa3say\xa4text\xa1a\xa4text\xa1b"
    return [
        Input("a key twice", (twice,), "message_invalid"),
        *(Input(name, (frame,), "message_malformed") for name, frame in frames.items()),
        *(Input(name, (packed(value),), "message_invalid") for name, value in invalid.items()),
    ]


def _numbers() -> list[Input]:
    """Numbers that JSON cannot carry, wherever a message has one."""
    made = []
    for value in NOT_FINITE:
        places: dict[str, Any] = {
            "an event's data": {"type": "scene.event", "name": "x", "data": {"a": value}},
            "a position": {**SNAPSHOT, "entities": [{**DOOR, "position": [value, 0.0, 0.0]}]},
            "a state": {**SNAPSHOT, "entities": [{**DOOR, "state": {"open": value}}]},
            "the time of a pause": {"type": "pause", "for_ms": value},
        }
        made += [
            Input(f"{value} in {place}", (packed(message),), "number_not_finite")
            for place, message in places.items()
        ]
    return made


def _nested() -> list[Input]:
    event = packed({"type": "scene.event", "name": "x", "data": {"a": None}})[:-1]
    text = '{"type":"scene.event","name":"x","data":{"a":'
    return [
        Input("arrays 20,000 deep", (event + b"\x91" * DEEP + b"\xc0",), "message_too_deep"),
        Input("maps 20,000 deep", (event + b"\x81\xa1a" * DEEP + b"\xc0",), "message_too_deep"),
        Input("JSON 20,000 deep", (text + "[" * DEEP + "]" * DEEP + "}}",), "message_too_deep"),
        Input("33 levels", (event + b"\x91" * 33 + b"\xc0",), "message_too_deep"),
    ]


def _large() -> list[Input]:
    beyond = MAX_MESSAGE_BYTES + 1
    return [
        Input(
            "a large control message", (b"\x81" + b"a" * beyond,), "message_too_large", fatal=True
        ),
        Input("a large text", ("a" * beyond,), "message_too_large", fatal=True),
        Input("a large sound", (media(payload=bytes(beyond)),), "message_too_large", fatal=True),
        Input("four hundred kilobytes", (bytes(400_000),), fatal=True),  # closed with 1009 unread
        Input("seventy errors at once", (b"",) * 70, "too_many_errors", fatal=True),
    ]


def _first() -> list[Input]:
    """What comes instead of a good `hello`."""

    def before(name: str, code: str, *frames: Frame) -> Input:
        return Input(name, frames, code, greeted=False, fatal=True)

    return [
        before("words before hello", "hello_missing", packed({"type": "say", "text": "x"})),
        before("sound before hello", "hello_missing", media()),
        before("garbage before hello", "message_malformed", b"\xc1"),
        before("another protocol", "protocol_version", packed({**HELLO, "protocol": 2})),
        before("a hello with a wrong field", "message_invalid", packed({**HELLO, "client": 5})),
        before("an unknown character", "character_unknown", packed({**HELLO, "character": "x"})),
        before("a required feature", "feature_unknown", packed({**HELLO, "required": ["x"]})),
        Input("a token of no session", (packed({**HELLO, "resume": "x" * 22}),), "resume_unknown",
              greeted=False),
        Input("a tool without a good schema",
              (packed({**HELLO, "tools": [{"name": "a", "parameters": {"type": 5}}]}),), "tool_schema",
              greeted=False),
        Input("hello twice", (packed(HELLO),), "hello_twice"),
    ]  # fmt: skip


def _sound() -> list[Input]:
    mic = packed(MIC)
    size = 30_000  # samples, nearly as many as a message has room for
    minute = [media(seq=n, sample=n * size, payload=bytes(2 * size)) for n in range(32)]
    return [
        Input("a header that is cut off", (b"\x01\0",), "media_truncated"),
        Input("a media frame of another kind", (media(kind=3),), "media_kind_unknown"),
        Input("half a sample", (mic, media(payload=bytes(3))), "media_odd_length"),
        Input("sound of no stream", (media(),), "mic_stream_unknown"),
        Input("the end of no stream", (packed({"type": "mic.stop", "stream": 9, "at": 0}),),
              "mic_stream_unknown"),
        Input("a microphone of 1 Hz", (packed({**MIC, "rate_hz": 1}),), "mic_rate"),
        Input("a minute of sound at once", (mic, *minute), "mic_too_fast"),
        Input("a codec that was not granted", (packed({**MIC, "codec": "opus"}),), "mic_codec"),
        Input("a jump of the sample clock", (mic, media(), media(seq=1, sample=2**52)), "mic_sequence"),
        Input("a sample clock that goes back",
              (mic, media(sample=32_000), media(seq=1, sample=5)), "mic_sequence"),
        Input("sound of another kind than the stream's",
              (mic, media(kind=2, payload=b"garbage")), "mic_codec"),
        Input("good sound", (mic, media(), media(seq=1, sample=320))),
    ]  # fmt: skip


def _order() -> list[Input]:
    one = {
        "a result for no call": (
            {"type": "tool.result", "call": 7, "ok": True},
            "tool_unknown_call",
        ),
        "an ack for no call": ({"type": "tool.ack", "call": 7}, "tool_unknown_call"),
        "a hint for no turn": (
            {"type": "turn.hint", "turn": 9, "hint": "force"},
            "turn_unknown",
        ),
        "a report of no reply": (
            {"type": "played", "reply": 9, "sample": 1},
            "played_unknown_reply",
        ),
        "an ack of what was not sent": ({"type": "ack", "acked": 2**40}, "ack_beyond"),
        "an offer without the feature": ({"type": "rtc.offer", "sdp": "v=0"}, "feature_off"),
    }
    return [Input(name, (packed(message),), code) for name, (message, code) in one.items()]


def _scene() -> list[Input]:
    def scene(name: str, code: str, *messages: dict[str, Any]) -> Input:
        return Input(name, tuple(map(packed, messages)), code)

    crowd = [{"id": f"e{number}", "name": f"thing {number}"} for number in range(700)]
    parts = [
        {"type": "scene.patch", "base": rev, "rev": rev + 1, "put": crowd[at : at + 100]}
        for rev, at in enumerate(range(0, len(crowd), 100), 1)
    ]
    return [
        scene("a patch of another revision", "scene_base",
              SNAPSHOT, {"type": "scene.patch", "base": 5, "rev": 6, "remove": ["door"]}),
        scene("a patch of nothing known", "scene_unknown_entity",
              SNAPSHOT, {"type": "scene.patch", "base": 1, "rev": 2, "state": {"x": {"open": True}}}),
        scene("a look at nothing known", "scene_unknown_entity",
              SNAPSHOT, {"type": "focus", "entity": "x"}),
        scene("a thing twice", "scene_invalid", {**SNAPSHOT, "entities": [DOOR, DOOR]}),
        scene("a revision that falls", "scene_invalid",
              SNAPSHOT, {"type": "scene.patch", "base": 1, "rev": 1, "remove": ["door"]}),
        scene("seven hundred things", "scene_limit", SNAPSHOT, *parts),
        Input("good scene in JSON", (json.dumps(SNAPSHOT),)),
    ]  # fmt: skip
