"""Words that must not leave a session, through a server process: found in no log, page or file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import frametalk
from constrained_server import Constrained, constrained, reply_done, typed
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.wire import messages as m
from sockets import get

pytestmark = pytest.mark.real

TOKEN = "kanarietoken"  # noqa: S105
DEBUG_TOKEN = "kanariedebugtoken"  # noqa: S105
PROMPT, SAID, WORDS, SCENE = "kanarieprompt", "kanariesaid", "kanariewords", "kanariescene"
CANARIES = (TOKEN, DEBUG_TOKEN, PROMPT, SAID, WORDS, SCENE)
PAGES = ("/metrics", "/healthz", "/readyz", "/debug/")
DEBUG_PAGES = ("/debug/state", "/debug/trace")
BLACKSMITH = Path(frametalk.__file__).parent / "data" / "characters" / "blacksmith.toml"


def character(folder: Path) -> Path:
    """The blacksmith, with a word in his persona, which is the prompt, and one that he says."""
    text = BLACKSMITH.read_text(encoding="utf-8").replace(
        "Bram, a blacksmith", f"{PROMPT}, a smith"
    )
    file = folder / "smith.toml"
    intent = f'\n[[intent]]\npatterns = ["tell me of {WORDS}"]\nlines = ["It is {SAID}."]\n'
    file.write_text(text + intent, encoding="utf-8")
    return file


async def converse(server: Constrained) -> tuple[str, str]:
    """A turn, a tool, an event and a report, all with canaries; what the player heard, and all pages."""
    player = Player(
        await server.connect(),
        GameWorld(load_world("tavern")),
        Clock(),
        PlayerOptions(token=TOKEN, features=("resume",)),
    )
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(player.run())
        await player.joined.wait()
        player.send_event(m.SceneEvent(name="thunder", text=SCENE))
        await typed(player, f"tell me of {WORDS}")
        await typed(player, "open the door")
        player.report(1, text=WORDS)
        await reply_done(player, 2)
        pages = await everything(server)
        await player.leave()
    return " ".join(reply.text for reply in player.replies.values()), pages


async def everything(server: Constrained) -> str:
    """All pages, those of the debug page with its token."""
    pages = [await get(server.port, path) for path in PAGES]
    for path in DEBUG_PAGES:
        status, kind, body = await get(
            server.port, path, f"Authorization: Bearer {DEBUG_TOKEN}\r\n"
        )
        assert (status, kind.split(";")[0]) == (200, "application/json")
        assert b'"event"' in body  # there is something of the session in it
        pages.append((status, kind, body))
    return "".join(f"{kind}{body.decode()}" for _status, kind, body in pages)


def found(text: str) -> set[str]:
    return {canary for canary in CANARIES if canary in text.lower()}


def in_files(folder: Path, *, but: Path) -> set[str]:
    """The canaries in the names and contents of files."""
    files = [path for path in folder.rglob("*") if path.is_file() and path != but]
    assert files
    return set().union(*(found(f"{each} {each.read_bytes()!r}") for each in files))


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("INFO", set()),
        ("DEBUG", {WORDS, SAID}),  # speech, because the setting says so; neither token nor prompt
    ],
)
async def test_a_running_server_writes_no_canary_but_speech_at_debug(
    level: str, shown: set[str], tmp_path: Path
) -> None:
    smith = character(tmp_path)
    places = {
        "TMPDIR": str(tmp_path),
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    async with constrained(
        tmp_path,
        f"log.level={level}",
        f"server.token={TOKEN}",
        f"server.debug_token={DEBUG_TOKEN}",
        f"character.file={smith}",
        f"audit.file={tmp_path}/audit.jsonl",
        "privacy.store=true",  # the player has agreed to nothing
        "privacy.record=true",
        environment=places,
    ) as server:
        await server.ready()
        said, pages = await converse(server)
        assert SAID in said
        pages += await everything(server)  # now that the session has ended
        assert await server.stop() == 0
        assert found(pages) == set()
        assert '"kind":"tool"' in (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
        smith.unlink()
        assert in_files(tmp_path, but=server.file) == set()
        assert "session" in server.log
        assert found(server.log) <= shown
        assert bool(found(server.log)) == bool(shown)
