"""The push-to-talk button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from frametalk.headless.mic import Microphone
from frametalk.wire.messages import Interrupt, MicStart, MicStop

TAIL_MS = 250  # people let go of the button before they have ended


class TalkButton:
    """Opens the microphone as push-to-talk while it is pressed and a little longer.

    A microphone that was open before is open again afterwards. Pressing again within the tail goes on.
    """

    def __init__(
        self,
        mic: Microphone,
        send: Callable[[Interrupt | MicStart | MicStop], None],
        sounding: Callable[[], bool],
    ) -> None:
        self._mic = mic
        self._send = send
        self._sounding = sounding
        self._was_open = False
        self._pressed = False
        self._letting_go: asyncio.TimerHandle | None = None

    def press(self) -> None:
        """It goes down; over a reply that is an interruption."""
        if self._sounding():
            self._send(Interrupt())
        if self._letting_go is not None:
            self._letting_go.cancel()
            self._letting_go = None
        elif not self._pressed:
            self._was_open = self._mic.opened_at is not None
            self._send(self._mic.start("ptt"))
        self._pressed = True

    def release(self) -> None:
        """It goes up; what is said in the tail still counts."""
        if self._pressed:
            self._pressed = False
            self._letting_go = asyncio.get_running_loop().call_later(TAIL_MS / 1000, self._let_go)

    def close(self) -> None:
        """The player leaves: nothing is sent any more."""
        if self._letting_go is not None:
            self._letting_go.cancel()

    def _let_go(self) -> None:
        self._letting_go = None
        self._send(self._mic.stop())
        if self._was_open:
            self._send(self._mic.start())
