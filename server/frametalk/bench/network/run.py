"""Many conversations over a relay on this machine that cuts their connections again and again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from frametalk.bench.network.house import House
from frametalk.bench.network.profiles import ProfilesReport, under_profiles
from frametalk.bench.network.talk import Outcome, Talk
from frametalk.bench.options import Options
from frametalk.bench.progress import Progress, keep
from frametalk.bench.report import Machine, this_machine, versions
from frametalk.bench.samples import Distribution
from frametalk.config import FrametalkSettings
from frametalk.headless.clock import Clock
from frametalk.netlab.cuts import Cut, random_cuts
from frametalk.netlab.relay import relaying
from frametalk.transports.http import Page, Request
from frametalk.transports.webrtc.names import is_installed
from frametalk.transports.websocket_client import connect
from frametalk.transports.websocket_server import listen

if TYPE_CHECKING:
    from frametalk.bench.network.mic_path import RtcReport

CONVERSATIONS, QUICK_CONVERSATIONS = 50, 5
AT_ONCE = 5
CUTS_EACH = 21
SHORTEST_S, LONGEST_S = 0.05, 0.5


class NetworkReport(msgspec.Struct, frozen=True):
    """The suite `network`: what was lost or came twice, over all conversations and both directions.

    `resume_ms`: from the moment the client notices that its connection broke until it has sent again, on
    another one, what did not arrive. `rtc`: delays of a track; None without the extra `webrtc`.
    """

    suite: str
    sessions: int
    turns: int
    cuts: int
    resumes: int
    control_lost: int
    control_doubled: int
    mic_samples_lost: int
    reply_samples_lost: int
    tools_twice: int
    resume_ms: Distribution
    errors: dict[str, int]
    rtc: RtcReport | None
    machine: Machine
    versions: dict[str, str]


async def network(options: Options) -> NetworkReport | ProfilesReport:
    """Conversations whose connections are cut, or with `options.profiles` under these."""
    return await (under_profiles(options) if options.profiles else under_cuts(options))


def is_measured(value: str, options: Options) -> bool:
    """Whether a run with these options measures the value of a budget."""
    if options.quick and value == "cuts":
        return False
    group, _, rest = value.partition(".")
    if group != "profiles":
        return not options.profiles
    return rest.partition(".")[0] in {Path(name).stem for name in options.profiles}


async def under_cuts(options: Options) -> NetworkReport:
    """Run `options.conversations` conversations, a few of them at once."""
    at_once = asyncio.Semaphore(AT_ONCE)

    async def converse(number: int) -> None:
        async with at_once:
            ended.append(await conversation(options.seed * 10_000 + number, CUTS_EACH))
        progress.step()

    machine = this_machine()
    count = options.conversations or (QUICK_CONVERSATIONS if options.quick else CONVERSATIONS)
    progress = Progress("conversations", count)
    ended: list[tuple[int, Outcome]] = []
    keep(lambda: report(ended, machine))
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(converse(number))
    found = report(ended, machine)
    if not is_installed():
        return found
    from frametalk.bench.network import mic_path

    return msgspec.structs.replace(found, rtc=await mic_path.measure())


async def conversation(seed: int, cuts: int) -> tuple[int, Outcome]:
    """One conversation, until so many cuts were made: (cuts, what was lost)."""
    clock = Clock()
    house = House(seed, FrametalkSettings(), clock.now_s)
    stalled_ms = FrametalkSettings().server.stalled_ms
    async with (
        listen(house.serve, _no_page, host="127.0.0.1", port=0, stalled_ms=stalled_ms) as port,
        relaying(port, cuts_of_a_session(seed)) as (door, relay),
    ):
        talk = Talk(house, lambda: connect(f"ws://127.0.0.1:{door}"), clock, seed)

        def calm() -> None:
            relay.cuts = None

        outcome = await talk.run(lambda: relay.cut >= cuts, calm)
    return relay.cut, outcome


def cuts_of_a_session(seed: int) -> Callable[[], Cut]:
    """The first connection lasts until there is a session; the others are cut soon."""
    first, others = [Cut(LONGEST_S)], random_cuts(seed, SHORTEST_S, LONGEST_S)
    return lambda: first.pop() if first else others()


def report(results: Iterable[tuple[int, Outcome]], machine: Machine) -> NetworkReport:
    """The sums of all conversations."""
    results = list(results)
    outcomes = [outcome for _cuts, outcome in results]
    errors: Counter[str] = Counter()
    for outcome in outcomes:
        errors.update(outcome.errors)

    def total(name: str) -> Any:
        return sum(getattr(outcome, name) for outcome in outcomes)

    resume_ms = [ms for outcome in outcomes for ms in outcome.resume_ms]
    return NetworkReport(
        suite="network",
        sessions=len(outcomes),
        turns=total("turns"),
        cuts=sum(cuts for cuts, _outcome in results),
        resumes=len(resume_ms),
        control_lost=total("control_lost"),
        control_doubled=total("control_doubled"),
        mic_samples_lost=total("mic_samples_lost"),
        reply_samples_lost=total("reply_samples_lost"),
        tools_twice=total("tools_twice"),
        resume_ms=Distribution.of(resume_ms),
        errors=dict(errors),
        rtc=None,
        machine=machine,
        versions=versions(),
    )


def _no_page(_request: Request) -> Page | None:
    return None
