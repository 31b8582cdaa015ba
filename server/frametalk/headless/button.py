"""The push-to-talk button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from frametalk.headless.mic import Microphone
from frametalk.wire.messages import Interrupt, MicStart, MicStop

TAIL_MS = 250  # people release the button before they have finished speaking


class TalkButton:
    """Opens the microphone as push-to-talk while it is pressed and for `TAIL_MS` longer.

    A microphone that was open before is opened again afterwards. Pressing again within the tail keeps
    the stream open.
    """

    def __init__(
        self,
        mic: Microphone,
        send: Callable[[Interrupt | MicStart | MicStop], None],
        replying: Callable[[], bool],
    ) -> None:
        self._mic = mic
        self._send = send
        self._replying = replying
        self._was_open = False
        self._pressed = False
        self._tail: asyncio.TimerHandle | None = None

    def press(self) -> None:
        """Press it; during a reply this interrupts the reply."""
        if self._replying():
            self._send(Interrupt())
        if self._tail is not None:
            self._tail.cancel()
            self._tail = None
        elif not self._pressed:
            self._was_open = self._mic.opened_at is not None
            self._send(self._mic.start("ptt"))
        self._pressed = True

    def release(self) -> None:
        """Release it; what is said within the tail still counts."""
        if self._pressed:
            self._pressed = False
            self._tail = asyncio.get_running_loop().call_later(TAIL_MS / 1000, self._close_stream)

    def close(self) -> None:
        """The player leaves: send nothing more."""
        if self._tail is not None:
            self._tail.cancel()

    def _close_stream(self) -> None:
        self._tail = None
        self._send(self._mic.stop())
        if self._was_open:
            self._send(self._mic.start())
