"""Media frames at their limits, and frames that a receiver must refuse."""

from __future__ import annotations

from typing import Any

import msgspec

from frametalk.wire.codec import Media, MediaFlags, MediaKind, encode_media
from frametalk.wire.opus import PRE_SKIP, packet_samples

MEDIA = {
    "first": Media(MediaKind.PCM16, 1, 0, 0, b"\x00\x00\x01\x00\xff\xff"),
    "speech": Media(MediaKind.PCM16, 1, 1, 320, b"\x10\x00\xf0\xff", MediaFlags.SPEECH),
    "last": Media(MediaKind.PCM16, 2, 9, 44_100, b"\xff\x7f\x00\x80", MediaFlags.LAST),
    "empty_last": Media(MediaKind.PCM16, 2, 10, 44_102, b"", MediaFlags.LAST),
    "opus_first": Media(MediaKind.OPUS, 3, 0, 0, b"\xf8\xff\xfe"),
    "opus_second": Media(MediaKind.OPUS, 3, 1, 960 - PRE_SKIP, b"\xf8\xff\xfe"),
    "opus_stereo": Media(MediaKind.OPUS, 3, 2, 1920 - PRE_SKIP, b"\xfc\xff\xfe"),
    "seq_before_wrap": Media(MediaKind.PCM16, 1, 2**32 - 1, 2**32 * 320, b"\x05\x00"),
    "seq_wrapped": Media(MediaKind.PCM16, 1, 0, 2**32 * 320 + 1, b"\x06\x00"),
    "largest": Media(
        MediaKind.PCM16, 2**16 - 1, 2**32 - 1, 2**53 - 1, b"", MediaFlags.LAST | MediaFlags.SPEECH
    ),
}


def media_cases() -> list[dict[str, Any]]:
    """Each frame as hex, with its fields."""
    return [
        {
            "name": name,
            "hex": encode_media(frame).hex(),
            "kind": int(frame.kind),
            "flags": int(frame.flags),
            "stream": frame.stream,
            "seq": frame.seq,
            "sample": frame.sample,
            "payload_hex": frame.payload.hex(),
        }
        for name, frame in MEDIA.items()
    ]


# The beginnings of packets: the length of each, in samples, is in their first two bytes.
OPUS = (
    b"\xf8\xff\xfe", b"\xfc\xff\xfe", b"\x00", b"\x08", b"\x10", b"\x18", b"\x60", b"\x78\x01",
    b"\x80", b"\x88", b"\x90", b"\x98", b"\xe0\x07", b"\xf9\x00\x00", b"\xfa\x01\x00\x00",
    b"\xfb\x03\x00\x00\x00", b"\xfb\x86\x00", b"\x1b\x02", b"\x18\x00", b"\x19\x00\x00",
    b"", b"\xfb", b"\xfb\x00", b"\xfb\x07", b"\x1b\x03", b"\xff\xff",
)  # fmt: skip


def opus_cases() -> list[dict[str, Any]]:
    """Each packet as hex, with its length in samples; 0: a receiver must refuse it."""
    return [{"hex": packet.hex(), "samples": packet_samples(packet)} for packet in OPUS]


Part = tuple[bytes, int]


def _binary(name: str, code: str, *parts: Part | bytes) -> dict[str, Any]:
    return {
        "name": name,
        "frame": "binary",
        "code": code,
        "parts": [
            {"hex": part.hex(), "times": times}
            for part, times in (part if isinstance(part, tuple) else (part, 1) for part in parts)
        ],
    }


def _text(name: str, code: str, *parts: tuple[str, int] | str) -> dict[str, Any]:
    return {
        "name": name,
        "frame": "text",
        "code": code,
        "parts": [
            {"text": part, "times": times}
            for part, times in (part if isinstance(part, tuple) else (part, 1) for part in parts)
        ],
    }


def _pack(value: Any) -> bytes:
    return msgspec.msgpack.encode(value)


_RESULT = b"\x84" + b"".join(map(_pack, ("type", "tool.result", "call", 1, "ok", True, "value")))
_RESULT_TEXT = '{"type":"tool.result","call":1,"ok":true,"value":'
_HEADER = bytes.fromhex("0100010000000000") + bytes(8)
_NAN = float("nan")


