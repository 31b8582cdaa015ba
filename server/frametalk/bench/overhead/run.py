"""The overhead suite: the time that frametalk adds to its engines, and the memory and CPU it takes.

The server is a process of its own with engines of fixed cost. The players run in this process and talk
to it over real WebSockets on loopback, with microphones in real time.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench.options import Options
from frametalk.bench.overhead.player import BenchPlayer, Script
from frametalk.bench.overhead.referee import THRESHOLD_DB
from frametalk.bench.overhead.report import Footprint, OverheadReport
from frametalk.bench.overhead.watch import Watch
from frametalk.bench.progress import Progress, keep
from frametalk.bench.report import Machine, this_machine, versions
from frametalk.bench.samples import MIN_FOR_P95, Distribution, Session, Traced, TurnSample
from frametalk.bench.server import ServerProcess, running
from frametalk.bench.waterfalls import Waterfalls
from frametalk.config import TurnSettings
from frametalk.errors import FrametalkError
from frametalk.headless.clock import Clock
from frametalk.headless.speech import speak
from frametalk.transports.websocket_client import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frametalk.core.audio import Samples

ENDPOINT_DELAY_MS = TurnSettings().endpoint_delay_ms
START_MS = TurnSettings().start_ms
BARGE_IN_MS = TurnSettings().barge_in_ms
RECOGNISER_MS = 60.0
FIRST_TOKEN_MS = 100.0
FIRST_CHUNK_MS = 40.0
ENGINES_MS = RECOGNISER_MS + FIRST_TOKEN_MS + FIRST_CHUNK_MS
REPLY = "Very well, I will see to it."  # about 1.7 s: long enough to be interrupted
GREETING = "hello"  # said to the embedded engines
EMBEDDED_TURNS = 5  # after one that warms them up
FURTHER_IDLE = 20
NOT_ASKED_FOR = "not asked for"
# The fewest turns with a p95 of interruptions, each spoken over the reply before it.
QUICK_TURNS, QUICK_FURTHER_IDLE = MIN_FOR_P95 + 1, 5

QUIET = ("log.level=WARNING",)
FIXED = (
    *QUIET,
    "vad.adapter=energy",
    f"vad.options.threshold_db={THRESHOLD_DB}",
    "asr.adapter=fixed",
    f"asr.options.finalize_ms={RECOGNISER_MS}",
    "llm.adapter=fixed",
    f'llm.options.text="{REPLY}"',
    f"llm.options.first_token_ms={FIRST_TOKEN_MS}",
    "tts.adapter=fixed",
    "tts.cache_mb=0",  # each reply takes the voice's full time
    f"tts.options.first_chunk_ms={FIRST_CHUNK_MS}",
    f"turns.endpoint_delay_ms={ENDPOINT_DELAY_MS}",
    "turns.soft_start_ms=0",  # its players interrupt replies in their first second
    # One stage after the other, so that the time between them can be measured.
    "turns.drafts=false",
    f"turns.pause_ms={ENDPOINT_DELAY_MS}",
    "character.interruptible=always",
    f"turns.start_ms={START_MS}",
    f"turns.barge_in_ms={BARGE_IN_MS}",
)


async def overhead(options: Options) -> OverheadReport:
    """Run the suite. Raises FrametalkError when the server does not start."""
    if options.quick:
        options = msgspec.structs.replace(options, turns=QUICK_TURNS, embedded=False)
    if not options.sessions:
        options = msgspec.structs.replace(options, sessions=1)
    measured = _Measured(options, this_machine())
    async with running(measured.settings) as server:
        further_idle = QUICK_FURTHER_IDLE if options.quick else FURTHER_IDLE
        measured.footprint = await _footprint(server, further_idle=further_idle)
        async with asyncio.TaskGroup() as group:
            measured.watch = Watch(server)
            keep(measured.report)
            watching = group.create_task(measured.watch.run())
            await _play(server, options, measured.sessions)
            measured.watch.look()
            watching.cancel()
    if options.embedded:
        print("measuring the embedded engines ...", file=sys.stderr, flush=True)
        try:
            words = speak(GREETING).samples
            async with running(QUIET) as server:
                measured.embedded, measured.missing = await _footprint(server, words), ""
                measured.embedded_traces = await _traces(server, words)
        except FrametalkError as error:
            measured.missing = str(error)
    return measured.report()


def is_measured(value: str, options: Options, _result: OverheadReport) -> bool:
    """Whether a run with these options measures the value of a budget."""
    of_embedded = value.partition(".")[0] in {"embedded", "embedded_traced"}
    return not of_embedded or (options.embedded and not options.quick)


class _Measured:
    """What is measured so far."""

    footprint: Footprint
    watch: Watch

    def __init__(self, options: Options, machine: Machine) -> None:
        self._options, self._machine = options, machine
        self.settings = (*FIXED, *options.settings)
        self.sessions: list[Session] = []
        self.embedded: Footprint | None = None
        self.embedded_traces: list[Traced] = []
        self.missing = NOT_ASKED_FOR

    def report(self) -> OverheadReport:
        """The report of what the players have recorded."""
        sessions, watch = self.sessions, self.watch
        minutes = max(1e-9, sum(session.lasted_s for session in sessions) / 60)
        turns = [turn for session in sessions for turn in session.turns]
        barge_ins = [barge_in for session in sessions for barge_in in session.barge_ins]
        cuts = [barge_in.key for barge_in in barge_ins]
        return OverheadReport(
            suite="overhead",
            sessions=self._options.sessions,
            turns=len(turns),
            overhead_ms=_part(turns, "overhead"),
            barge_in_ms=Distribution.of((each.decided_ms for each in barge_ins), cuts),
            barge_in_onset_ms=Distribution.of((each.onset_ms for each in barge_ins), cuts),
            mouth_to_ear_ms=Distribution.of(
                (turn.mouth_to_ear_ms for turn in turns), (turn.key for turn in turns)
            ),
            parts_ms={name: _part(turns, name) for name in (turns[0].parts_ms if turns else ())},
            late_frames=sum(session.late_frames for session in sessions),
            cpu_s_per_session_minute=round(watch.cpu_s / minutes, 3),
            rss_mb=round(watch.rss_mb, 1),
            ready_ms=self.footprint.ready_ms,
            idle_session_mb=self.footprint.idle_session_mb,
            embedded=self.embedded,
            embedded_missing=self.missing,
            embedded_traced=Waterfalls.of(self.embedded_traces),
            turns_lost=dict(Counter(why for session in sessions for why in session.lost)),
            errors=dict(Counter(code for session in sessions for code in session.errors)),
            traced=Waterfalls.of(
                (trace for session in sessions for trace in session.traces),
                (pair for session in sessions for pair in session.differences.items()),
            ),
            client={
                "cpu_s_per_session_minute": round(watch.own_cpu_s / minutes, 3),
                "mic_late_frames": sum(session.mic_late_frames for session in sessions),
                "mic_worst_late_ms": round(
                    max((session.mic_worst_late_ms for session in sessions), default=0.0), 1
                ),
            },
            settings=list(self.settings),
            machine=self._machine,
            versions=versions(),
        )


async def _play(server: ServerProcess, options: Options, sessions: list[Session]) -> None:
    """All players in parallel, each with different sounds and pauses; fills `sessions`."""
    progress = Progress("turns", options.turns * options.sessions)
    async with asyncio.TaskGroup() as group:
        for index in range(options.sessions):
            script = _script(options.turns, options.seed + index)
            if options.quick:
                script = replace(script, whole_every=options.turns)
            player = BenchPlayer(await connect(server.url), Clock(), script, progress.step)
            sessions.append(player.result)
            group.create_task(player.run())


def _script(turns: int, seed: int) -> Script:
    thresholds = TurnSettings(
        start_ms=START_MS, pause_ms=ENDPOINT_DELAY_MS, endpoint_delay_ms=ENDPOINT_DELAY_MS
    )
    return Script(turns, ENGINES_MS, thresholds, BARGE_IN_MS, seed=seed)


async def _footprint(
    server: ServerProcess, words: Samples | None = None, *, further_idle: int = FURTHER_IDLE
) -> Footprint:
    """Memory with one session that has taken a turn, and with further silent sessions.

    The turn also warms the server up: everything that is imported or built on first use is loaded.
    """
    script = replace(_script(1, seed=0), words=words)
    player = BenchPlayer(await connect(server.url), Clock(), script)
    await player.run()
    async with asyncio.TaskGroup() as group:
        first = await _idle(server, group)
        one_mb = server.rss_mb()
        further = [await _idle(server, group) for _ in range(further_idle)]
        all_mb = server.rss_mb()
        for task in (first, *further):
            task.cancel()
    idle_mb = (all_mb - one_mb) / further_idle
    answered = not player.result.lost
    return Footprint(answered, round(server.ready_ms), round(one_mb, 1), round(idle_mb, 3))


async def _traces(server: ServerProcess, words: Samples) -> list[Traced]:
    """The server's traces of turns in which these words are said."""
    script = replace(_script(EMBEDDED_TURNS, seed=0), words=words, whole_every=1)
    player = BenchPlayer(await connect(server.url), Clock(), script)
    await player.run()
    return player.result.traces


async def _idle(server: ServerProcess, group: asyncio.TaskGroup) -> asyncio.Task[None]:
    """A session whose microphone sent sound for a moment and then stopped."""
    player = BenchPlayer(await connect(server.url), Clock(), _script(0, seed=0))
    ready = asyncio.Event()
    task = group.create_task(player.stay(ready))
    await ready.wait()
    return task


def _part(turns: Sequence[TurnSample], name: str) -> Distribution:
    return Distribution.of((turn.parts_ms[name] for turn in turns), (turn.key for turn in turns))
