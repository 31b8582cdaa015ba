"""What the client does to a reply while there is sound over it: duck, pause, resume."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from frametalk.headless.clock import Clock
from frametalk.headless.echo_path import SpeakerTap
from frametalk.headless.onset import OnsetDetector
from frametalk.headless.reply import Reply
from frametalk.headless.speaker import Speaker
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

CONFIRM_MS = 400  # the server says `ducked` within this time, or the onset was a false alarm


class Ducking:
    """Lowers the reply when the microphone hears a voice, then follows `turn.state`.

    `first_sample`: where the microphone's present stream begins on its clock. `echo` is the policy in
    force: with a loudspeaker, the sound that it plays is not a voice.
    """

    def __init__(
        self, clock: Clock, speaker: Speaker, tap: SpeakerTap, first_sample: Callable[[], int]
    ) -> None:
        self.onset = OnsetDetector(tap.rate_hz)
        self.echo: m.EchoPolicy = "none"
        self._clock = clock
        self._speaker = speaker
        self._tap = tap
        self._first_sample = first_sample
        self._unconfirmed: asyncio.TimerHandle | None = None

    def mic_frame(self, frame: Media) -> None:
        """A frame was sent: lower the reply if the player began to speak in it."""
        samples = np.frombuffer(frame.payload, "<i2")
        played = None
        if self.echo in {"duck", "platform_aec"}:
            first = self._first_sample() + frame.sample
            played = self._tap.between(first, first + len(samples))
        onset = self.onset.feed(frame.sample, samples, played)
        reply = self._speaker.reply
        # With half_duplex the server does not listen during a reply, so it cannot be interrupted.
        if onset is not None and reply is not None and self.echo != "half_duplex":
            self._lower(reply)

    def state(self, message: m.TurnStateChanged) -> None:
        """The server heard the player over the reply, or decided that it was nothing."""
        reply = self._speaker.reply
        if reply is None or message.reply != reply.id:
            return
        now_s = self._clock.now_s()
        self.onset.confirmed = message.state == "ducked"
        if message.state == "ducked":
            self._clear_timer()
            if message.paused:
                reply.playback.pause(now_s, "server")
            else:
                reply.playback.lower(now_s, "server")
        elif self._unconfirmed is None:  # otherwise the state is older than the onset
            reply.playback.resume(now_s, "server")
        self._speaker.wake()

    def reset(self) -> None:
        """The reply was cut, or another one begins."""
        self._clear_timer()
        self.onset.confirmed = False

    def _lower(self, reply: Reply) -> None:
        playback = reply.playback
        if playback.started_s is None or playback.volume.state != "raised":
            return
        playback.lower(self._clock.now_s(), "local")
        loop = asyncio.get_running_loop()
        self._unconfirmed = loop.call_later(CONFIRM_MS / 1000, self._false_alarm, reply)

    def _false_alarm(self, reply: Reply) -> None:
        self._unconfirmed = None
        if not reply.done:
            self.onset.false_alarm()
        reply.playback.resume(self._clock.now_s(), "local")

    def _clear_timer(self) -> None:
        if self._unconfirmed is not None:
            self._unconfirmed.cancel()
            self._unconfirmed = None
