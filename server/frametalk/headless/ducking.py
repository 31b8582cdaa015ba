"""What the client does with a reply when there is sound over it: duck it, pause it, resume it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from frametalk.headless.clock import Clock
from frametalk.headless.duck import LocalDuck
from frametalk.headless.echo_path import SpeakerTap
from frametalk.headless.reply import Reply
from frametalk.headless.speaker import Speaker
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

CONFIRM_MS = 400  # the server says `ducked` by then, or it was nobody


class Ducking:
    """Lowers the reply at the microphone's first loud sound, and does as `turn.state` says.

    `first_sample`: where the microphone's present stream begins on its clock. `echo` is the policy in
    force: with a loudspeaker what it plays is no voice.
    """

    def __init__(
        self, clock: Clock, speaker: Speaker, tap: SpeakerTap, first_sample: Callable[[], int]
    ) -> None:
        self.local = LocalDuck()
        self.echo: m.EchoPolicy = "none"
        self._clock = clock
        self._speaker = speaker
        self._tap = tap
        self._first_sample = first_sample
        self._alarm: asyncio.TimerHandle | None = None

    def mic_frame(self, frame: Media) -> None:
        """A frame left for the server: lower the reply if the player's voice set in."""
        samples = np.frombuffer(frame.payload, "<i2")
        played = None
        if self.echo in {"duck", "platform_aec"}:
            first = self._first_sample() + frame.sample
            played = self._tap.between(first, first + len(samples))
        onset = self.local.feed(frame.sample, samples, played)
        reply = self._speaker.reply
        # With half_duplex the server does not listen now: nobody can mean to interrupt.
        if onset is not None and reply is not None and self.echo != "half_duplex":
            self._lower(reply)

    def state(self, message: m.TurnStateChanged) -> None:
        """The server hears somebody over the reply, or knows that it was nobody."""
        reply = self._speaker.reply
        if reply is None or message.reply != reply.id:
            return
        now_s = self._clock.now_s()
        self.local.confirmed = message.state == "ducked"
        if message.state == "ducked":
            self._clear_alarm()
            if message.paused:
                reply.playback.pause(now_s, "server")
            else:
                reply.playback.lower(now_s, "server")
        elif self._alarm is None:  # else it is of before the voice that is being judged
            reply.playback.resume(now_s, "server")
        self._speaker.wake()

    def over(self) -> None:
        """The reply is over, or another one begins."""
        self._clear_alarm()
        self.local.confirmed = False

    def _lower(self, reply: Reply) -> None:
        playback = reply.playback
        if playback.started_s is None or playback.volume.state != "raised":
            return
        playback.lower(self._clock.now_s(), "local")
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_later(CONFIRM_MS / 1000, self._nobody, reply)

    def _nobody(self, reply: Reply) -> None:
        self._alarm = None
        if not reply.over:
            self.local.false_alarm()
        reply.playback.resume(self._clock.now_s(), "local")

    def _clear_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
