"""The mouth for all languages: its tables, and golden values of the curve."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from frametalk.core.marks import Mark
from frametalk.core.visemes import timeline, weights

RATE_HZ = 22_050
STEP = 245  # samples between golden values: one frame at 90 Hz
AFTER_MS = 120  # how far the values go beyond the end or the cut, into rest

# "Paul, oh, above my f..." with closures alone, side by side, doubled and after a pause.
SPOKEN = [
    ("p", 80), ("ˈɔː", 150), ("l", 60), ("", 180), ("ˈoʊ", 160), ("", 40), ("ə", 45), ("b", 70),
    ("ˈʌ", 90), ("v", 50), ("m", 65), ("ˈaɪ", 140), ("f", 90), ("ɚ", 70), ("s", 60), ("t", 30),
    ("", 50),
]  # fmt: skip


def tables() -> str:
    """The package's visemes.json."""
    return files("frametalk").joinpath("data/visemes.json").read_text(encoding="utf-8")


def golden_weights() -> dict[str, Any]:
    """Marks, and the weights that every client must compute for them, within 0.00001."""
    spoken = _spoken(RATE_HZ)
    overlapping = [Mark("viseme", 0, 2000, "aa"), Mark("viseme", 1000, 3000, "aa", 0.5)]
    strangers = [Mark("word", 0, 2000, "aa"), Mark("viseme", 500, 900, "no such shape")]
    return {
        "cases": [
            _case("a sentence", spoken, RATE_HZ),
            _case("the same at another rate", _spoken(48_000), 48_000),
            _case("cut within a vowel", spoken, RATE_HZ, cut_at=3_100),
            _case("cut within a closure", spoken, RATE_HZ, cut_at=14_000),
            _case("cut at the first sample", spoken, RATE_HZ, cut_at=0),
            _case("one shape twice", overlapping, RATE_HZ),
            _case(
                "weak closures", [*overlapping, Mark("viseme", 2_000, 3_000, "PP", 0.5)], RATE_HZ
            ),
            _case("other marks and unknown shapes", strangers, RATE_HZ),
            _case("nothing", [], RATE_HZ),
        ]
    }


def _spoken(rate_hz: int) -> list[Mark]:
    at = 0
    phonemes = []
    for phoneme, ms in SPOKEN:
        phonemes.append((at, phoneme))
        at += ms * rate_hz // 1000
    return timeline(phonemes, at)


def _case(name: str, marks: list[Mark], rate_hz: int, cut_at: int | None = None) -> dict[str, Any]:
    end = cut_at if cut_at is not None else max((mark.end for mark in marks), default=0)
    step = STEP * rate_hz // RATE_HZ
    samples = range(0, end + AFTER_MS * rate_hz // 1000 + step, step)
    return {
        "name": name,
        "rate_hz": rate_hz,
        "marks": [[m.kind, m.at, m.end, m.name, m.value] for m in marks],
        "cut_at": cut_at,
        "values": [[t, _non_zero(weights(marks, t, rate_hz, cut_at))] for t in samples],
    }


def _non_zero(pose: dict[str, float]) -> dict[str, float]:
    return {name: round(weight, 6) for name, weight in pose.items() if round(weight, 6)}
