"""Logs: their two forms, the session in them, and what they keep to themselves."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from frametalk import logs
from frametalk.logs import SpokenText

log = logging.getLogger("frametalk.app")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("frametalk")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    logging.captureWarnings(capture=False)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def test_a_line_of_text_has_time_level_place_and_message(stream: io.StringIO) -> None:
    logs.configure("INFO", "text", stream)
    log.info("listening on port %d", 8765)
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d\.\d{3} INFO app listening on port 8765\n", stream.getvalue()
    )


def test_a_line_of_json_is_one_object(stream: io.StringIO) -> None:
    logs.configure("INFO", "json", stream)
    log.warning('two\nlines and "quotes" and \u00fc')
    (line,) = stream.getvalue().splitlines()
    record = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("time"))
    assert record == {
        "level": "WARNING",
        "logger": "frametalk.app",
        "message": 'two\nlines and "quotes" and \u00fc',
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_exception_keeps_its_traceback(form: str, stream: io.StringIO) -> None:
    logs.configure("INFO", form, stream)  # type: ignore[arg-type]
    try:
        raise ValueError("odd")
    except ValueError:
        log.exception("it failed")
    assert "Traceback" in stream.getvalue()
    assert "ValueError: odd" in stream.getvalue()
    assert form == "text" or len(stream.getvalue().splitlines()) == 1


def test_the_level_applies_to_frametalk_and_others_only_warn(stream: io.StringIO) -> None:
    logs.configure("DEBUG", "text", stream)
    log.debug("ours")
    logging.getLogger("websockets").info("theirs")
    logging.getLogger("websockets").warning("their warning")
    lines = [line.split(" ", 2)[2] for line in stream.getvalue().splitlines()]
    assert lines == ["app ours", "websockets their warning"]


def test_configuring_again_replaces_the_first(stream: io.StringIO) -> None:
    logs.configure("INFO", "text", io.StringIO())
    logs.configure("ERROR", "text", stream)
    log.warning("unheard")
    log.error("heard once")
    assert stream.getvalue().count("\n") == 1


async def test_each_session_is_named_in_its_own_lines(stream: io.StringIO) -> None:
    logs.configure("INFO", "json", stream)

    async def live(session_id: str, other: asyncio.Barrier) -> None:
        with logs.session(session_id):
            await other.wait()
            async with asyncio.TaskGroup() as group:
                group.create_task(inner())

    async def inner() -> None:
        log.info("inside")

    barrier = asyncio.Barrier(2)
    async with asyncio.TaskGroup() as group:
        group.create_task(live("one", barrier))
        group.create_task(live("two", barrier))
    log.info("outside")
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    named = {(record["message"], record.get("session")) for record in records}
    assert named == {("inside", "one"), ("inside", "two"), ("outside", None)}


def test_text_lines_name_the_session(stream: io.StringIO) -> None:
    logs.configure("INFO", "text", stream)
    with logs.session("ab12"):
        log.info("turn over")
    assert stream.getvalue().endswith("INFO app [ab12] turn over\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_speech_is_shown_at_debug_only(form: str, stream: io.StringIO) -> None:
    logs.configure("DEBUG", form, stream)  # type: ignore[arg-type]
    log.info("turn %d: %s", 1, SpokenText("my secret name"))
    assert "secret" not in stream.getvalue()
    assert "turn 1: <3 words>" in stream.getvalue()
    log.debug("turn %d: %s", 1, SpokenText("my secret name"))
    assert "turn 1: my secret name" in stream.getvalue()


def test_speech_is_hidden_wherever_it_is_printed() -> None:
    assert str(SpokenText("hello")) == "<1 word>"
    assert f"{[SpokenText('hello there')]}" == "[<2 words>]"
    assert str(SpokenText("")) == "<0 words>"


def test_what_a_client_sends_cannot_forge_a_line(stream: io.StringIO) -> None:
    logs.configure("INFO", "text", stream)
    log.info("client %s", "evil\n12:00:00.000 ERROR app forged\x1b[31m")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()
    assert r"evil\n12:00:00.000" in stream.getvalue()


def test_library_warnings_are_logged(stream: io.StringIO) -> None:
    logs.configure("INFO", "text", stream)
    logging.getLogger("py.warnings").warning("old name")
    assert "WARNING py.warnings old name" in stream.getvalue()
