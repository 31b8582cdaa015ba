"""A whole server in the test's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from frametalk.app import serve
from frametalk.config import AdapterSettings, FrametalkSettings, ServerSettings, VoiceSettings
from frametalk.transports.websocket import WebSocketLink
from frametalk.transports.websocket_client import connect
from left_tasks import all_ended


def settings(**server: Any) -> FrametalkSettings:
    """Fixed engines on any free port; `server` overrides settings of the server."""
    return FrametalkSettings(
        server=ServerSettings(**{"port": 0, **server}),
        vad=AdapterSettings(adapter="energy"),
        asr=AdapterSettings(adapter="fixed", options={"texts": ["open the door"]}),
        llm=AdapterSettings(adapter="fixed", options={"text": "Very well, friend."}),
        tts=VoiceSettings(adapter="fixed"),
        turn=AdapterSettings(adapter=""),
    )


@dataclass
class Running:
    """A server that accepts sessions."""

    port: int
    stop: asyncio.Event
    task: asyncio.Task[None]

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def connect(self, *, json: bool = False) -> WebSocketLink:
        """A client's link to it."""
        return await connect(self.url, json=json)


@asynccontextmanager
async def serving(with_settings: FrametalkSettings | None = None) -> AsyncIterator[Running]:
    """Run a server while the context is open; then it stops, and no task may be left."""
    before = asyncio.all_tasks()
    stop = asyncio.Event()
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(
            serve(with_settings or settings(drain_ms=0), ready=port.set_result, stop=stop)
        )
        await asyncio.wait([port, task], return_when=asyncio.FIRST_COMPLETED)
        if port.done():
            try:
                yield Running(port.result(), stop, task)
            finally:
                stop.set()
    await all_ended(before)
