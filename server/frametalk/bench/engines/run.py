"""The engines suite: what real engines cost, part by part.

Each part is a module of that name beside this one. It measures one engine on models of real shape with
random weights, so that nothing has to be downloaded.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from frametalk.bench.progress import keep
from frametalk.bench.report import PACKAGES, Machine, this_machine, versions
from frametalk.errors import ConfigError, FrametalkError, first_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from frametalk.bench.options import Options


class Part(NamedTuple):
    """What a part needs: packages by their import names, and the extra that installs them."""

    needs: tuple[str, ...]
    extra: str
    quick: Mapping[str, Any] = {}  # arguments of its `measure` with which it takes some seconds


PARTS = {
    "whisper": Part(
        ("faster_whisper",), "whisper", {"rounds": 3, "size": "micro", "sessions": 2, "busy_s": 1.0}
    ),
    "piper": Part(("piper", "onnx", "onnxruntime"), "piper", {"runs": 1, "quality": "micro"}),
    "mind": Part(("openai",), "openai", {"pairs": 20, "few": True}),
    # The embedded engines, whose workers are killed.
    "workers": Part(
        ("onnxruntime", "faster_whisper", "pocketsphinx", "rapidfuzz", "espeakng_loader"),
        "embedded",
        {"kills": 1, "sessions": 1, "deaths": 0, "limit_s": 8.0, "only": ("pocketsphinx",)},
    ),
}
# Counts that a quick run cannot reach, and ratios that need a model of the usual size.
NOT_QUICK = frozenset(
    {
        "whisper.final_ratio",
        "piper.first_sound_ratio_100",
        "piper.first_sound_ratio_200",
        "mind.faults_answered",
        "workers.kills_survived",
    }
)
STOPPED = "stopped before it was measured"
ENGINE_PACKAGES = ("ctranslate2", "faster-whisper", "onnxruntime", "openai", "piper-tts")


class EnginesReport(msgspec.Struct, frozen=True):
    """The result of each part; None: the part is in `skipped`, with the reason."""

    suite: str
    sessions: int
    skipped: dict[str, str]
    machine: Machine
    versions: dict[str, str]
    whisper: Any = None
    piper: Any = None
    mind: Any = None
    workers: Any = None


async def engines(options: Options) -> EnginesReport:
    """Measure the parts that `options.only` names, or all, one after the other.

    A part that cannot be measured is skipped; the others go on. Raises ConfigError for an unknown name.
    """
    if unknown := sorted(set(options.only) - set(PARTS)):
        raise ConfigError(f"no part {unknown[0]!r}", remedy=f"use one of {', '.join(PARTS)}")
    machine = this_machine()
    measured: dict[str, Any] = dict.fromkeys(PARTS)
    skipped: dict[str, str] = dict.fromkeys(PARTS, STOPPED)

    def report() -> EnginesReport:
        absent = {name: why for name, why in skipped.items() if measured[name] is None}
        return EnginesReport(
            suite="engines",
            sessions=1,
            **measured,
            skipped=absent,
            machine=machine,
            versions=versions((*PACKAGES, *ENGINE_PACKAGES)),
        )

    keep(report)
    for name, part in PARTS.items():
        if options.only and name not in options.only:
            skipped[name] = "not asked for"
            continue
        absent = [package for package in part.needs if find_spec(package) is None]
        if absent:
            remedy = f'pip install "frametalk[{part.extra}]"'
            skipped[name] = f"{', '.join(absent)} not installed ({remedy})"
            continue
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        measure = importlib.import_module(f"{__package__}.{name}").measure
        try:
            measured[name] = await measure(**(part.quick if options.quick else {}))
        except* FrametalkError as failed:  # also those of a part's TaskGroup
            skipped[name] = str(first_of(failed))
    return report()


def is_measured(value: str, options: Options) -> bool:
    """Whether a run with these options measures the value of a budget."""
    return not (options.quick and value in NOT_QUICK)
