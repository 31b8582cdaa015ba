"""The turns suite: where turns end, how soon they are answered, and what stops a reply.

Three parts: labelled turns played to a real server with the embedded engines and a mind as slow as a model;
the same with a fixed timeout, without drafts, with replies that any speech cuts; and the rules alone in
audio time, for the curve of false cuts against response gap.
"""

from __future__ import annotations

import asyncio
import urllib.request
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from frametalk.bench.report import Machine, this_machine, versions
from frametalk.bench.samples import Distribution
from frametalk.bench.server import running
from frametalk.bench.turns.ends import ByPause, Point, by_pause, curve
from frametalk.bench.turns.live import (
    BargeInTrial,
    EchoTrials,
    TurnTrial,
    play_echoes,
    play_trials,
)
from frametalk.bench.turns.replay import record
from frametalk.bench.turns.turn_set import Utterance, read
from frametalk.config import load
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frametalk.bench.options import Options

FIRST_TOKEN_MS = 100
FIXED_MS = 480
SETTINGS = ("log.level=ERROR", f"llm.options.first_token_ms={FIRST_TOKEN_MS}")
FIXED_TIMEOUT = (
    *SETTINGS,
    "turns.drafts=false",
    f"turns.pause_ms={FIXED_MS}",
    "turns.continuation_ms=0",
    "turns.soft_start_ms=0",
    "character.interruptible=always",
    *(
        f"turns.{key}={FIXED_MS}"
        for key in (
            "endpoint_delay_complete_ms",
            "endpoint_delay_ms",
            "endpoint_delay_incomplete_ms",
        )
    ),
)
SPOKEN = frozenset({"command", "paused", "statement"})
NOT_BARGE_IN = frozenset({"backchannel", "cough", "noise"})
ECHO_DELAYS_MS = (40, 100, 200, 300)
ECHO_LEVELS_DB = (-6, -12)
ECHO_REPLIES = 25  # for each delay and level: 200 in all
DISCARDED, BEGUN = "frametalk_drafts_discarded_total", "frametalk_drafts_total"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One server's numbers for the whole set.

    `mouth_to_ear_ms`: complete commands, true end of speech to the answer's first audible sample;
    `mouth_to_ear_all_ms`: everything said to a silent character. `false_cut_rate`: share of these during
    which a reply was heard, `split_turn_rate` share of which the words ended up in two turns; `..._by_kind`
    splits them. `ready_at_end_rate`: commands whose answer
    was ready at the turn's end. `duck_ms`: onset of a sound over a reply to the lowered reply.
    `barge_in_stop_ms`: onset of a barge-in to the reply's last sample. Of the backchannels, coughs and
    noises, `backchannel_kept_rate` did not cut the reply and `backchannel_paused_rate` paused it.
    `waste_ratio`: discarded drafts, of all drafts.
    """

    mouth_to_ear_ms: Distribution
    mouth_to_ear_all_ms: Distribution
    false_cut_rate: float
    false_cut_rate_by_kind: dict[str, float]
    split_turn_rate: float
    split_turn_rate_by_kind: dict[str, float]
    ready_at_end_rate: float
    duck_ms: Distribution
    barge_in_stop_ms: Distribution
    barge_in_missed: int
    backchannel_kept_rate: float
    backchannel_paused_rate: float
    waste_ratio: float | None
    self_interruptions: int | None = None
    echo: list[EchoTrials] = []
    lost: list[str] = []
    turns: list[TurnTrial] = []
    over_reply: list[BargeInTrial] = []


class TurnsReport(msgspec.Struct, frozen=True, kw_only=True):
    """The turns suite. The most important numbers of `ours` are repeated at the top."""

    suite: str
    sessions: int
    utterances: int
    mouth_to_ear_ms: Distribution
    false_cut_rate: float
    split_turn_rate: float
    ready_at_end_rate: float
    duck_ms: Distribution
    barge_in_stop_ms: Distribution
    backchannel_kept_rate: float
    self_interruptions: int | None
    waste_ratio: float | None
    ours: Measured
    fixed_timeout: Measured
    curve: list[Point]
    by_pause: list[ByPause]
    settings: list[str]
    machine: Machine
    versions: dict[str, str]


async def turns(options: Options) -> TurnsReport:
    """Run the suite. Raises FrametalkError for a bad set or a server that does not start."""
    if not options.labels.is_file():
        raise ConfigError(
            f"{options.labels}: no such file",
            remedy="run in a checkout of the repository, or give a labelled set with --labels FILE",
        )
    utterances = read(options.labels)
    machine = this_machine()
    spoken = [utterance for utterance in utterances if utterance.kind in SPOKEN]
    recorded = await record(spoken, load(environment={}, flags=_detector(options)))
    ours = await _measure(utterances, (*SETTINGS, *_detector(options)), options, echo=True)
    fixed = await _measure(utterances, FIXED_TIMEOUT, options, echo=False)
    return TurnsReport(
        suite="turns",
        sessions=options.sessions,
        utterances=len(utterances),
        mouth_to_ear_ms=ours.mouth_to_ear_ms,
        false_cut_rate=ours.false_cut_rate,
        split_turn_rate=ours.split_turn_rate,
        ready_at_end_rate=ours.ready_at_end_rate,
        duck_ms=ours.duck_ms,
        barge_in_stop_ms=ours.barge_in_stop_ms,
        backchannel_kept_rate=ours.backchannel_kept_rate,
        self_interruptions=ours.self_interruptions,
        waste_ratio=ours.waste_ratio,
        ours=ours,
        fixed_timeout=fixed,
        curve=curve(recorded),
        by_pause=by_pause(recorded),
        settings=list(SETTINGS),
        machine=machine,
        versions=versions(),
    )


def _detector(options: Options) -> tuple[str, ...]:
    """The settings of the turn detector: that of the options, else none, whatever is pulled."""
    if options.smart_turn is None:
        return ('turn.adapter=""',)
    return ("turn.adapter=smart_turn", f'turn.options.file="{options.smart_turn}"')


async def _measure(
    utterances: Sequence[Utterance], settings: Sequence[str], options: Options, *, echo: bool
) -> Measured:
    turns: list[TurnTrial] = []
    over: list[BargeInTrial] = []
    echoes: list[EchoTrials] = []
    order = np.random.default_rng(options.seed).permutation(len(utterances))
    shuffled = [utterances[index] for index in order]
    async with running(settings) as server:
        async with asyncio.TaskGroup() as group:
            for number in range(options.sessions):
                part = shuffled[number :: options.sessions]
                player = play_trials(
                    server.url, part, options.seed + number, turns=turns, over=over
                )
                group.create_task(player)
        wasted = await asyncio.to_thread(_waste, server.url)
        if echo:
            echoes = [
                EchoTrials(delay_ms=ms, level_db=db)
                for ms in ECHO_DELAYS_MS
                for db in ECHO_LEVELS_DB
            ]
            async with asyncio.TaskGroup() as group:
                for number, trials in enumerate(echoes):
                    group.create_task(play_echoes(server.url, trials, ECHO_REPLIES, number))
    return summary(turns, over, echoes, wasted)


def summary(
    turns: list[TurnTrial],
    over: list[BargeInTrial],
    echoes: list[EchoTrials],
    wasted: float | None,
) -> Measured:
    """The numbers of all trials of one server; `wasted` is its waste ratio."""
    commands = [trial for trial in turns if trial.kind == "command" and not trial.false_cut]
    ignorable = [trial for trial in over if trial.kind in NOT_BARGE_IN and not trial.lost]
    interruptions = [trial for trial in over if trial.kind == "interruption" and not trial.lost]
    kinds = sorted({trial.kind for trial in turns})
    return Measured(
        mouth_to_ear_ms=_distribution(trial.mouth_to_ear_ms for trial in commands),
        mouth_to_ear_all_ms=_distribution(
            trial.mouth_to_ear_ms for trial in turns if not trial.false_cut
        ),
        false_cut_rate=_share(trial.false_cut for trial in turns),
        false_cut_rate_by_kind={
            kind: _share(trial.false_cut for trial in turns if trial.kind == kind) for kind in kinds
        },
        split_turn_rate=_share(trial.split for trial in turns),
        split_turn_rate_by_kind={
            kind: _share(trial.split for trial in turns if trial.kind == kind) for kind in kinds
        },
        ready_at_end_rate=_share(trial.ready for trial in commands if not trial.lost),
        duck_ms=_distribution(trial.duck_ms for trial in over),
        barge_in_stop_ms=_distribution(trial.stop_ms for trial in interruptions if trial.cut),
        barge_in_missed=sum(not trial.cut for trial in interruptions),
        backchannel_kept_rate=_share(not trial.cut for trial in ignorable),
        backchannel_paused_rate=_share(trial.paused for trial in ignorable),
        waste_ratio=wasted,
        self_interruptions=sum(trial.cut for trial in echoes) if echoes else None,
        echo=echoes,
        lost=[f"{trial.id}: {trial.lost}" for trial in turns + over if trial.lost],
        turns=sorted(turns, key=lambda trial: trial.id),
        over_reply=sorted(over, key=lambda trial: trial.id),
    )


def _distribution(values: Any) -> Distribution:
    return Distribution.of(value for value in values if value is not None)


def _share(values: Any) -> float:
    counted = list(values)
    return round(sum(counted) / len(counted), 4) if counted else 0.0


def _waste(url: str) -> float | None:
    """From the server's counters: discarded drafts, of all drafts. None if there were none."""
    with urllib.request.urlopen(url.replace("ws://", "http://") + "/metrics", timeout=5) as page:  # noqa: S310  (our own server)
        lines = page.read().decode().splitlines()
    counts = dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    begun = float(counts.get(BEGUN, 0))
    return round(float(counts.get(DISCARDED, 0)) / begun, 4) if begun else None
