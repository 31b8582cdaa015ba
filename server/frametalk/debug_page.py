"""The page /debug: the sessions of a running server, and why each turn was answered when it was."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from frametalk import __version__
from frametalk.config import FrametalkSettings
from frametalk.debug_state import past_session, running_session, worker
from frametalk.diary import Diary
from frametalk.engines import Engines, engine_names
from frametalk.page_token import PRIVATE, PageToken
from frametalk.perfetto import trace_events
from frametalk.server import Server
from frametalk.transports.files import Files
from frametalk.transports.http import Page, Request
from frametalk.workers import supervisor

PATH = "/debug"
KEPT_CALLS = 2_000  # of workers, for traces


class DebugPage:
    """Answers for a server whose setting `server.debug_token` is not empty.

    The page itself says nothing; what it shows needs the token (PageToken).
    """

    def __init__(self, server: Server, settings: FrametalkSettings, engines: Engines) -> None:
        self._server = server
        self._settings = settings
        self._engines = engines
        limits = settings.server
        self._token = PageToken(
            limits.debug_token, "server.debug_token", limits.bad_tokens_per_minute
        )
        self._calls = supervisor.keep_calls(KEPT_CALLS)
        self._files = Files(Path(str(files("frametalk") / "data" / "debug")))

    def answer(self, request: Request) -> Page | None:
        """The page for a request; None if it is not one of these."""
        if request.path == PATH:
            return Page(308, b"", headers={"Location": f"{PATH}/"})
        if request.path == f"{PATH}/state":
            return self._token.refusal(request) or _json(self._state())
        if request.path == f"{PATH}/trace":
            return self._token.refusal(request) or self._trace(request.query)
        if request.path.startswith(f"{PATH}/"):
            return self._files.answer(replace(request, path=request.path.removeprefix(PATH)))
        return None

    def _state(self) -> dict[str, Any]:
        server, now_s = self._server, time.monotonic()
        return {
            "version": __version__,
            "engines": engine_names(self._settings, self._engines),
            "loop_lag_ms": round(server.lag.lag_ms, 1),
            "engine_waits_ms": server.waits.medians_ms,
            "draining": server.draining,
            "max_sessions": self._settings.server.max_sessions,
            "errors": server.metrics.errors(),
            "workers": [worker(each) for each in supervisor.running()],
            "sessions": [running_session(each, now_s) for each in server.open_sessions],
            "past_sessions": [past_session(each, now_s) for each in server.past_sessions],
        }

    def _trace(self, query: str) -> Page:
        """All sessions with a diary, those that ended lately first, or what the query chooses of them."""
        past = [(each.id, " (ended)", each.diary) for each in self._server.past_sessions]
        running = [(each.id, "", each.state.context.diary) for each in self._server.open_sessions]
        fields = dict(parse_qsl(query, keep_blank_values=True))
        session, turn = fields.pop("session", None), fields.pop("turn", None)
        if fields or (turn is not None and (session is None or not turn.isdecimal())):
            return Page(400, b"Write ?session=ID or ?session=ID&turn=NUMBER.\n", headers=PRIVATE)
        chosen = [
            (f"session {name}{how}", diary)
            for name, how, diary in (*past, *running)
            if session in {None, name}
        ]
        number = None if turn is None else int(turn)
        missing = _missing(session, number, [diary for _name, diary in chosen])
        if missing:
            return Page(404, f"{missing}\n".encode(), headers=PRIVATE)
        return _json(trace_events(chosen, self._calls, os.getpid(), turn=number))


def _missing(session: str | None, turn: int | None, diaries: list[Diary]) -> str:
    """What of the choice is not there, in words; empty: nothing."""
    if session is not None and not diaries:
        return f"There is no session {session!r}: /debug lists those that are kept."
    kept = {each.turn for diary in diaries for each in diary.turns}
    kept |= {each.turn for diary in diaries for each in diary.entries}
    if turn is not None and turn not in kept:
        return f"Session {session} has no turn {turn}: /debug lists those that are kept."
    return ""


def _json(body: dict[str, Any]) -> Page:
    return Page(200, msgspec.json.encode(body), "application/json", PRIVATE)
