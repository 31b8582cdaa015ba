"""Checks what a scenario expects against what happened since the last action."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from frametalk.headless.player import Player
from frametalk.headless.reply import Reply
from frametalk.headless.scenario import Expectation, ExpectedTool, texts
from frametalk.headless.text import contains, same
from frametalk.headless.tool_calls import Call
from frametalk.wire import messages as m

BODILY = frozenset({"gesture", "emotion", "gaze"})  # marks that a body shows

# Something of the expected kind: when it came, its text for people, whether it fits.
Candidate = tuple[float, str, bool]


def candidates(expected: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    """Everything of the expected kind since `since_s`, whether it fits or not."""
    yield from _FINDERS[expected.kind](expected, player, since_s)


def is_met(expected: Expectation, player: Player, since_s: float, until_s: float) -> bool | None:
    """True if something that fits came by `until_s`, else None, as Log.wait_for takes it."""
    found = any(fits and at_s <= until_s for at_s, _, fits in candidates(expected, player, since_s))
    return found or None


def describe(expected: Expectation) -> str:
    """The expectation in a few words."""
    what = getattr(expected, expected.kind)
    if isinstance(what, msgspec.Struct):
        what = {key: value for key, value in msgspec.to_builtins(what).items() if value}
    return f"{'no ' if expected.absent else ''}{expected.kind} {what!r}"


def found_instead(expected: Expectation, player: Player, since_s: float) -> str:
    """What came of the expected kind, for a failure's text."""
    came = [text for _, text, _ in candidates(expected, player, since_s)]
    return "; ".join(dict.fromkeys(came)) if came else "nothing came"


# ---- one finder for each kind --------------------------------------------------------------------


def _messages(player: Player, kind: Any, since_s: float) -> Iterator[tuple[float, Any]]:
    for entry in player.log.entries:
        if entry.at_s >= since_s and isinstance(entry.item, kind):
            yield entry.at_s, entry.item


def _transcripts(expected: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    for at_s, message in _messages(player, m.Transcript, since_s):
        if message.final:
            yield at_s, repr(message.text), any(same(message.text, t) for t in texts(expected))


def _texts(expected: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    said: dict[int, str] = {}
    for at_s, message in _messages(player, m.ReplyText, since_s):
        said[message.reply] = f"{said.get(message.reply, '')} {message.text}".strip()
        text = said[message.reply]
        yield at_s, repr(text), any(contains(text, t) for t in texts(expected))


def _heard(expected: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    for at_s, reply in _messages(player, Reply, since_s):
        text = reply.heard_text
        yield at_s, repr(text), any(contains(text, t) for t in texts(expected))


def _gestures(expected: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    for at_s, message in _messages(player, m.ReplyMarks, since_s):
        for mark in message.marks:
            if mark.kind in BODILY:
                yield at_s, f"{mark.kind} {mark.name}", mark.name == expected.gesture


def _tools(expected: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    tool = ExpectedTool(name=expected.tool) if isinstance(expected.tool, str) else expected.tool
    assert tool is not None  # noqa: S101  (only called for expectations with a tool)
    for call in player.tools.calls.values():
        if call.came_s >= since_s:
            at_s = call.came_s if tool.state in {"", "called"} else call.ended_s or call.came_s
            yield at_s, f"{call_text(call)} {call.state}", _call_fits(tool, call)


def _call_fits(tool: ExpectedTool, call: Call) -> bool:
    return (
        tool.name in {"*", call.message.name}
        and all(call.message.args.get(key) == value for key, value in tool.args.items())
        and tool.state in {"", call.state}
    )


def call_text(call: Call) -> str:
    """A call as text: name(key=value, ...)."""
    args = ", ".join(f"{key}={value}" for key, value in call.message.args.items())
    return f"{call.message.name}({args})"


def _events(expected: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    fields = {"type": expected.event} if isinstance(expected.event, str) else expected.event or {}
    for at_s, message in _messages(player, m.Message, since_s):
        if message.__struct_config__.tag == fields["type"]:
            values = {"type": fields["type"], **msgspec.structs.asdict(message)}
            fits = all(values.get(key) == value for key, value in fields.items())
            yield at_s, repr({key: values.get(key) for key in fields}), fits


def _state(expected: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    world = player.world
    values = {path: world.state_of(path) for path in expected.state or {}}
    # The time of a change is not recorded: a state that is true now counts as true in time.
    yield since_s, repr(values), values == expected.state


def _errors(expected: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    for at_s, message in _messages(player, m.Error, since_s):
        yield at_s, message.code, message.code == expected.error


_FINDERS: dict[str, Callable[[Expectation, Player, float], Iterator[Candidate]]] = {
    "transcript": _transcripts,
    "text": _texts,
    "heard": _heard,
    "gesture": _gestures,
    "tool": _tools,
    "event": _events,
    "state": _state,
    "error": _errors,
}
