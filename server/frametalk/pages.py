"""What a server answers to plain HTTP requests: its health, its metrics, and files."""

from __future__ import annotations

from typing import Any

import msgspec

from frametalk import __version__
from frametalk.config import FrametalkSettings
from frametalk.debug_page import DebugPage
from frametalk.engines import Engines, engine_names
from frametalk.metrics import CONTENT_TYPE
from frametalk.page_token import PageToken
from frametalk.server import Server
from frametalk.successor import STOP_REASON
from frametalk.transports.files import Files
from frametalk.transports.http import Page, Request
from frametalk.transports.websocket import PATH


class Pages:
    """The pages of one server; `files`: those that it serves beside its own."""

    def __init__(
        self,
        server: Server,
        settings: FrametalkSettings,
        engines: Engines,
        files: Files | None = None,
        debug: DebugPage | None = None,
    ) -> None:
        self._server = server
        self._settings = settings
        self._engines = engines
        self._files = files
        self._debug = debug
        limits = settings.server
        self._token = PageToken(
            limits.metrics_token, "server.metrics_token", limits.bad_tokens_per_minute
        )

    def answer(self, request: Request) -> Page | None:
        """The answer to a plain HTTP request; None if the transport answers or upgrades it."""
        successor_url = self._settings.server.successor_url  # clients learn it over a connection
        if request.path == PATH and request.upgrade and self._server.draining and not successor_url:
            return Page(503, b"The server is stopping.\n")
        if request.path == "/healthz":
            return self._health(request)
        if request.path == "/readyz":
            return self._readiness()
        if request.path == "/metrics":
            return self._token.refusal(request) or Page(
                200, self._server.metrics.exposition(), CONTENT_TYPE
            )
        if self._debug is not None and not request.upgrade:
            page = self._debug.answer(request)
            if page is not None:
                return page
        if self._files is not None and not request.upgrade:
            return self._files.answer(request)
        return None

    def _health(self, request: Request) -> Page:
        """Whether the server works; who may read the metrics also learns what it consists of."""
        draining = self._server.draining
        body: dict[str, Any] = {"status": "draining" if draining else "ok", "draining": draining}
        if self._token.refusal(request) is None:
            body |= {
                "version": __version__,
                "sessions": len(self._server.open_sessions),
                "max_sessions": self._settings.server.max_sessions,
                "engines": engine_names(self._settings, self._engines),
                "characters": self._engines.llm.characters,
            }
        return Page(503 if draining else 200, msgspec.json.encode(body) + b"\n", "application/json")

    def _readiness(self) -> Page:
        """Whether another session would be admitted now, and the code of why not."""
        why = ""
        if self._server.draining:
            why = STOP_REASON
        elif self._server.lag.is_high or self._server.waits.is_long:
            why = "server_busy"
        elif self._server.is_full():
            why = "server_full"
        body = {
            "ready": not why,
            "why": why,
            "loop_lag_ms": round(self._server.lag.lag_ms, 1),
            "engine_wait_ms": round(self._server.waits.wait_ms, 1),
        }
        return Page(503 if why else 200, msgspec.json.encode(body) + b"\n", "application/json")
