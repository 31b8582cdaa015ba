"""Whether what a scenario expects has come, looking at what happened since the step before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from frametalk.headless.hands import Call
from frametalk.headless.player import Player
from frametalk.headless.reply import Reply
from frametalk.headless.scenario import Expectation, ToolWanted, texts
from frametalk.headless.text import holds, same
from frametalk.wire import messages as m

BODILY = frozenset({"gesture", "emotion", "gaze"})  # marks that a body acts out

# What came: when, a text for people, and whether it is what was wanted.
Candidate = tuple[float, str, bool]


def candidates(wanted: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    """Everything of the wanted kind that came at or after `since_s`, fitting or not."""
    yield from _FINDERS[wanted.kind](wanted, player, since_s)


def fitting(wanted: Expectation, player: Player, since_s: float, until_s: float) -> bool | None:
    """True if something fitting came by `until_s`, else None (as Log.wait_for wants it)."""
    found = any(fits and at_s <= until_s for at_s, _, fits in candidates(wanted, player, since_s))
    return found or None


def describe(wanted: Expectation) -> str:
    """The expectation in a few words."""
    what = getattr(wanted, wanted.kind)
    if isinstance(what, msgspec.Struct):
        what = {key: value for key, value in msgspec.to_builtins(what).items() if value}
    return f"{'no ' if wanted.absent else ''}{wanted.kind} {what!r}"


def came_instead(wanted: Expectation, player: Player, since_s: float) -> str:
    """What came of that kind, for the message of a failure."""
    came = [text for _, text, _ in candidates(wanted, player, since_s)]
    return "; ".join(came) if came else "nothing of the kind"


# ---- one finder for each kind --------------------------------------------------------------------


def _messages(player: Player, kind: Any, since_s: float) -> Iterator[tuple[float, Any]]:
    for happening in player.log.happenings:
        if happening.at_s >= since_s and isinstance(happening.what, kind):
            yield happening.at_s, happening.what


def _transcripts(wanted: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    for at_s, message in _messages(player, m.Transcript, since_s):
        if message.final:
            yield at_s, repr(message.text), any(same(message.text, t) for t in texts(wanted))


def _texts(wanted: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    said: dict[int, str] = {}
    for at_s, message in _messages(player, m.ReplyText, since_s):
        said[message.reply] = f"{said.get(message.reply, '')} {message.text}".strip()
        text = said[message.reply]
        yield at_s, repr(text), any(holds(text, t) for t in texts(wanted))


def _heard(wanted: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    for at_s, reply in _messages(player, Reply, since_s):
        text = reply.heard_text
        yield at_s, repr(text), any(holds(text, t) for t in texts(wanted))


def _gestures(wanted: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    for at_s, message in _messages(player, m.ReplyMarks, since_s):
        for mark in message.marks:
            if mark.kind in BODILY:
                yield at_s, f"{mark.kind} {mark.name}", mark.name == wanted.gesture


def _tools(wanted: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    tool = ToolWanted(name=wanted.tool) if isinstance(wanted.tool, str) else wanted.tool
    assert tool is not None  # noqa: S101  (this finder is for expectations with a tool)
    for call in player.hands.calls.values():
        if call.came_s >= since_s:
            at_s = call.came_s if tool.state in {"", "called"} else call.over_s or call.came_s
            yield at_s, f"{call_text(call)} {call.state}", _call_fits(tool, call)


def _call_fits(tool: ToolWanted, call: Call) -> bool:
    return (
        tool.name in {"*", call.message.name}
        and all(call.message.args.get(key) == value for key, value in tool.args.items())
        and tool.state in {"", call.state}
    )


def call_text(call: Call) -> str:
    """A call as people write it."""
    args = ", ".join(f"{key}={value}" for key, value in call.message.args.items())
    return f"{call.message.name}({args})"


def _events(wanted: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    fields = {"type": wanted.event} if isinstance(wanted.event, str) else wanted.event or {}
    for at_s, message in _messages(player, m.Message, since_s):
        if message.__struct_config__.tag == fields["type"]:
            values = {"type": fields["type"], **msgspec.structs.asdict(message)}
            fits = all(values.get(key) == value for key, value in fields.items())
            yield at_s, repr({key: values.get(key) for key in fields}), fits


def _state(wanted: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    world = player.world
    values = {path: world.state_of(path) for path in wanted.state or {}}
    # Since when it is so is not kept: a state that holds now is counted as having held in time.
    yield since_s, repr(values), values == wanted.state


def _errors(wanted: Expectation, player: Player, since_s: float) -> Iterator[Candidate]:
    for at_s, message in _messages(player, m.Error, since_s):
        yield at_s, message.code, message.code == wanted.error


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
