"""Word error rates of commands and of recordings of people, and what the scene's hints change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.folder import BASE, Absent
from frametalk.bench.real.hearing import Heard
from frametalk.bench.real.plain import plain_calls
from frametalk.bench.real.recognisers import Name
from frametalk.bench.real.words import total, word_errors

KNOWN = "known words"
READ = "whisper-base, 30 s of context, beam 5"
BEAM = 5


class Rate(NamedTuple):
    """One word error rate: its name in the JSON, of commands or of recordings, and who hears them."""

    key: str
    commands: bool
    recogniser: Name
    hints: bool


RATES = (
    Rate("commands_base", True, "base", True),
    Rate("commands_joined", True, "joined", True),
    Rate("commands_scene", True, "scene", True),
    Rate("commands_without_hints", True, "base", False),
    Rate("readings_base", False, "base", False),
    Rate("readings_tiny", False, "tiny", False),
    Rate("readings_joined", False, "joined", True),
    Rate("readings_with_hints", False, "base", True),
)
HINTED = (
    ("commands_base", "commands_without_hints"),
    ("readings_with_hints", "readings_base"),
)


async def measure(context: Context) -> Values:
    """The key `wer`: each rate, its number of words `_n`, and what was recognised wrongly.

    `commands` is the rate of the joined recogniser, which `auto` chooses where there is a Whisper model;
    without PocketSphinx that of Whisper base. `hints_delta` is the most that hints add to a rate of base.
    """
    values: Values = {"wrong": {}}
    try:
        words, values["reference"] = await references(context)
    except Absent as absent:
        words = {}
        context.skipped |= dict.fromkeys(
            (f"wer.{rate.key}" for rate in RATES if not rate.commands), str(absent)
        )
    async with asyncio.TaskGroup() as group:
        for rate in RATES:
            if f"wer.{rate.key}" not in context.skipped:
                group.create_task(_measure(context, rate, words, values))
    for key in ("commands_base", "commands_joined"):
        if key in values:
            values["commands"], values["commands_n"] = values[key], values[f"{key}_n"]
    deltas = [
        round(values[hinted] - values[plain], 4)
        for hinted, plain in HINTED
        if hinted in values and plain in values
    ]
    if deltas:
        values["hints_delta"] = max(deltas)
        values["hints_delta_n"] = sum(values.get(f"{hinted}_n", 0) for hinted, _plain in HINTED)
    return {"wer": values}


async def references(context: Context) -> tuple[dict[str, str], dict[str, str]]:
    """The words of each recording, and where they are from. Raises Absent without recordings."""
    words = {one.name: one.text for one in context.readings if one.text}
    sources = dict.fromkeys(words, KNOWN)
    if unknown := [one for one in context.readings if not one.text]:
        async with plain_calls(context.models.whisper(BASE)) as calls:
            for recording in unknown:
                words[recording.name] = (await calls.read(recording, BEAM)).text
                sources[recording.name] = READ
    return words, sources


async def _measure(context: Context, rate: Rate, words: dict[str, str], values: Values) -> None:
    """Add a rate to the values, or the reason why it is skipped."""
    speeches = context.commands if rate.commands else context.all_pieces
    try:
        heard = await context.recognisers.heard(rate.recogniser, speeches, hints=rate.hints)
    except Absent as absent:
        context.skipped[f"wer.{rate.key}"] = str(absent)
        return
    pairs = (
        [(one.speech.text, one.text) for one in heard]
        if rate.commands
        else whole(context, words, heard)
    )
    errors = [word_errors(said, text) for said, text in pairs]
    values[rate.key], values[f"{rate.key}_n"] = total(errors).rate, total(errors).words
    values["wrong"][rate.key] = [
        f"{said} | {text}"
        for (said, text), found in zip(pairs, errors, strict=True)
        if found.errors
    ]


def whole(context: Context, words: dict[str, str], heard: Iterable[Heard]) -> list[tuple[str, str]]:
    """For each recording its words, and what was heard in all its pieces."""
    texts = {one.speech.name: one.text for one in heard}
    return [
        (words[name], " ".join(texts[piece.name] for piece in pieces))
        for name, pieces in context.pieces.items()
    ]
