"""One conversation over connections that are cut, and what was lost or came twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from frametalk.bench.network.house import House
from frametalk.bench.network.recording import RecordingRecogniser, RecordingVad
from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples, ms_to_samples
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.reply import Reply
from frametalk.headless.resuming import Resumed, ResumingLink
from frametalk.headless.scene import Decision, GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.transports.link import Link
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

REPLY_LIMIT_S = 20.0
SPEECH_MS = 400
QUIET, LOUD = 60, 8_000  # of the noise: below the level of speech, and above it


@dataclass(slots=True)
class Outcome:
    """What one conversation lost; `errors` are those that the server reported."""

    turns: int = 0
    control_lost: int = 0
    control_doubled: int = 0
    mic_samples_lost: int = 0
    reply_samples_lost: int = 0
    tools_twice: int = 0
    resume_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class CountingWorld(GameWorld):
    """Counts how often a tool was carried out."""

    carried_out = 0

    def decide(self, tool: str, args: Mapping[str, Any]) -> Decision:
        """As GameWorld."""
        self.carried_out += 1
        return super().decide(tool, args)


class Talk:
    """A player who speaks, types and changes the world in turn, over links that `open_link` opens."""

    def __init__(
        self, house: House, open_link: Callable[[], Awaitable[Link]], clock: Clock, seed: int
    ) -> None:
        self.turns = 0
        self._house = house
        self._open_link = open_link
        self._clock = clock
        self._seed = seed
        self._world = CountingWorld(load_world("tavern"))
        self._frames: list[bytes] = []
        self._sent: list[m.AnyMessage] = []

    async def run(
        self, is_enough: Callable[[], bool], calm: Callable[[], None] = lambda: None
    ) -> Outcome:
        """Take turns until there were enough; `calm` then ends the cuts. Returns what was lost."""
        player = self.player = Player(
            await self._open_link(),
            self._world,
            self._clock,
            PlayerOptions(name="talk"),
            mic_frame=self._mic_frame,
            reopen=self._open_link,
        )
        player.mic.background = self._noise
        self._record(player)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(player.run())
            await player.joined.wait()
            while not is_enough() and not running.done():
                await self._turn(self.turns)
                self.turns += 1
            calm()
            player.say_typed("open the door")
            await self._replied(player)
            player._link.send(player.mic.stop())  # noqa: SLF001  (so that all of it arrives)
            await self._settled()
            outcome = self._compare(player)
            await player.leave()
        return outcome

    # ---- what the player does --------------------------------------------------------------------

    async def _turn(self, number: int) -> None:
        player = self.player
        kind = number % 4
        if kind == 0:
            await self._speak(player)
        elif kind == 1:
            player.patch(state={"torch": {"lit": number % 8 == 1}})
            player.send_event(m.SceneEvent(name="thunder"))
            player.say_typed("who are you")
        elif kind == 2:  # noqa: PLR2004
            player.say_typed("open the door")
            await self._clock.until(self._clock.now_s() + 0.5)
            player.interrupt()
        else:
            player.say_typed("what can you do")
        await self._replied(player)

    async def _speak(self, player: Player) -> None:
        dice = np.random.default_rng([self._seed, self.turns])
        loud = dice.integers(-LOUD, LOUD, ms_to_samples(SPEECH_MS, RECOGNITION_RATE_HZ))
        await player.mic.play(loud.astype(np.int16)).done.wait()

    async def _replied(self, player: Player) -> None:
        """Wait until the character is idle again."""
        since = len(player.log.entries)

        def idle() -> bool | None:
            states = [
                entry.item.state
                for entry in player.log.entries[since:]
                if isinstance(entry.item, m.TurnStateChanged)
            ]
            return True if (states and states[-1] == "idle") or player.closed else None

        await player.log.wait_for(idle, self._clock.now_s() + REPLY_LIMIT_S)

    async def _settled(self) -> None:
        """Wait until the server has all that was sent."""
        for _ in range(200):
            if len(self._house.session.taken) >= len(self._sent):
                return
            await asyncio.sleep(0.01)

    def _noise(self, first: int, end: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        dice = np.random.default_rng([self._seed, 1_000_000, first])
        return dice.integers(-QUIET, QUIET, end - first).astype(np.float64)

    def _record(self, player: Player) -> None:
        link = player._link  # noqa: SLF001  (what goes into it is what must arrive)
        assert isinstance(link, ResumingLink)  # noqa: S101  (it has `reopen`)
        log = link._log  # noqa: SLF001
        add = log.add

        def kept(number: int, message: m.AnyMessage) -> None:
            self._sent.append(message)
            add(number, message)

        log.add = kept  # type: ignore[method-assign]

    def _mic_frame(self, frame: Media) -> None:
        self._frames.append(frame.payload)

    # ---- what was lost ---------------------------------------------------------------------------

    def _compare(self, player: Player) -> Outcome:
        session = self._house.session
        came = [
            seq
            for entry in player.log.entries
            if entry.kind == "message" and (seq := getattr(entry.item, "seq", 0))
        ]
        lost_down, doubled_down = _compare_lists(session.numbers[1:], came)
        lost_up, doubled_up = _compare_lists(self._sent, session.taken)
        resumed = [e.item for e in player.log.entries if isinstance(e.item, Resumed)]
        calls = len(player.tools.calls)
        return Outcome(
            turns=self.turns,
            control_lost=lost_up + lost_down,
            control_doubled=doubled_up + doubled_down + len(player.violations),
            mic_samples_lost=self._mic_lost(),
            reply_samples_lost=sum(
                _reply_lost(reply, bytes(session.sound[reply.begin.stream]))
                for reply in player.replies.values()
            ),
            tools_twice=max(0, self._world.carried_out - calls),
            resume_ms=[(item.resumed_s - item.broke_s) * 1000 for item in resumed],
            errors=session.errors,
        )

    def _mic_lost(self) -> int:
        """Samples that the server did not hear, or not at their place, or its recogniser did not get."""
        engines = self._house.engines
        assert isinstance(engines.vad, RecordingVad)  # noqa: S101  (for the type checker)
        assert isinstance(engines.asr, RecordingRecogniser)  # noqa: S101  (as above)
        sent = np.frombuffer(b"".join(self._frames), "<i2")
        heard = np.concatenate([*engines.vad.windows, np.empty(0, np.int16)])
        missing = max(0, len(sent) - len(heard) - (RecordingVad.window_samples - 1))
        both = min(len(sent), len(heard))
        wrong = int(np.count_nonzero(sent[:both] != heard[:both])) + len(heard) - both
        everything = sent.tobytes()
        strange = sum(len(sound) // 2 for sound in engines.asr.sounds if sound not in everything)
        return missing + wrong + strange


def _compare_lists(sent: Sequence[Any], came: Sequence[Any]) -> tuple[int, int]:
    """(lost, doubled); a message out of its order counts as both."""
    if list(sent) == list(came):
        return 0, 0
    before, after = Counter(map(repr, sent)), Counter(map(repr, came))
    lost, doubled = (before - after).total(), (after - before).total()
    return (lost, doubled) if lost or doubled else (1, 1)


def _reply_lost(reply: Reply, sent: bytes) -> int:
    """Samples of a reply that did not leave the loudspeaker, or not once and in order."""
    playback = reply.playback
    came: Samples = playback.pcm.read(0, playback.available)
    said = np.frombuffer(sent, "<i2")
    due = playback.played if playback.was_cut else len(said)
    both = min(due, len(came))
    lost = abs(due - playback.played) + int(np.count_nonzero(came[:both] != said[:both]))
    stretches = playback.stretches
    gaps = [after.first - before.end for before, after in pairwise(stretches)]
    return lost + sum(map(abs, gaps)) + (stretches[0].first if stretches else 0)
