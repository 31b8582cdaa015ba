"""The turns suite: where turns end, how soon they are answered, and what stops a reply.

Three parts: labelled turns played to a real server with the embedded engines and a mind as slow as a model;
the same with a fixed timeout, without drafts, with replies that any speech cuts; and the rules alone in
audio time, for the curve of false cuts against response gap.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict
from random import Random
from typing import TYPE_CHECKING

from frametalk.bench.progress import Progress, keep
from frametalk.bench.report import Machine, this_machine, versions
from frametalk.bench.samples import Distribution
from frametalk.bench.server import running
from frametalk.bench.turns.ends import Silence, by_pause, curve
from frametalk.bench.turns.live import EchoTrials
from frametalk.bench.turns.measured import TurnsReport
from frametalk.bench.turns.play import SPOKEN, Pace, Trials
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
ECHO_DELAYS_MS = (40, 100, 200, 300)
ECHO_LEVELS_DB = (-6, -12)
ECHO_REPLIES = 25  # for each delay and level: 200 in all
PLAYERS_PER_CORE = 2
QUICK_EVERY = 16  # utterances of each kind
QUICK_ECHO_REPLIES = 1
QUICK_RECORDED = 2  # of the quick ones: this part takes the processor's time, not real time


async def turns(options: Options) -> TurnsReport:
    """Run the suite. Raises FrametalkError for a bad set or a server that does not start."""
    if not options.labels.is_file():
        raise ConfigError(
            f"{options.labels}: no such file",
            remedy="run in a checkout of the repository, or give a labelled set with --labels FILE",
        )
    utterances = list(read(options.labels))
    if options.quick:
        utterances = some(utterances)
    measured = _Measured(options, len(utterances), this_machine())
    keep(measured.report)
    spoken = [utterance for utterance in utterances if utterance.kind in SPOKEN]
    print("recognising the set once, without players ...", file=sys.stderr, flush=True)
    settings = load(environment={}, flags=_detector(options))
    measured.recorded = await record(spoken[:: QUICK_RECORDED if options.quick else 1], settings)
    paths = [EchoTrials(delay_ms=ms, level_db=db) for ms in ECHO_DELAYS_MS for db in ECHO_LEVELS_DB]
    replies = QUICK_ECHO_REPLIES if options.quick else ECHO_REPLIES
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(measured.pace.run())
        async with running((*SETTINGS, *_detector(options), *options.settings)) as server:
            progress = Progress("utterances", len(utterances))
            measured.ours = ours = Trials(progress.step)
            await ours.speak(server.url, utterances, measured.players, options.seed, measured.pace)
            progress = Progress("replies with echo", replies * len(paths))
            ours.echoes, ours.step = paths, progress.step
            await ours.echo(server.url, replies, measured.pace)
        async with running((*FIXED_TIMEOUT, *options.settings)) as server:
            compared = utterances
            if not options.quick:  # half of them, to take less than eight minutes
                compared = Random(options.seed).sample(utterances, len(utterances) // 2)  # noqa: S311
            progress = Progress("utterances with a fixed timeout", len(compared))
            measured.fixed = Trials(progress.step)
            await measured.fixed.speak(
                server.url, compared, measured.players, options.seed, measured.pace
            )
        watching.cancel()
    return measured.report()


def some(utterances: Sequence[Utterance]) -> list[Utterance]:
    """A few of each kind."""
    by_kind: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in utterances:
        by_kind[utterance.kind].append(utterance)
    return [one for each in by_kind.values() for one in each[::QUICK_EVERY]]


class _Measured:
    """What is measured so far."""

    def __init__(self, options: Options, utterances: int, machine: Machine) -> None:
        self.players = options.sessions or PLAYERS_PER_CORE * (os.cpu_count() or 1)
        self.pace = Pace()
        self.ours, self.fixed = Trials(lambda: None), Trials(lambda: None)
        self.recorded: list[list[Silence]] = []
        self._options, self._utterances, self._machine = options, utterances, machine

    def report(self) -> TurnsReport:
        """The report of all trials."""
        ours = self.ours.measured()
        return TurnsReport(
            suite="turns",
            sessions=self.players,
            utterances=self._utterances,
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
            fixed_timeout=self.fixed.measured(),
            bench_lag_ms=Distribution.of(self.pace.lags_ms),
            curve=curve(self.recorded) if self.recorded else [],
            by_pause=by_pause(self.recorded) if self.recorded else [],
            settings=[*SETTINGS, *self._options.settings],
            machine=self._machine,
            versions=versions(),
        )


def _detector(options: Options) -> tuple[str, ...]:
    """The settings of the turn detector: that of the options, else none, whatever is pulled."""
    if options.smart_turn is None:
        return ('turn.adapter=""',)
    return ("turn.adapter=smart_turn", f'turn.options.file="{options.smart_turn}"')
