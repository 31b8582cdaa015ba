"""Words that must not leave a session are found in no log, metric, trace, audit line or file."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any

import pytest

from frametalk import logs
from frametalk.adapters.base import TextDelta, ToolRequest
from frametalk.adapters.guard.embedded import EmbeddedGuard
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.audit import AuditLog
from frametalk.config import AuditSettings, FrametalkSettings, PrivacySettings, ServerSettings
from frametalk.metrics import Metrics
from frametalk.records import Records
from frametalk.session_state import Books
from frametalk.tokens import Tokens
from frametalk.wire import messages as m
from player import engines, playing

pytestmark = pytest.mark.looptime

TOKEN, PLAYER, CHARACTER, ARGUMENT = "kanarietoken", "kanarieplayer", "kanariemind", "kanariecall"
STOPPED, REPORTED, SCENE = "kanariestopped", "kanariereport", "kanariescene"
CANARIES = (TOKEN, PLAYER, CHARACTER, ARGUMENT, STOPPED, REPORTED, SCENE)


class Singer(FixedMind):
    async def think(self, request: Any) -> Any:
        if not request.step:
            yield TextDelta(f"You said {PLAYER}, I say {CHARACTER}. ")
            yield ToolRequest("open", {"target": "door", "why": ARGUMENT})
            yield ToolRequest(ARGUMENT, {"target": ARGUMENT})
            yield ToolRequest("open", {"target": f"kill yourself {ARGUMENT}"})
        else:
            yield TextDelta(f"Kill yourself, {STOPPED}.")


async def converse(
    folder: Path, settings: FrametalkSettings, level: str, **hello: Any
) -> tuple[str, str]:
    """One conversation full of canaries; what was logged, and what the player heard."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, levels = root.handlers[:], (root.level, logging.getLogger("frametalk").level)
    logs.configure(level, "json", stream)
    guard = EmbeddedGuard()
    await guard.start()
    metrics = Metrics()
    audit = AuditLog(AuditSettings(file=str(folder / "audit.jsonl")))
    books = Books(audit=audit, records=Records(folder / "records"))
    eng = engines(Singer(), texts=[f"tell me {PLAYER}"])
    eng = type(eng)(eng.vad, eng.asr, eng.llm, eng.tts, guard=guard)
    try:
        async with playing(eng, settings, metrics=metrics, books=books) as player:
            await player.enter(token=TOKEN, **hello)
            player.link.send(m.SceneEvent(name="thunder", text=SCENE))
            await player.speak()
            call = await player.until(m.ToolCall)
            player.link.send(m.ToolResult(call=call.call, ok=False, reason=SCENE))
            await player.until(m.ReplyEnd)
            await player.until(m.TurnStateChanged, lambda s: s.state == "idle")
            player.link.send(m.Say(text=f"I want to kill myself, {STOPPED}"))
            await player.until(m.ReplyEnd, lambda item: item.reply == 2)
            player.link.send(m.Report(reply=1, text=REPORTED))
            player.link.send(m.Focus(entity=SCENE))
            await player.until(m.Error, lambda e: e.code == "scene_unknown_entity")
            heard = " ".join(text.text for text in player.of(m.ReplyText))
    finally:
        audit.flush()
        books.records.flush()
        root.handlers[:] = handlers
        root.setLevel(levels[0])
        logging.getLogger("frametalk").setLevel(levels[1])
    return stream.getvalue() + metrics.exposition().decode(), heard


def found(folder: Path, text: str) -> set[str]:
    texts = [text, *(str(path) for path in folder.rglob("*"))]
    texts += [path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file()]
    return {canary for canary in CANARIES if any(canary in each.lower() for each in texts)}


SERVER = ServerSettings(token=TOKEN)


async def test_a_server_of_default_settings_keeps_no_word(tmp_path: Path) -> None:
    text, heard = await converse(tmp_path, FrametalkSettings(server=SERVER), "INFO")
    assert PLAYER in heard  # the canaries did sing
    assert CHARACTER in heard
    assert STOPPED not in heard
    assert "the guard stopped words" in text
    assert '"kind":"guard"' in (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
    assert '"kind":"tool"' in (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
    assert found(tmp_path, text) == set()


async def test_a_player_who_consents_to_storing_is_stored_nowhere_else(tmp_path: Path) -> None:
    settings = FrametalkSettings(server=SERVER, privacy=PrivacySettings(store=True))
    text, _heard = await converse(tmp_path, settings, "INFO", consent=m.Consent(store=True))
    assert found(tmp_path / "nothing", text) == set()
    stored = found(tmp_path / "records", "")
    assert {PLAYER, CHARACTER, REPORTED} <= stored
    assert not {TOKEN, ARGUMENT, SCENE} & stored


async def test_speech_in_the_log_takes_the_level_debug_and_a_token_is_never_there(
    tmp_path: Path,
) -> None:
    text, _heard = await converse(tmp_path, FrametalkSettings(server=SERVER), "DEBUG")
    assert PLAYER in found(tmp_path, text)
    assert TOKEN not in found(tmp_path, text)


def test_a_wrong_token_is_not_in_its_own_refusal() -> None:
    with pytest.raises(Exception) as refused:  # noqa: PT011  (whatever it is)
        Tokens(SERVER).check("kanariewrong")
    assert "kanarie" not in f"{refused.value!r} {refused.value}"
