"""Delays that no setting makes, put into one stage of a turn: for broken_budgets.py.

Each function changes frametalk in the process that calls it: `sending` in the server's, the others in the
players'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from frametalk.headless.mic import Microphone
from frametalk.headless.playback import Playback
from frametalk.pipeline.reply import Reply
from frametalk.wire.codec import Media


def capture(later_s: float) -> None:
    """Each frame of the microphone leaves so much later."""
    made = Microphone.__init__

    def init(
        self: Microphone, send_media: Callable[[Media], None], *rest: Any, **named: Any
    ) -> None:
        def send_later(frame: Media) -> None:
            asyncio.get_running_loop().call_later(later_s, send_media, frame)

        made(self, send_later, *rest, **named)

    Microphone.__init__ = init  # type: ignore[method-assign]


def sending(later_s: float) -> None:
    """The first frame of a reply leaves the server so much later."""
    room_for = Reply.room_for

    async def wait(self: Reply, sample: int, timeout_ms: float) -> None:
        if sample == 0:
            await asyncio.sleep(later_s)
        await room_for(self, sample, timeout_ms)

    Reply.room_for = wait  # type: ignore[method-assign]


def client_buffer(later_s: float) -> None:
    """The client keeps the first sample of a reply so much longer."""
    begin = Playback._run

    def run(self: Playback, at_s: float) -> None:
        begin(self, at_s + later_s if self.started_s is None else at_s)

    Playback._run = run  # type: ignore[method-assign]
