"""Mouth shapes: phonemes -> timed viseme marks -> weights of the mouth shapes over time.

The rules, which clients in every language share, are in protocols/visemes.md; the tables are in
data/visemes.json.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Any

from frametalk.core.marks import Mark

TABLES: dict[str, Any] = json.loads(
    files("frametalk").joinpath("data/visemes.json").read_text(encoding="utf-8")
)
"""All of visemes.json: phonemes, curve, translations to ARKit and VRM, aliases."""

VISEMES: tuple[str, ...] = tuple(TABLES["visemes"])
"""The 15 shapes, `sil` (the mouth at rest) first."""

CLOSURES: tuple[str, ...] = tuple(TABLES["closures"])
"""Shapes that close the mouth: no other shape may blend with them."""

REST = VISEMES[0]

_PHONEMES: dict[str, str] = TABLES["phonemes"]
_LONGEST = max(map(len, _PHONEMES))
_STRESS = "ˈˌ"
_CURVE: dict[str, float] = TABLES["curve"]


# ---- phonemes to marks ---------------------------------------------------------------------------


def shapes(phoneme: str) -> list[tuple[str, float]]:
    """The (viseme, weight) pairs of one phoneme in IPA, in order; a diphthong has two.

    Marks of length, tone and secondary articulation have no effect; stress gives a vowel its full weight.
    A symbol that is not in the table is read as the letter that it is a variant of, and any other letter
    as a tongue sound. A pause (no symbol at all) is rest; a remark such as "(en)" gives no shapes.
    """
    if not phoneme.strip("_:; "):
        return [(REST, 1.0)]
    if phoneme.startswith("("):
        return []
    plain = "".join(c for c in unicodedata.normalize("NFD", phoneme) if _is_segment(c))
    stressed = any(c in phoneme for c in _STRESS)
    found = []
    at = 0
    while at < len(plain):
        length = _LONGEST
        while length > 1 and plain[at : at + length] not in _PHONEMES:
            length -= 1
        symbol = plain[at : at + length]
        weak = symbol in TABLES["vowels"] and not stressed
        found.append((_viseme(symbol), float(TABLES["unstressed_weight"]) if weak else 1.0))
        at += length
    return found


def _is_segment(character: str) -> bool:
    return unicodedata.category(character) in {"Ll", "Lu", "Lo"}


def _viseme(symbol: str) -> str:
    """The shape of one symbol, by the table or by the letter that it is a variant of."""
    if symbol not in _PHONEMES:
        words = unicodedata.name(symbol, "").split(" LETTER ")[-1].split()
        symbol = words[0].lower() if words else ""
    return str(_PHONEMES.get(symbol, TABLES["other_letters"]))


def timeline(phonemes: Iterable[tuple[int, str]], end: int) -> list[Mark]:
    """Viseme marks for (first sample, phoneme in IPA) pairs in order, up to sample `end`.

    A phoneme's first mark begins at its first sample; the shapes of a diphthong share its time. The mouth
    is at rest before the first phoneme and in the last sample; marks never overlap.
    """
    events = [(at, found) for at, phoneme in phonemes if at < end and (found := shapes(phoneme))]
    marks: list[Mark] = []
    for index, (at, found) in enumerate(events):
        until = events[index + 1][0] if index + 1 < len(events) else end
        for part, (name, weight) in enumerate(found):
            begin = at + (until - at) * part // len(found)
            stop = at + (until - at) * (part + 1) // len(found)
            if stop > begin:
                marks.append(Mark("viseme", begin, stop, name, weight))
    if marks and marks[-1].name != REST:
        last = marks.pop()
        if last.at < end - 1:
            marks.append(replace(last, end=min(last.end, end - 1)))
        marks.append(Mark("viseme", end - 1, end, REST))
    return marks


# ---- the curve -----------------------------------------------------------------------------------


def weights(
    marks: Sequence[Mark], t: float, rate_hz: int, cut_at: float | None = None
) -> dict[str, float]:
    """The weight of each of the 15 shapes at sample `t` of a reply's clock.

    `marks` are the reply's marks in order; kinds other than visemes are ignored. From sample `cut_at`,
    where the reply was cut, the pose fades to rest. All weights are 0 to 1 and add up to 1; `sil` gets
    what the other shapes leave.
    """
    if cut_at is not None and t > cut_at:
        pose = weights(marks, cut_at, rate_hz)
        fade = _ramp(1 - (t - cut_at) / (_CURVE["cut_release_ms"] * rate_hz / 1000))
        return _with_rest({name: weight * fade for name, weight in pose.items()})
    pose = dict.fromkeys(VISEMES, 0.0)
    closures = []
    reach = max(_CURVE.values()) * rate_hz / 1000
    for mark in marks:
        if not mark.at - reach < t < mark.end + reach:
            continue
        if mark.kind != "viseme" or mark.name == REST or mark.name not in pose:
            continue
        closing = mark.name in CLOSURES
        level = mark.value * _envelope(mark, t, rate_hz, "closure_" if closing else "")
        if not level:
            continue
        if closing:
            closures.append((mark.name, level))
        else:
            pose[mark.name] = max(pose[mark.name], level)
    total = sum(pose.values())
    if total > 1:
        pose = {name: weight / total for name, weight in pose.items()}
    for closure, level in closures:
        pose = {name: weight * (1 - level) for name, weight in pose.items()}
        pose[closure] = max(pose[closure], level)
    return _with_rest(pose)


def _envelope(mark: Mark, t: float, rate_hz: int, prefix: str) -> float:
    """0 to 1: rising before the mark, 1 from its start to its end, falling after it."""
    attack = _CURVE[prefix + "attack_ms"] * rate_hz / 1000
    release = _CURVE[prefix + "release_ms"] * rate_hz / 1000
    return _ramp(1 - max(mark.at - t, 0) / attack) * _ramp(1 - max(t - mark.end, 0) / release)


def _ramp(x: float) -> float:
    """0 below 0, 1 above 1, smooth in between."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _with_rest(pose: dict[str, float]) -> dict[str, float]:
    pose[REST] = 0.0
    pose[REST] = max(0.0, 1.0 - sum(pose.values()))
    return pose
