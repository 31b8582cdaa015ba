"""The real suite: trained models in a folder, and recordings of people, measured part by part.

Each part is a module beside this one. Models and recordings that are absent are skipped and named.
"""

from __future__ import annotations

import importlib
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from frametalk.bench.progress import keep
from frametalk.bench.real.folder import LEFT_OUT, Absent, models
from frametalk.bench.report import PACKAGES, Machine, this_machine, versions
from frametalk.bench.samples import Distribution
from frametalk.errors import ConfigError, FrametalkError, first_of

if TYPE_CHECKING:
    from frametalk.bench.options import Options
    from frametalk.bench.real.context import Context, Values


class Part(NamedTuple):
    """The module that measures a part, and its values in the JSON."""

    module: str
    values: tuple[str, ...]


PARTS = {
    "conversation": Part("conversation", ("mouth_to_ear_ms",)),
    "words": Part("word_error_rates", ("wer",)),
    "nonspeech": Part("nonspeech", ("nonspeech_believed",)),
    "finals": Part("finals", ("final_cpu_ratio", "second_readings")),
    "players": Part("concurrency", ("concurrent_final_ms",)),
    "actions": Part("actions", ("false_actions",)),
    "roundtrip": Part("roundtrip", ("roundtrip_wer",)),
    "lips": Part("lips", ("lip_shift_ms",)),
    "pauses": Part("pause_rates", ("split_turn_rate", "false_cut_rate")),
    "model": Part("model", ("prompt_tokens", "first_token_ms", "model_turns")),
}
SLOW_PARTS = frozenset({"finals", "players", "pauses", "model"})
REAL_PACKAGES = (
    "ctranslate2",
    "faster-whisper",
    "onnxruntime",
    "pocketsphinx",
    "piper-tts",
    "openai",
)


class RealReport(msgspec.Struct, frozen=True, kw_only=True):
    """The real suite. A value that is None was not measured; `skipped` says why, by value.

    `wer`: word error rates, of commands and of recordings of people, cut at pauses. `hints_delta`: what
    the scene's hints add. `nonspeech_believed`: words that were recognised in sound without speech.
    `final_cpu_ratio`: processor time of a final text after the end of free speech, over a plain padded
    call. `second_readings`: share of finals that ran the model twice. `concurrent_final_ms`: the
    time of a final text by the number of players whose speech ends together. `mouth_to_ear_ms`: true end of
    speech to the answer's first audible sample. `false_actions`: tool calls that recordings of people
    caused. `roundtrip_wer`: word error rate of sentences spoken by Piper and recognised by Whisper.
    `lip_shift_ms`: the shift of the mouth shapes at which closures lie best on the quiet. Of pauses of
    people: `split_turn_rate` made two turns, in `false_cut_rate` a reply was heard. `prompt_tokens`: the
    tavern's first prompt. A name with `_n` at its end is the number of cases.
    """

    suite: str = "real"
    sessions: int = 1
    wer: Any = None
    nonspeech_believed: int | None = None
    nonspeech_believed_n: int = 0
    nonspeech_believed_by: dict[str, list[str]] = {}
    final_cpu_ratio: Distribution | None = None
    final_cpu_ms: Distribution | None = None
    plain_cpu_ms: Distribution | None = None
    second_readings: float | None = None
    second_readings_n: int = 0
    concurrent_final_ms: Any = None
    mouth_to_ear_ms: Any = None
    false_actions: int | None = None
    false_actions_n: int = 0
    false_actions_by: dict[str, list[str]] = {}
    roundtrip_wer: float | None = None
    roundtrip_wer_n: int = 0
    roundtrip_wrong: list[str] = []
    lip_shift_ms: Any = None
    split_turn_rate: float | None = None
    split_turn_rate_n: int = 0
    false_cut_rate: float | None = None
    false_cut_rate_n: int = 0
    pauses: Any = None
    prompt_tokens: int | None = None
    prompt_tokens_n: int = 0
    first_token_ms: Any = None
    model_turns: Any = None
    skipped: dict[str, str] = {}
    failed: dict[str, str] = {}
    took_s: dict[str, float] = {}
    quick: bool = False
    machine: Machine
    versions: dict[str, str]


async def real(options: Options) -> RealReport:
    """Measure the parts that `options.only` names, or all, one after the other.

    A part that fails is in `failed`; the others go on. Raises ConfigError for an unknown part or folder.
    """
    if unknown := sorted(set(options.only) - set(PARTS)):
        raise ConfigError(f"no part {unknown[0]!r}", remedy=f"use one of {', '.join(PARTS)}")
    from frametalk.bench.real.context import Context
    from frametalk.bench.real.recognisers import Recognisers

    folder = models(options.models)
    context = Context(
        folder,
        Recognisers(folder, quick=options.quick),
        quick=options.quick,
        speech=(options.speech,) if options.speech else (),
        llm_url=options.llm_url,
    )
    machine = this_machine()
    values: Values = {}
    failed: dict[str, str] = {}
    took_s: dict[str, float] = {}

    def report() -> RealReport:
        return RealReport(
            **values,
            skipped=context.skipped,
            failed=failed,
            took_s=took_s,
            quick=options.quick,
            machine=machine,
            versions=versions((*PACKAGES, *REAL_PACKAGES)),
        )

    keep(report)
    slow = SLOW_PARTS if options.quick and not options.only else frozenset()
    for name, part in PARTS.items():
        if name in slow or (options.only and name not in options.only):
            why = LEFT_OUT if name in slow else "not asked for"
            context.skipped |= dict.fromkeys(part.values, why)
            continue
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        began_s = time.monotonic()
        try:
            values |= await _measured(part, context)
        except* FrametalkError as error:  # also those of a part's TaskGroup
            failed[name] = str(first_of(error))
        took_s[name] = round(time.monotonic() - began_s, 1)
    return report()


async def _measured(part: Part, context: Context) -> Values:
    """The values of a part; none where something that it needs is absent."""
    try:
        measured: Values = await importlib.import_module(f"{__package__}.{part.module}").measure(
            context
        )
    except Absent as absent:
        context.skipped |= dict.fromkeys(part.values, str(absent))
        return {}
    return measured


def is_skipped(value: str, report: RealReport) -> bool:
    """Whether a value, by its path in the JSON, is skipped: itself, or all of what it is part of."""
    return any(value == path or value.startswith(f"{path}.") for path in report.skipped)