def bad_cases() -> list[dict[str, Any]]:
    """Frames from a client, each with the error code of the server's answer."""
    return [
        _binary("media_header_short", "media_truncated", _HEADER[:15]),
        _binary("media_one_byte", "media_truncated", b"\x01"),
        _binary("media_kind_zero", "media_kind_unknown", b"\x00" + _HEADER[1:]),
        _binary("media_kind_127", "media_kind_unknown", b"\x7f" + _HEADER[1:]),
        _binary("media_odd", "media_odd_length", _HEADER, b"\x01\x02\x03"),
        _binary("media_sample_too_high", "message_invalid",
                _HEADER[:8] + (2**53).to_bytes(8, "little")),
        _binary("media_61_kib", "message_too_large", _HEADER, (b"\x00", 61 * 1024)),
        _binary("control_61_kib", "message_too_large", b"\x80", (b"\x00", 61 * 1024)),
        _binary("empty", "message_malformed"),
        _binary("array", "message_invalid", b"\x93\x01\x02\x03"),
        _binary("nil", "message_invalid", b"\xc0"),
        _binary("never_used_byte", "message_malformed", b"\xc1"),
        _binary("truncated", "message_malformed", _pack({"type": "say", "text": "hello"})[:-1]),
        _binary("trailing", "message_malformed", _pack({"type": "bye"}), b"\x00"),
        _binary("lying_length", "message_malformed", _RESULT, b"\xdd\xff\xff\xff\xff\x01"),
        _binary("not_utf8", "message_malformed", b"\x82\xa4type\xa3say\xa4text\xa2\xff\xfe"),
        _binary("key_twice", "message_invalid", b"\x83\xa4type\xa3say\xa4text\xa1a\xa4text\xa1b"),
        _binary("key_twice_inside", "message_invalid", _RESULT, b"\x82\xa1x\x01\xa1x\x02"),
        _binary("containers_20000", "message_invalid", _RESULT, b"\xdc\x4e\x20", (b"\x80", 20_000)),
        _binary("no_type", "message_invalid", _pack({"text": "hello"})),
        _binary("type_number", "message_invalid", _pack({"type": 7})),
        _binary("field_missing", "message_invalid", _pack({"type": "say"})),
        _binary("field_wrong_type", "message_invalid", _pack({"type": "say", "text": 7})),
        _binary("field_null", "message_invalid", _pack({"type": "say", "text": None})),
        _binary("text_empty", "message_invalid", _pack({"type": "say", "text": ""})),
        _binary("text_long", "message_invalid", _pack({"type": "say", "text": "x" * 2001})),
        _binary("count_negative", "message_invalid", _played(sample=-1)),
        _binary("count_fraction", "message_invalid", _played(sample=1.5)),
        _binary("count_too_large", "message_invalid", _played(sample=2**53)),
        _binary("rate_fraction", "message_invalid", _mic(rate_hz=44_100.5)),
        _binary("rate_whole_float", "message_invalid", _mic(rate_hz=48_000.0)),
        _binary("enum_unknown", "message_invalid", _mic(rate_hz=16_000, mode="shout")),
        _binary("position_of_two", "message_invalid", _patch(move={"door": [1.0, 2.0]})),
        _binary("nan_bounded", "number_not_finite", _floor(until_ms=_NAN)),
        _binary("nan_position", "number_not_finite", _patch(move={"door": [0.0, _NAN, 1.0]})),
        _binary("nan_state", "number_not_finite", _patch(state={"door": {"angle": _NAN}})),
        _binary("infinite_free", "number_not_finite", _RESULT, _pack([{"x": float("inf")}])),
        _binary("free_key_number", "message_invalid", _RESULT, _pack({1: 2})),
        _binary("free_bytes", "message_invalid", _RESULT, _pack(b"abc")),
        _binary("free_extension", "message_invalid", _RESULT, b"\xd4\x05\x01"),
        _binary("free_huge_number", "message_invalid", _RESULT, _pack(2**53)),
        _binary("nested_33", "message_too_deep", _RESULT, (b"\x91", 32), b"\x01"),
        _binary("nested_10000", "message_too_deep", _RESULT, (b"\x91", 10_000), b"\x01"),
        _binary("nested_unknown_type", "message_too_deep", b"\x82\xa4type\xa1x\xa1y",
                (b"\x91", 10_000), b"\x01"),
        _text("text_not_json", "message_malformed", "hello"),
        _text("text_empty", "message_malformed", ""),
        _text("text_nan", "message_malformed", _RESULT_TEXT, "NaN}"),
        _text("text_array", "message_invalid", "[]"),
        _text("text_no_type", "message_invalid", "{}"),
        _text("text_key_twice", "message_invalid", '{"type":"say","text":"a","text":"b"}'),
        _text("text_fraction", "message_invalid",
              '{"type":"played","reply":1.0,"sample":1.5}'),
        _text("text_huge_number", "message_invalid", _RESULT_TEXT, ("9", 400), "}"),
        _text("text_nested_10000", "message_too_deep", _RESULT_TEXT, ("[", 10_000),
              ("]", 10_000), "}"),
        _text("text_61_kib", "message_too_large", '{"type":"say","text":"', ("x", 61 * 1024), '"}'),
    ]  # fmt: skip


def _played(**fields: Any) -> bytes:
    return _pack({"type": "played", "reply": 1, **fields})


def _floor(**fields: Any) -> bytes:
    return _pack({"type": "floor.set", "mode": "hold", **fields})


def _mic(**fields: Any) -> bytes:
    return _pack({"type": "mic.start", "stream": 1, **fields})


def _patch(**fields: Any) -> bytes:
    return _pack({"type": "scene.patch", "base": 1, "rev": 2, **fields})
