"""Runs a command's work on an event loop, with its own server or model stub where it needs one."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from frametalk.errors import Interrupted, first_of

if TYPE_CHECKING:
    from frametalk.config import FrametalkSettings
    from frametalk.engines import Engines

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine, on uvloop if installed. Raises the first failure of an exception group."""
    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with suppress(ImportError):
        import uvloop

        new_loop = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=new_loop) as runner:
        try:
            return runner.run(work)
        except BaseExceptionGroup as group:
            raise first_of(group) from group


def leave_loaded_alone(_port: int) -> None:
    """Leave all that is loaded by now out of later garbage collections.

    A collection of everything would stop the event loop for about 100 ms.
    """
    gc.collect()
    gc.freeze()


async def with_mind_stub(
    settings: FrametalkSettings, work: Callable[[FrametalkSettings], Coroutine[Any, Any, T]]
) -> T:
    """Run `work` with `settings` whose mind is the `openai` adapter, served by a model stub.

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


def with_model(settings: FrametalkSettings, base_url: str, model: str) -> FrametalkSettings:
    """The settings with a model of that server behind the script."""
    import msgspec

    from frametalk.config import AdapterSettings

    options = {"openai": {"base_url": base_url, "model": model}}
    mind = AdapterSettings(adapter="scripted+openai", options=options)
    return msgspec.structs.replace(settings, llm=mind)


async def with_server(
    settings: FrametalkSettings,
    play: Callable[[str], Coroutine[Any, Any, T]],
    engines_ready: Callable[[Engines], None] | None = None,
) -> T:
    """Start a server on a free port, run `play` with its address, then stop the server.

    `engines_ready` is called before that.
    """
    import msgspec

    from frametalk.app import serve

    own = msgspec.structs.replace(settings.server, host="127.0.0.1", port=0)
    settings = msgspec.structs.replace(settings, server=own)
    port = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        server = serve(settings, ready=port.set_result, engines_ready=engines_ready, stop=stop)
        group.create_task(server, name="server")
        playing = group.create_task(play(f"ws://127.0.0.1:{await port}"), name="player")
        # The server handles signals: if `stop` is set while `play` still runs, it was Ctrl-C.
        stopped = group.create_task(stop.wait(), name="stop")
        await asyncio.wait((playing, stopped), return_when=asyncio.FIRST_COMPLETED)
        interrupted = not playing.done()
        playing.cancel()
        stop.set()
    if interrupted:
        raise Interrupted
    return playing.result()
