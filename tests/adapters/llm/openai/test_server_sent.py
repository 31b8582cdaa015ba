"""Server-sent events, split at every position."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.openai.server_sent import (
    MAX_LINE_BYTES,
    LongLineError,
    ServerSentEvents,
    StreamedError,
)


def fed(*parts: bytes) -> tuple[list[object], bool]:
    events = ServerSentEvents()
    return [event for part in parts for event in events.feed(part)], events.done


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_are_the_same_wherever_the_stream_is_split(end: bytes) -> None:
    lines = [b": wait", b"event: chunk", b'data: {"a": "\xc3\xa9"}', b"", b'data:{"b":', b"data:2}"]
    data = end.join([*lines, b"", b"", b"data: [DONE]", b"", b""])
    expected = ([{"a": "\u00e9"}, {"b": 2}], True)
    for at in range(len(data) + 1):
        if end == b"\r" and at == len(data):
            continue
        assert fed(data[:at], data[at:] + b"\n") == expected


def test_nothing_counts_after_the_end_or_without_a_blank_line() -> None:
    assert fed(b"data: [DONE]\n\ndata: {}\n\n") == ([], True)
    assert fed(b"data: {}\n") == ([], False)
    assert fed(b"<html>Sign in</html>\n\n") == ([], False)


@given(st.lists(st.dictionaries(st.text(max_size=3), st.integers()), max_size=4), st.data())
def test_what_was_encoded_is_decoded(sent: list[dict[str, int]], data: st.DataObject) -> None:
    sent = [event for event in sent if "error" not in event]
    stream = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in sent)
    at = data.draw(st.integers(0, len(stream)))
    assert fed(stream[:at], stream[at:]) == (sent, False)


@pytest.mark.parametrize(
    "error", [{"message": "out of memory"}, "out of memory", {"code": 3}, ["x"]]
)
def test_an_error_in_place_of_an_answer_is_raised(error: object) -> None:
    text = "out of memory" if "memory" in str(error) else "without a message"
    with pytest.raises(StreamedError, match=text):
        fed(b"data: " + json.dumps({"error": error}).encode() + b"\n\n")


def test_an_empty_error_is_none() -> None:
    assert fed(b'data: {"error": null}\n\n') == ([{"error": None}], False)


@pytest.mark.parametrize("text", [b"{", b"\xff", b"nothing"])
def test_what_is_not_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (of two kinds, both from json)
        fed(b"data: " + text + b"\n\n")


def test_lines_and_events_have_a_longest_length() -> None:
    with pytest.raises(LongLineError):
        fed(*[b"x" * 1_000] * (MAX_LINE_BYTES // 1_000 + 1))
    with pytest.raises(LongLineError):
        fed(*[b"data: " + b"x" * 994 + b"\n"] * (MAX_LINE_BYTES // 1_000 + 1))
