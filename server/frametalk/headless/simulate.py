"""Runs a scenario against a server: players in parallel, each on a connection of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from frametalk.errors import FrametalkError
from frametalk.headless.actor import Actor
from frametalk.headless.address import Address
from frametalk.headless.clock import Clock
from frametalk.headless.mouth import FRAME_HZ
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.report import Print, Reporter, summary
from frametalk.headless.results import SimulationResult, mix_sound
from frametalk.headless.resuming import Resumed
from frametalk.headless.scenario import Scenario
from frametalk.headless.scenario_loader import load_scenario
from frametalk.headless.scene import GameWorld
from frametalk.headless.speech import Clip, noise, read, speak
from frametalk.headless.turns import collect, sum_error
from frametalk.transports.link import Link
from frametalk.transports.websocket_client import connect
from frametalk.wire import messages as m

if TYPE_CHECKING:
    from frametalk.headless.upgraded import PeerOptions

LINGER_S = 0.3  # after the last step, for messages that are still under way


def _print(line: str) -> None:
    print(line, flush=True)


@dataclass(frozen=True, slots=True)
class SimulateOptions:
    """`scenario`: a path or a shipped name. `frame_hz`: rendered frames. `seed`: of noise.

    `codec` and `peer` as in PlayerOptions.
    """

    scenario: str
    url: str
    token: str = ""
    frame_hz: int = FRAME_HZ
    codec: m.Codec = "pcm16"
    peer: PeerOptions | None = None
    seed: int = 1
    json_file: Path | None = None
    wav_file: Path | None = None
    junit_file: Path | None = None
    write: Print = _print


async def run_simulation(options: SimulateOptions) -> SimulationResult:
    """Run a scenario against the server at `options.url`; print it live and write the files of `options`.

    Raises FrametalkError when the scenario cannot be read or the server cannot be reached.
    """
    scenario = load_scenario(options.scenario)
    clips = await asyncio.to_thread(prepare_clips, scenario, options.seed)
    result = await play_scenario(scenario, clips, connect, Clock(), options)
    options.write(summary(result))
    if options.json_file is not None:
        result.write_json(options.json_file)
    if options.wav_file is not None:
        result.write_wav(options.wav_file)
    if options.junit_file is not None:
        result.write_junit(options.junit_file)
    return result


def prepare_clips(scenario: Scenario, seed: int) -> dict[int, Clip]:
    """The sound of each step that plays one, by the step's number. Raises ConfigError."""
    clips: dict[int, Clip] = {}
    for number, step in enumerate(scenario.file.step, 1):
        try:
            if step.file:
                clips[number] = read(scenario.path.parent / step.file)
            elif step.say is not None:
                clips[number] = speak(step.say, step.voice)
            elif step.noise is not None:
                clips[number] = noise(step.noise, step.ms, step.level_db, seed + number)
        except FrametalkError as error:
            error.text = f"{scenario.where(number)}: {error.text}"
            raise
    return clips


async def play_scenario(
    scenario: Scenario,
    clips: Mapping[int, Clip],
    open_link: Callable[[str], Awaitable[Link]],
    clock: Clock,
    options: SimulateOptions,
) -> SimulationResult:
    """Run a scenario over links that `open_link` opens to an address, one for each player."""
    file = scenario.file
    reporter = Reporter(clock, options.write, players=len(file.player))
    result = SimulationResult(scenario.name)
    cast: list[tuple[Player, Actor]] = []
    for entry in file.player:
        address = Address(options.url)
        reopen = partial(_open_next, open_link, address)
        player = Player(
            await reopen(),
            GameWorld(scenario.world),
            clock,
            PlayerOptions(
                name=entry.name,
                character=file.character,
                token=options.token,
                frame_hz=options.frame_hz,
                behaviours=file.behaviour,
                scopes=entry.scopes,
                codec=options.codec,
                peer=options.peer,
                address=address,
                mic="ptt" if scenario.only_push_to_talk(entry.name) else "open",
            ),
            watch=lambda happened, name=entry.name: reporter.watch(name, happened),  # type: ignore[misc]
            reopen=reopen,
        )
        steps = scenario.steps_of(entry.name)
        cast.append((player, Actor(player, steps, clips, clock, reporter.said)))
    used_s = time.process_time()
    began_s = clock.now_s()
    try:
        async with asyncio.timeout(file.time_limit_ms / 1000), asyncio.TaskGroup() as group:
            for player, actor in cast:
                playing = _play(player, actor, clock, result.failures)
                group.create_task(playing, name=f"player {player.name}")
    except TimeoutError:
        result.failures.append(f"the scenario did not end within {file.time_limit_ms:.0f} ms")
    _fill(result, scenario, cast)
    result.client["session_s"] = (clock.now_s() - began_s) * len(cast)
    result.client["process_cpu_s"] = time.process_time() - used_s
    return result


async def _open_next(open_link: Callable[[str], Awaitable[Link]], address: Address) -> Link:
    return await open_link(address.next())


async def _play(player: Player, actor: Actor, clock: Clock, failures: list[str]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(player.run(), name=f"{player.name}: client")
            joined = group.create_task(player.joined.wait(), name=f"{player.name}: joining")
            await asyncio.wait((running, joined), return_when=asyncio.FIRST_COMPLETED)
            if joined.done():
                await actor.run()
                await clock.until(clock.now_s() + LINGER_S)
                await player.leave()
            joined.cancel()
    except* FrametalkError as errors:
        failures += [f"{player.name}: {error}" for error in _leaves(errors)]


def _leaves(errors: BaseExceptionGroup[FrametalkError]) -> Iterator[FrametalkError]:
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _fill(result: SimulationResult, scenario: Scenario, cast: list[tuple[Player, Actor]]) -> None:
    for player, actor in cast:
        result.steps += actor.results
        result.failures += [
            f"{scenario.where(step.number)}: {step.failure}"
            for step in actor.results
            if step.failure
        ]
        turns = collect(player, actor.said)
        result.turns += [turn for turn in turns if turn.by_player]
        result.unprompted += [turn for turn in turns if not turn.by_player]
        result.failures += filter(None, map(sum_error, turns))
        result.failures += player.violations
        result.failures += player.mouth.failures
        allowed = {*scenario.file.allow_errors, *actor.expected_errors}
        result.failures += [
            f"{player.name}: error {entry.item.code}: {entry.item.text}"
            for entry in player.log.entries
            if isinstance(entry.item, m.Error) and entry.item.code not in allowed
        ]
        result.resumed += sum(isinstance(entry.item, Resumed) for entry in player.log.entries)
        result.client[player.name] = {
            "late_frames": player.mic.late_frames,
            "worst_late_ms": round(player.mic.worst_late_ms, 2),
            "mouth_frames": player.mouth.count,
        }
    result.sound = mix_sound([player for player, _ in cast])
