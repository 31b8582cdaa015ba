"""Runs a command's work on an event loop, if need be beside a server of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from frametalk.errors import first_of

if TYPE_CHECKING:
    from frametalk.config import FrametalkSettings

T = TypeVar("T")


class Interrupted(Exception):  # noqa: N818  (no error: somebody wanted it)
    """Ctrl-C while a server of our own was running."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it on uvloop's event loop where that is installed; the first failure of a group counts."""
    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with suppress(ImportError):
        import uvloop

        new_loop = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=new_loop) as runner:
        try:
            return runner.run(work)
        except BaseExceptionGroup as group:
            raise first_of(group) from group


async def beside_mind_stub(
    settings: FrametalkSettings, work: Callable[[FrametalkSettings], Coroutine[Any, Any, T]]
) -> T:
    """Give `work` these settings with the `openai` adapter for a mind, and a stub for its model.

    The stub speaks for the settings' characters, about as fast as a small model on a good machine.
    """
    import msgspec

    from frametalk.config import AdapterSettings
    from frametalk.engines import character_files
    from frametalk.mind_stub.options import StubOptions
    from frametalk.mind_stub.server import serving

    files = character_files(settings)
    options = StubOptions(characters=files, first_token_ms=80, tokens_per_s=50)
    async with serving(options) as stub:
        mind = AdapterSettings(
            adapter="openai", options={"base_url": stub.base_url, "model": options.speaks}
        )
        return await work(msgspec.structs.replace(settings, llm=mind))


async def beside_server(
    settings: FrametalkSettings, play: Callable[[str], Coroutine[Any, Any, T]]
) -> T:
    """Give `play` the address of a server of its own on a free port, and stop that afterwards."""
    import msgspec

    from frametalk.app import serve

    own = msgspec.structs.replace(settings.server, host="127.0.0.1", port=0)
    settings = msgspec.structs.replace(settings, server=own)
    port = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, ready=port.set_result, stop=stop), name="server")
        playing = group.create_task(play(f"ws://127.0.0.1:{await port}"), name="player")
        # The server takes the signals: Ctrl-C shows as a stop that nobody here asked for.
        stopped = group.create_task(stop.wait(), name="stop")
        await asyncio.wait((playing, stopped), return_when=asyncio.FIRST_COMPLETED)
        interrupted = not playing.done()
        playing.cancel()
        stop.set()
    if interrupted:
        raise Interrupted
    return playing.result()
