"""Server processes that tell a long story, and what a player on a real socket notices."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from frametalk.headless.player import Player
from frametalk.headless.resuming import Resumed
from frametalk.wire import messages as m

START = "import sys; from frametalk.cli import main; sys.exit(main())"
MS_PER_CHAR = 60
STORY = "Long ago a king lost his golden crown in the lake behind the mill."
LIMIT_S = 90
REPLY_S = 60  # within the limit, so that a reply that does not come is shown with the server's log
SHOWN_CHARACTERS = 6_000  # of that log


async def start(log: Path, *settings: str) -> asyncio.subprocess.Process:
    """Start one, which writes `log`; it need not accept connections yet."""
    usual = (
        "log.level=DEBUG",
        "vad.adapter=energy",
        "asr.adapter=fixed",
        "turn.adapter=",
        "llm.adapter=fixed",
        f'llm.options.text="{STORY}"',
        "tts.adapter=fixed",
        f"tts.options.ms_per_char={MS_PER_CHAR}",
    )
    flags = [part for setting in (*settings, *usual) for part in ("--set", setting)]
    with log.open("ab") as stderr:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", START, "serve", *flags, stderr=stderr
        )


async def end(process: asyncio.subprocess.Process, how: signal.Signals) -> int:
    """Stop or kill it; its exit code."""
    if process.returncode is None:
        process.send_signal(how)
    return await process.wait()


def newest(log: Path) -> str:
    """What was logged last."""
    return log.read_text()[-SHOWN_CHARACTERS:]


async def heard_a_second(player: Player) -> None:
    """Wait until the reply has begun and a second of it was heard."""

    def second() -> bool | None:
        reply = player.speaking
        return True if reply and reply.playback.played > reply.begin.rate_hz else None

    assert await player.log.wait_for(second, player.log._clock.now_s() + LIMIT_S)


async def replied(player: Player, count: int, log: Callable[[], str]) -> None:
    """Wait until that many replies have begun and all have ended. `log`: of the servers."""

    def done() -> bool | None:
        replies = list(player.replies.values())
        return True if len(replies) >= count and all(r.done for r in replies) else None

    came = await player.log.wait_for(done, player.log._clock.now_s() + REPLY_S)
    ended = {reply.begin.reply: reply.done for reply in player.replies.values()}
    assert came, f"replies: {ended}, errors: {codes(player)}\n{log()}"


def resumes(player: Player) -> int:
    return sum(isinstance(entry.item, Resumed) for entry in player.log.entries)


async def resumed(player: Player, count: int) -> None:
    """Wait until the session was resumed so often."""

    def enough() -> bool | None:
        return True if resumes(player) >= count else None

    assert await player.log.wait_for(enough, player.log._clock.now_s() + LIMIT_S)


def codes(player: Player) -> list[str]:
    """Of the errors that the player got."""
    return [e.item.code for e in player.log.entries if isinstance(e.item, m.Error)]
