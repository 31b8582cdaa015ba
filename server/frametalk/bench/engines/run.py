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

from frametalk.bench.report import PACKAGES, Machine, this_machine, versions
from frametalk.errors import ConfigError, FrametalkError, first_of

if TYPE_CHECKING:
    from frametalk.bench.options import Options


class Part(NamedTuple):
    """What a part needs: packages by their import names, and the extra that installs them."""

    needs: tuple[str, ...]
    extra: str


PARTS = {
    "whisper": Part(("faster_whisper",), "whisper"),
    "piper": Part(("piper", "onnx", "onnxruntime"), "piper"),
    "mind": Part(("openai",), "openai"),
    # The embedded engines, whose workers are killed.
    "workers": Part(
        ("onnxruntime", "faster_whisper", "pocketsphinx", "rapidfuzz", "espeakng_loader"),
        "embedded",
    ),
}
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
    skipped: dict[str, str] = {}
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
        try:
            measured[name] = await importlib.import_module(f"{__package__}.{name}").measure()
        except* FrametalkError as failed:  # also those of a part's TaskGroup
            skipped[name] = str(first_of(failed))
    return EnginesReport(
        suite="engines",
        sessions=1,
        **measured,
        skipped=skipped,
        machine=machine,
        versions=versions((*PACKAGES, *ENGINE_PACKAGES)),
    )
