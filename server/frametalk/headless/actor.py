"""Carries out one player's steps of a scenario and records which of them failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from frametalk.errors import FrametalkError
from frametalk.headless.clock import Clock
from frametalk.headless.expect import describe, found_instead, is_met
from frametalk.headless.mic import Sound
from frametalk.headless.player import Player
from frametalk.headless.reply import Reply
from frametalk.headless.scenario import Expectation, Step
from frametalk.headless.speech import Clip


@dataclass(slots=True)
class Said:
    """Something that the player said: spoken, with its `sound`, or typed. `start_s`: when it began."""

    text: str
    start_s: float
    source: str
    sound: Sound | None = None
    audible_end: int = 0  # one past the last audible sample, on the microphone's clock


@dataclass(frozen=True, slots=True)
class StepResult:
    """The outcome of a step; `failure` is empty if it passed."""

    number: int
    step: Step
    player: str
    at_s: float
    took_s: float
    failure: str = ""


class Actor:
    """Carries out the steps in order. `clips`: the sound of each step that plays one, by its number."""

    def __init__(
        self,
        player: Player,
        steps: Iterable[tuple[int, Step]],
        clips: Mapping[int, Clip],
        clock: Clock,
        on_said: Callable[[Player, Said], None],
    ) -> None:
        self.said: list[Said] = []
        self.results: list[StepResult] = []
        self.expected_errors: set[str] = set()
        self._player = player
        self._steps = tuple(steps)
        self._clips = clips
        self._clock = clock
        self._on_said = on_said
        # When the newest action began, and when it was complete.
        self._since_s = self._done_s = clock.now_s()

    async def run(self) -> None:
        """Carry out every step, also after one that failed."""
        self._since_s = self._done_s = self._clock.now_s()
        for number, step in self._steps:
            began_s = self._clock.now_s()
            failure = await self._play(number, step)
            took_s = self._clock.now_s() - began_s
            self.results.append(
                StepResult(number, step, self._player.name, began_s, took_s, failure)
            )
            if self._player.closed is not None:
                break

    async def _play(self, number: int, step: Step) -> str:
        if step.expect is not None:
            return await self._expect(step.expect)
        if step.wait_ms is not None:
            await self._clock.until(self._clock.now_s() + step.wait_ms / 1000)
            return ""
        if step.wait_reply is not None:
            return await self._wait_reply(step)
        at_s = await self._wait_to_act(step)
        if at_s is None:
            return "no reply became audible to speak over"
        self._since_s = at_s
        try:
            await self._act(number, step, at_s)
        except FrametalkError as error:
            return str(error)
        self._done_s = self._clock.now_s()
        return ""

    async def _act(self, number: int, step: Step, at_s: float) -> None:
        if step.say is not None or step.noise is not None:
            if step.ptt:
                self._player.press()
            await self._sound(step.say, self._clips[number], at_s)
            if step.ptt:
                self._player.release()
        elif step.type is not None:
            self._record(Said(step.type, at_s, "typed"))
            self._player.say_typed(step.type)
        elif step.interrupt:
            self._player.interrupt()
        elif step.patch is not None:
            self._player.patch(**msgspec.structs.asdict(step.patch))
        elif step.event is not None:
            self._player.send_event(step.event)

    async def _sound(self, text: str | None, clip: Clip, at_s: float) -> None:
        sound = self._player.mic.play(clip.samples, at_s=at_s)
        if text is not None:
            end = sound.start + clip.audible_end
            self._record(Said(text, at_s, clip.source, sound, end))
        await sound.done.wait()

    def _record(self, said: Said) -> None:
        self.said.append(said)
        self._on_said(self._player, said)

    async def _wait_to_act(self, step: Step) -> float | None:
        """The time to act: now, or `after_audible_ms` after a reply became audible. None: none did."""
        if step.after_audible_ms is None:
            return self._clock.now_s()
        until_s = self._clock.now_s() + step.within_ms / 1000

        def audible() -> float | None:
            replies = self._replies_since(self._since_s)
            return next((r.playback.audible_s for r in replies if r.playback.audible_s), None)

        audible_s = await self._player.log.wait_for(audible, until_s)
        if audible_s is None:
            return None
        at_s = max(audible_s + step.after_audible_ms / 1000, self._clock.now_s())
        await self._clock.until(at_s)
        return at_s

    def _replies_since(self, since_s: float) -> list[Reply]:
        return [reply for reply in self._player.replies.values() if reply.began_s >= since_s]

    async def _wait_reply(self, step: Step) -> str:
        def replied() -> bool | None:
            replies = self._replies_since(self._since_s)
            return True if replies and all(reply.done for reply in replies) else None

        until_s = self._clock.now_s() + step.within_ms / 1000
        if await self._player.log.wait_for(replied, until_s):
            return ""
        begun = self._replies_since(self._since_s)
        what = f"reply {begun[-1].id} did not end" if begun else "no reply began"
        return f"{what} within {step.within_ms:.0f} ms"

    async def _expect(self, expected: Expectation) -> str:
        until_s = self._done_s + expected.within_ms / 1000
        if expected.absent:  # also counts what came between the two
            until_s = max(until_s, self._clock.now_s())
        if expected.error is not None:
            self.expected_errors.add(expected.error)
        found = await self._player.log.wait_for(
            lambda: is_met(expected, self._player, self._since_s, until_s), until_s
        )
        if bool(found) is not expected.absent:
            return ""
        instead = found_instead(expected, self._player, self._since_s)
        verdict = "came" if expected.absent else "did not come"
        return f"{describe(expected)} {verdict} within {expected.within_ms:.0f} ms: {instead}"
