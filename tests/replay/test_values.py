"""Values of engines and clients, as plain data and back."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from frametalk.adapters.base import (
    HeardWord,
    Hypothesis,
    SpeechChunk,
    TextDelta,
    ToolRequest,
    Usage,
)
from frametalk.core.marks import Mark
from frametalk.errors import AdapterError, FrametalkError, Stage
from frametalk.replay.values import EngineFailureError, from_plain, plain
from frametalk.tokens import Grant
from frametalk.transports.link import BadInput, LinkClosed
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaFlags, MediaKind

SECRET = "secret"  # noqa: S105  (a sample)


def there_and_back(value: Any) -> Any:
    """Through the bytes of a file."""
    return from_plain(msgspec.msgpack.decode(msgspec.msgpack.encode(plain(value))))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        0.1,
        "é",
        b"\0",
        (1, (2, "a")),
        [1, [2], {"a": (1,)}],
        Hypothesis("open it", 4, (HeardWord("open", 0, 5),), 0.5, ("opened",)),
        TextDelta("Well."),
        ToolRequest("open", {"target": ["a", 1, None]}, "ref"),
        Usage(1, 2, 0.5),
        SpeechChunk(b"\1\2", (Mark("word", 0, 5, "a"), Mark("viseme", 0, 3, "aa", 0.5))),
        Media(MediaKind.PCM16, 1, 2, 3, b"\1\2", MediaFlags.LAST),
        m.Say(text="hello"),
        Grant(scopes=frozenset({"a", "b"}), max_session_s=5.0, child=True),
    ],
)
def test_values_come_back(value: Any) -> None:
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


def test_a_failure_comes_back_with_all_that_the_client_gets() -> None:
    error = AdapterError("mind_server", "it failed", stage=Stage.THINK, remedy="see the log")
    error.ref = "say"
    back = there_and_back(error)
    assert isinstance(back, FrametalkError)
    assert (back.code, back.text, back.stage, back.fault) == (
        error.code,
        error.text,
        error.stage,
        error.fault,
    )
    assert (back.remedy, back.fatal, back.ref) == ("see the log", False, "say")
    assert there_and_back(BadInput(error, "say")).error.code == "mind_server"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (LinkClosed(1006, "gone"), LinkClosed),
        (asyncio.CancelledError(), asyncio.CancelledError),
        (StopAsyncIteration(), StopAsyncIteration),
        (ZeroDivisionError("by zero"), EngineFailureError),
    ],
)
def test_other_exceptions_come_back(error: BaseException, kind: type[BaseException]) -> None:
    assert type(there_and_back(error)) is kind


def test_tokens_and_the_players_name_are_left_out() -> None:
    hello = m.Hello(protocol=1, token=SECRET, resume=SECRET)
    data = msgspec.msgpack.encode([plain(hello), plain(Grant(subject=SECRET))])
    assert SECRET.encode() not in data
    assert there_and_back(hello).resume  # that there was one decides something


def test_only_known_classes_are_made() -> None:
    with pytest.raises(ValueError, match="unknown value 'Path'"):
        from_plain(["Path", "/"])
    with pytest.raises(TypeError, match="Lock"):
        plain(asyncio.Lock())
