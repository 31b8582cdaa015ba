"""A server with OpenAI's moderation request that finds one category by one word."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CATEGORIES = {
    "hate": "orcish", "self-harm": "kill myself", "self-harm/intent": "end it now", "sexual": "naughty",
    "sexual/minors": "schoolish", "violence": "gory",
}  # fmt: skip


class ModerationServer(ThreadingHTTPServer):
    """`status` and `body` replace the answer; `requests` are those that came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[dict[str, Any]] = []
        self.status = 200
        self.body: bytes | None = None
        self.hold = threading.Event()
        self.hold.set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ModerationServer

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, **request})
        self.server.hold.wait(5)
        body = self.server.body
        if body is None:
            body = json.dumps(answer(request["input"])).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def answer(texts: str | list[str]) -> dict[str, Any]:
    """What such a server says about one text or several."""
    results = [_result(text) for text in ([texts] if isinstance(texts, str) else texts)]
    return {"id": "modr-1", "model": "stand-in", "results": results}


def _result(text: str) -> dict[str, Any]:
    flags = {name: word in text for name, word in CATEGORIES.items()}
    scores = {name: 0.9 if flagged else 0.1 for name, flagged in flags.items()}
    return {"flagged": any(flags.values()), "categories": flags, "category_scores": scores}


@contextmanager
def moderating() -> Iterator[ModerationServer]:
    """Run one while the context is open."""
    server = ModerationServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
