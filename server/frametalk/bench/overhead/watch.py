"""What the server under test costs while players talk to it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from frametalk.bench.server import ServerProcess

WATCH_S = 0.5


class Watch:
    """What a server costs while the players talk: its highest memory, and processor time of both sides."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.rss_mb = server.rss_mb()
        self._began_s = (server.cpu_s(), time.process_time())
        self.cpu_s = self.own_cpu_s = 0.0

    async def run(self) -> None:
        """Look, until cancelled."""
        while True:
            await asyncio.sleep(WATCH_S)
            self.look()

    def look(self) -> None:
        """Take what it costs up to now."""
        self.rss_mb = max(self.rss_mb, self._server.rss_mb())
        self.cpu_s = self._server.cpu_s() - self._began_s[0]
        self.own_cpu_s = time.process_time() - self._began_s[1]
