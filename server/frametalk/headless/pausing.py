"""The game stands still: its menu is open, or the headset is off."""

from __future__ import annotations

from collections.abc import Callable

from frametalk.headless.clock import Clock
from frametalk.headless.mic import Microphone
from frametalk.headless.reply import Reply
from frametalk.headless.speaker import Speaker
from frametalk.wire.messages import AnyMessage, Pause


class GamePause:
    """Stops and starts what runs in real time: the microphone and the reply's clock."""

    def __init__(
        self,
        send: Callable[[AnyMessage], None],
        clock: Clock,
        mic: Microphone,
        speaker: Speaker,
        reply: Callable[[], Reply | None],
    ) -> None:
        self._send = send
        self._clock = clock
        self._mic = mic
        self._speaker = speaker
        self._reply = reply
        self._opens_mic = False

    def begin(self, for_ms: float | None) -> None:
        """Stand still, for at most `for_ms`."""
        self._opens_mic = self._mic.opened_at is not None
        if self._opens_mic:
            self._send(self._mic.stop())
        self._send(Pause(for_ms=for_ms))
        if reply := self._reply():
            reply.playback.pause(self._clock.now_s(), "local")
            self._speaker.wake()

    def end(self) -> None:
        """Go on."""
        self._send(Pause(paused=False))
        if self._opens_mic:
            self._send(self._mic.start())
        if reply := self._reply():
            reply.playback.resume(self._clock.now_s(), "local")
            self._speaker.wake()
