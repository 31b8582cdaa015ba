"""Whole conversations with the embedded engines under network profiles, and beside them on loopback."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench.options import Options
from frametalk.bench.progress import Progress, keep
from frametalk.bench.report import Machine, this_machine, versions
from frametalk.bench.samples import Distribution
from frametalk.bench.server import running
from frametalk.headless.clock import Clock
from frametalk.headless.results import SimulationResult
from frametalk.headless.scenario import Scenario, Step
from frametalk.headless.scenario_loader import load_scenario
from frametalk.headless.simulate import SimulateOptions, play_scenario, prepare_clips
from frametalk.headless.speech import Clip
from frametalk.headless.text import plain
from frametalk.netlab.cuts import cuts_every
from frametalk.netlab.network import Network
from frametalk.netlab.peer_relay import LOOPBACK, PeerRelay, relaying_peer
from frametalk.netlab.profile import Profile, load_profile
from frametalk.netlab.relay import relaying
from frametalk.transports.webrtc.names import is_installed
from frametalk.transports.websocket_client import connect

if TYPE_CHECKING:
    from frametalk.headless.upgraded import PeerOptions

SCENARIO = "tavern"
CONVERSATIONS = 4
LEARN_MS = 12_000.0  # before the first words, in which recognisers learn those of the scene
# One at a time, over the WebSocket only.
QUICK_SCENARIO, QUICK_CONVERSATIONS, QUICK_LEARN_MS = "open_the_door", 1, 6_000.0
WITHIN_MS = 30_000.0  # for what a stall delays, but not for ever
PEER_LOST = "rtc_failed"  # the conversation goes on over the WebSocket
EMBEDDED = (
    "log.level=ERROR",
    "asr.adapter=pocketsphinx",
    "llm.adapter=scripted",
    "tts.adapter=espeak",
    'turn.adapter=""',
)


class UnderProfile(msgspec.Struct, frozen=True):
    """Conversations over one kind of connection.

    `mouth_to_ear_ms`: last audible sample that the player spoke to the first audible one that was heard, by
    the client's clock. `words_lost`: of the words that the recogniser understands on loopback and of those
    that replies say, those that were not understood or not heard. `completed`: conversations in which
    everything came. `ran_dry`: how often playback had to wait for sound. `webrtc`: the same conversations
    with the microphone on a track of a peer connection.
    """

    conversations: int
    completed: int
    not_completed: int
    mouth_to_ear_ms: Distribution
    words: int
    words_lost: int
    ran_dry: int
    resumed: int
    failures: tuple[str, ...]
    webrtc: UnderProfile | None = None


class ProfilesReport(msgspec.Struct, frozen=True):
    """The suite `network` with `--profile`; `direct` is the same conversation on loopback."""

    suite: str
    sessions: int
    direct: UnderProfile
    profiles: dict[str, UnderProfile]
    machine: Machine
    versions: dict[str, str]


async def under_profiles(options: Options) -> ProfilesReport:
    """Hold conversations under each of `options.profiles`. Raises ConfigError for an unknown one."""
    machine = this_machine()
    chosen = {name: load_profile(name) for name in options.profiles}
    name, usual, learn_ms = SCENARIO, CONVERSATIONS, LEARN_MS
    if options.quick:
        name, usual, learn_ms = QUICK_SCENARIO, QUICK_CONVERSATIONS, QUICK_LEARN_MS
    scenario = patient(load_scenario(name), learn_ms)
    clips = await asyncio.to_thread(prepare_clips, scenario, options.seed)
    count = options.conversations or usual
    under: dict[str, UnderProfile] = {}
    async with running(EMBEDDED) as server:
        port = int(server.url.rpartition(":")[2])
        uncut = [await _conversation(scenario, clips, server.url)]
        words = understood(uncut[0]) & said(scenario)

        def report() -> ProfilesReport:
            return ProfilesReport(
                suite="network",
                sessions=count,
                direct=summary(uncut, words),
                profiles=under,
                machine=machine,
                versions=versions(),
            )

        keep(report)
        transports = (False, True) if is_installed() and not options.quick else (False,)
        progress = Progress("conversations", len(chosen) * len(transports) * count)
        for name, profile in chosen.items():
            setting = (scenario, clips, port, profile, options.seed, count)
            for webrtc in transports:
                results = await _conversations(*setting, ended=progress.step, webrtc=webrtc)
                found = summary(results, words)
                if webrtc:
                    found = msgspec.structs.replace(under[Path(name).stem], webrtc=found)
                under[Path(name).stem] = found
    return report()


def patient(scenario: Scenario, learn_ms: float = LEARN_MS) -> Scenario:
    """The scenario with time for what a network delays, and `learn_ms` for what recognisers learn first.

    Several conversations begin at once: without the latter their first words would be misheard for want of
    processor time, on any network.
    """
    steps = tuple(
        msgspec.structs.replace(
            step,
            within_ms=WITHIN_MS,
            expect=step.expect and msgspec.structs.replace(step.expect, within_ms=WITHIN_MS),
        )
        for step in scenario.file.step
    )
    first = next(number for number, step in enumerate(steps) if step.say is not None)
    steps = (*steps[:first], Step(wait_ms=learn_ms, within_ms=WITHIN_MS), *steps[first:])
    limit_ms = WITHIN_MS * len(steps)
    allowed = (*scenario.file.allow_errors, PEER_LOST)
    file = msgspec.structs.replace(
        scenario.file, step=steps, time_limit_ms=limit_ms, allow_errors=allowed
    )
    return Scenario(scenario.name, scenario.path, file, scenario.world)


async def _conversations(
    scenario: Scenario,
    clips: Mapping[int, Clip],
    port: int,
    profile: Profile,
    seed: int,
    count: int,
    *,
    ended: Callable[[], None],
    webrtc: bool,
) -> list[SimulationResult]:
    """So many at once, each over relays with chances of its own."""

    async def converse(number: int) -> SimulationResult:
        chances = seed * 10_000 + number
        network, cuts = Network(profile, chances), cuts_every(chances, profile.cut_every_s)
        async with relaying(port, cuts, network) as (door, _relay), relaying_peer(network) as peer:
            options = by_track(peer) if webrtc else None
            result = await _conversation(scenario, clips, f"ws://127.0.0.1:{door}", options)
        ended()
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(converse(number)) for number in range(count)]
    return [task.result() for task in tasks]


async def _conversation(
    scenario: Scenario, clips: Mapping[int, Clip], url: str, peer: PeerOptions | None = None
) -> SimulationResult:
    options = SimulateOptions(scenario.name, url, peer=peer, write=lambda _line: None)
    return await play_scenario(scenario, clips, connect, Clock(), options)


def by_track(relay: PeerRelay) -> PeerOptions:
    """A peer connection through the relay, with the microphone on a track, as browsers have it."""
    from frametalk.headless.upgraded import PeerOptions

    return PeerOptions(
        via="track",
        addresses=(LOOPBACK,),
        change_offer=relay.change_offer,
        change_answer=relay.change_answer,
    )


def said(scenario: Scenario) -> Counter[str]:
    """How often each word is said."""
    return Counter(plain(" ".join(step.say or "" for step in scenario.file.step)).split())


def understood(result: SimulationResult) -> Counter[str]:
    """How often each word was understood."""
    return Counter(plain(" ".join(turn.transcript for turn in result.turns)).split())


def summary(results: Iterable[SimulationResult], spoken: Counter[str]) -> UnderProfile:
    """The values of several conversations in which these words should be understood."""
    results = list(results)
    completed = sum(result.passed for result in results)
    replies = [turn for result in results for turn in [*result.turns, *result.unprompted]]
    lost = sum((spoken - understood(result)).total() for result in results)
    for turn in replies:
        if not turn.cut:
            said, heard = (plain(text).split() for text in (turn.reply_text, turn.heard_text))
            lost += (Counter(said) - Counter(heard)).total()
    times = [turn.measured_mouth_to_ear_ms for result in results for turn in result.turns]
    return UnderProfile(
        conversations=len(results),
        completed=completed,
        not_completed=len(results) - completed,
        mouth_to_ear_ms=Distribution.of(time for time in times if time is not None),
        words=spoken.total() * len(results)
        + sum(len(plain(turn.reply_text).split()) for turn in replies),
        words_lost=lost,
        ran_dry=sum(turn.underruns for turn in replies),
        resumed=sum(result.resumed for result in results),
        failures=tuple(failure for result in results for failure in result.failures),
    )
