"""A server's life: start the engines, listen, drain, stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from frametalk import freed_memory, logs, media_loader, schemas
from frametalk.admission import check_exposure
from frametalk.config import FrametalkSettings
from frametalk.debug_page import DebugPage
from frametalk.engines import Engines, started
from frametalk.metrics import Metrics
from frametalk.pages import Pages
from frametalk.privacy import check_engines
from frametalk.records import Records
from frametalk.server import Server
from frametalk.stop_signals import stop_signals
from frametalk.tasks import Tasks
from frametalk.text import number_words
from frametalk.transports.files import Files
from frametalk.transports.tls import context
from frametalk.transports.websocket import Pings
from frametalk.transports.websocket_server import listen
from frametalk.workers import supervisor

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 3_600.0


async def serve(
    settings: FrametalkSettings,
    *,
    ready: Callable[[int], None] | None = None,
    engines_ready: Callable[[Engines], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until `stop` is set or SIGTERM or Ctrl-C arrives; a second signal stops without draining.

    `engines_ready` is called once the engines have started, `ready` with the port once sessions are
    accepted. A stop before that ends the start. Raises ConfigError, AdapterError, or
    FrametalkError `cannot_listen`; everything that has started is closed in any case.
    """
    stopping = stop or asyncio.Event()
    watch = Tasks(lambda name, error: log.error("%s failed", name, exc_info=error))
    starting = asyncio.timeout(None)
    with stop_signals(stopping) as second:
        try:
            async with starting:
                watch.start(_give_up(stopping, starting), "watch for a stop")

                async def is_ready(server: Server, port: int) -> None:
                    await watch.close()
                    second.hurry = server.hurry
                    if ready is not None:
                        ready(port)

                await _serve(settings, is_ready, engines_ready, stopping)
        except TimeoutError:
            if not starting.expired():
                raise
            log.info("stopped before it was ready")
        finally:
            await watch.close()


async def _give_up(stopping: asyncio.Event, starting: asyncio.Timeout) -> None:
    """End the start at a stop."""
    await stopping.wait()
    starting.reschedule(asyncio.get_running_loop().time())


async def _serve(
    settings: FrametalkSettings,
    is_ready: Callable[[Server, int], Awaitable[None]],
    engines_ready: Callable[[Engines], None] | None,
    stopping: asyncio.Event,
) -> None:
    began_s = time.monotonic()
    address = settings.server
    check_exposure(address)
    tls = context(address.tls_certificate, address.tls_key)
    files = Files(Path(address.pages), address.successor_url) if address.pages else None
    metrics = Metrics()
    asyncio.get_running_loop().set_exception_handler(logs.LoopErrors())
    async with started(settings, cache_looked_up=metrics.voice_cache) as engines:
        if engines_ready is not None:
            engines_ready(engines)
        check_engines(engines, settings.privacy)
        await asyncio.to_thread(number_words.load)
        await asyncio.to_thread(schemas.load)
        if media_loader.is_served(settings):
            await asyncio.to_thread(media_loader.load)
        server = Server(settings, engines, metrics)
        debug = DebugPage(server, settings, engines) if address.debug_token else None
        pages = Pages(server, settings, engines, files, debug)
        keeper = server.open_handover()
        metrics.watch_workers(supervisor.states)
        tasks = Tasks(lambda name, error: log.error("%s failed", name, exc_info=error))
        async with listen(
            server.handle,
            pages.answer,
            host=address.host,
            port=address.port,
            stalled_ms=address.stalled_ms,
            pings=Pings(address.ping_every_ms, address.ping_timeout_ms),
            origins=address.origins,
            tls=tls,
        ) as port:
            server.metrics.ready((time.monotonic() - began_s) * 1000)
            log.info("listening on %s port %d", address.host, port)
            tasks.start(engines.advise(), "advise")
            tasks.start(server.lag.run(), "loop lag")
            trim = freed_memory.trimmer()
            tasks.start(freed_memory.give_back(trim, server.session_ended), "freed memory")
            tasks.start(sweep(server.records, settings.privacy.retention_days), "sweep")
            if keeper is not None:
                tasks.start(keeper.run(), "hand-over")
            try:
                await is_ready(server, port)
                await stopping.wait()
                await tasks.close()
                await server.drain()
            finally:
                await tasks.close()
        if keeper is not None:
            await keeper.close()


async def sweep(records: Records, retention_days: float) -> None:
    """Delete old records now and every hour, until cancelled."""
    while True:
        try:
            await asyncio.to_thread(records.sweep, retention_days)
        except OSError as error:
            log.error("old records cannot be deleted: %s", error)
        await asyncio.sleep(SWEEP_EVERY_S)
