"""Conversations with real models, over the wire in real time: end of speech to the answer's sound."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from frametalk.bench.progress import Progress
from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.finals import free_speech
from frametalk.bench.real.folder import BASE, Absent, Models
from frametalk.bench.real.recognisers import JOINED
from frametalk.bench.real.words import word_errors
from frametalk.bench.samples import Distribution, Traced
from frametalk.bench.server import running
from frametalk.bench.turns.live import TurnTrial, joined
from frametalk.bench.turns.turn_set import Utterance
from frametalk.bench.turns.utterance_sound import Rendered, recorded, render
from frametalk.bench.waterfalls import Waterfalls
from frametalk.headless.player import PlayerOptions

ANSWER_WITHIN_S = 15.0
FREE = 10
QUICK_FREE = 1
EMBEDDED = (
    "log.level=ERROR",
    "asr.adapter=pocketsphinx",
    "llm.adapter=scripted",
    "tts.adapter=espeak",
    'turn.adapter=""',
)


class Turn(NamedTuple):
    """A whole turn as sound, and whether it is a command or free speech."""

    name: str
    kind: str
    sound: Rendered


async def measure(context: Context) -> Values:
    """The key `mouth_to_ear_ms`: `commands`, `free`, and `embedded` for the same commands (not if quick).

    `lost` are turns without an answer, `tool_calls_in_free` calls of free speech, which are false;
    `trials` are all turns with the server's stages, `traced` all of the server's traces.
    Raises Absent without Whisper base or the voice.
    """
    settings = everything_real(context.models)
    turns = [*commands(context), *free(context)]
    async with running(settings) as server:
        real, traced = await played(server.url, turns, "real")
    beside, embedded = list[TurnTrial](), Waterfalls.of([])
    if not context.quick:
        async with running(EMBEDDED) as server:
            beside, embedded = await played(server.url, commands(context), "embedded")
    found = {**summary(real, beside), "traced": traced, "embedded_traced": embedded}
    return {"mouth_to_ear_ms": {**found, "settings": list(settings)}}


def summary(real: Sequence[TurnTrial], beside: Sequence[TurnTrial]) -> Values:
    """The values of all turns with real models, and of the same commands with the embedded engines."""
    return {
        "commands": _times(real, "command"),
        "free": _times(real, "free"),
        "embedded": _times(beside, "command"),
        "understood": understood(real),
        "lost": [f"{one.id}: {one.lost}" for one in real if one.lost],
        "false_cuts": sum(one.false_cut for one in real),
        "split": sum(one.split for one in real),
        "tool_calls_in_free": sum(one.tool_calls for one in real if one.kind == "free"),
        "trials": list(real),
        "embedded_trials": list(beside),
    }


def everything_real(models: Models) -> tuple[str, ...]:
    """Settings: both recognisers, the scripted mind, the Piper voice, smart-turn if it is there."""
    settings = [
        "log.level=ERROR",
        f'asr.adapter="{JOINED}"',
        f'asr.options.faster_whisper={{model="{models.whisper(BASE)}"}}',
        "llm.adapter=scripted",
        "tts.adapter=piper",
        f'tts.options.voice="{models.voice}"',
    ]
    with suppress(Absent):
        settings += ["turn.adapter=smart_turn", f'turn.options.file="{models.turn_detector}"']
    return tuple(settings)


def commands(context: Context) -> list[Turn]:
    """The commands of the corpus."""
    return [
        Turn(line.text, "command", render(_command(line.text, line.voice)))
        for line in context.some(context.sentences.commands)
    ]


def free(context: Context) -> list[Turn]:
    """Free speech, of people first."""
    speeches = free_speech(context)
    every = max(1, len(speeches) // (QUICK_FREE if context.quick else FREE))
    return [Turn(one.name, "free", recorded(one.name, one.samples)) for one in speeches[::every]]


async def played(url: str, turns: Sequence[Turn], who: str) -> tuple[list[TurnTrial], Waterfalls]:
    """Play these turns as one player, one after the other; with the server's traces of them."""
    progress = Progress(f"{who}: turns spoken", len(turns))
    trials: list[TurnTrial] = []
    traces: list[Traced] = []
    async with joined(url, PlayerOptions("bench"), 0, traces.append) as stage:
        for turn in turns:
            trials.append(await stage.said(turn.name, turn.kind, turn.sound, ANSWER_WITHIN_S))
            progress.step()
    return trials, Waterfalls.of(traces)


def understood(trials: Sequence[TurnTrial]) -> float:
    """The share of commands whose transcript has the words that were said."""
    said = [one for one in trials if one.kind == "command"]
    right = sum(word_errors(one.id, one.understood).errors == 0 for one in said)
    return round(right / max(1, len(said)), 4)


def _command(text: str, voice: Any) -> Utterance:
    return Utterance(id=text, kind="command", voice=voice, pieces=(text,))


def _times(trials: Sequence[TurnTrial], kind: str) -> Distribution:
    """Of turns that were not cut off."""
    return Distribution.of(
        one.mouth_to_ear_ms
        for one in trials
        if one.kind == kind and one.mouth_to_ear_ms is not None and not one.false_cut
    )
