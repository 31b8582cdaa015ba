"""Nothing comes any more, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.transports.quiet import QuietWatch

pytestmark = pytest.mark.looptime


class Watched:
    """A watch of 2 s, and when it changed."""

    def __init__(self) -> None:
        self.changes: list[tuple[float, bool]] = []
        self.watch = QuietWatch(2.0, self._changed)

    def _changed(self, quiet: bool) -> None:
        self.changes.append((asyncio.get_running_loop().time(), quiet))


async def test_what_is_heard_in_time_is_not_quiet() -> None:
    watched = Watched()
    for _ in range(10):
        await asyncio.sleep(1.9)
        watched.watch.heard()
    assert watched.changes == []


async def test_silence_is_noticed_after_exactly_its_time() -> None:
    watched = Watched()
    await asyncio.sleep(1.5)
    watched.watch.heard()
    await asyncio.sleep(30)
    assert watched.changes == [(3.5, True)]


async def test_the_first_sign_ends_it_and_the_next_silence_is_noticed_again() -> None:
    watched = Watched()
    await asyncio.sleep(10)
    watched.watch.heard()
    await asyncio.sleep(10)
    assert watched.changes == [(2.0, True), (10.0, False), (12.0, True)]


async def test_a_closed_watch_is_silent() -> None:
    watched = Watched()
    watched.watch.close()
    watched.watch.close()
    await asyncio.sleep(10)
    assert watched.changes == []
