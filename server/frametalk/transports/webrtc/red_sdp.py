"""Redundant audio in offers and answers: aiortc knows it as a second payload type of Opus.

aiortc has no codec `red`, and takes only payload types from 96 on. So before it reads an SDP, `hidden`
gives the type of `red` the name of Opus and such a number; what it writes goes through `shown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

TYPES = range(96, 128)  # that aiortc negotiates
OPUS, RED = "opus/48000/2", "red/48000/2"
RTPMAP = re.compile(r"a=rtpmap:(\d+) (\S+)$")
OF_TYPE = re.compile(r"a=(?:rtpmap|fmtp|rtcp-fb):(\d+) ")


class RedType(NamedTuple):
    """The payload types of `red` and of the Opus in it, in one section."""

    red: int
    opus: int


RedTypes = tuple[RedType | None, ...]
"""Of each section of an SDP."""


def hidden(sdp: str, *, first: bool) -> tuple[str, RedTypes]:
    """The SDP for aiortc, and the types that stand for `red`, `first` of their sections or last.

    Sections that have both keep no other codecs, since aiortc's choice knows codecs by name only.
    """
    lines: list[str] = []
    types: list[RedType | None] = []
    for section in _sections(sdp):
        opus, red = _type(section, OPUS), _type(section, RED)
        usable = None if opus is None or red is None else _usable(red, section)
        if opus is None or usable is None:
            types.append(None)
            lines += section
            continue
        both = RedType(usable, opus)
        types.append(both)
        lines += _hide(section, both, first=first)
    return _joined(lines), tuple(types)


def shown(sdp: str, types: RedTypes) -> str:
    """The SDP that aiortc wrote, with `red` in its place, as the codec that is preferred."""
    lines: list[str] = []
    for section, red in zip(_sections(sdp), types, strict=False):
        lines += section if red is None else _show(section, red)
    return _joined(lines)


def offered(sdp: str) -> str:
    """An offer that aiortc wrote, with `red` besides Opus in its audio sections."""
    types: list[RedType | None] = []
    for section in _sections(sdp):
        opus, usable = _type(section, OPUS), _usable(0, section)
        types.append(None if opus is None or usable is None else RedType(usable, opus))
    return shown(sdp, tuple(types))


def _sections(sdp: str) -> list[list[str]]:
    """The lines before the first section, with these of the first one; then those of the others."""
    sections: list[list[str]] = [[]]
    for line in sdp.splitlines():
        begins = line.startswith("m=")
        if begins and any(before.startswith("m=") for before in sections[-1]):
            sections.append([])
        sections[-1].append(line)
    return sections


def _rtpmaps(lines: list[str]) -> Iterator[tuple[int, str]]:
    for line in lines:
        if found := RTPMAP.match(line):
            yield int(found[1]), found[2].lower()


def _type(lines: list[str], codec: str) -> int | None:
    return next((number for number, name in _rtpmaps(lines) if name == codec), None)


def _usable(number: int, lines: list[str]) -> int | None:
    """The number if aiortc takes it, or another one that is free; None: there is none."""
    used = {used for used, _name in _rtpmaps(lines)}
    free = (each for each in reversed(TYPES) if each not in used)
    return number if number in TYPES else next(free, None)


def _hide(section: list[str], types: RedType, *, first: bool) -> list[str]:
    order = types if first else types[::-1]
    kept = [
        _with_types(line, order) if line.startswith("m=") else line
        for line in section
        if (of := _of_type(line)) is None or of == types.opus
    ]
    # aiortc takes the order of these lines for that of the codecs.
    at = next(i for i, line in enumerate(kept) if _of_type(line) == types.opus)
    kept.insert(at if first else len(kept), f"a=rtpmap:{types.red} {OPUS}")
    return kept


def _show(section: list[str], types: RedType) -> list[str]:
    kept = []
    for line in section:
        if line.startswith("m="):
            others = [int(each) for each in line.split(" ")[3:] if int(each) != types.red]
            kept.append(_with_types(line, (types.red, *others)))
        elif _of_type(line) != types.red:
            kept.append(line)
    opus = types.opus
    return [*kept, f"a=rtpmap:{types.red} {RED}", f"a=fmtp:{types.red} {opus}/{opus}"]


def _of_type(line: str) -> int | None:
    """The payload type that a line is about."""
    found = OF_TYPE.match(line)
    return None if found is None else int(found[1])


def _with_types(line: str, types: tuple[int, ...]) -> str:
    return " ".join([*line.split(" ")[:3], *map(str, types)])


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)
