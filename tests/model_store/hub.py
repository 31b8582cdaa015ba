"""A model hub on loopback that answers as huggingface.co does, and fails on demand."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1_000  # files of this size and above are outside git, and their digest is SHA-256


@dataclass
class FakeHub:
    """`files` by repository and path. `cuts`: bytes after which the next answers break off."""

    url: str = ""
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    changed: dict[str, bytes] = field(default_factory=dict)  # content that is sent instead, by path
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    elsewhere: str = ""  # large files lie under this prefix, to which the hub redirects
    status: int = 200
    plain: dict[str, bytes] = field(default_factory=dict)  # other addresses
    requested: list[tuple[str, str]] = field(default_factory=list)  # path, Range

    def answer(self, path: str) -> bytes | None:
        """The content at an address, or None."""
        if path in self.plain:
            return self.plain[path]
        for repository, files in self.files.items():
            api = f"/api/models/{repository}"
            if path == f"{api}/revision/main":
                return json.dumps({"id": repository, "sha": COMMIT}).encode()
            if path.startswith(f"{api}/tree/{COMMIT}"):
                folder = path.removeprefix(f"{api}/tree/{COMMIT}").strip("/")
                return json.dumps(list(self._tree(files, folder))).encode()
            name = path.removeprefix(f"/{repository}/resolve/{COMMIT}/")
            if name in files:
                return self.changed.get(name, files[name])
        return None

    @staticmethod
    def _tree(files: dict[str, bytes], folder: str) -> Iterator[dict[str, Any]]:
        for path, data in files.items():
            parent, _, _name = path.rpartition("/")
            if parent != folder:
                continue
            git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            item: dict[str, Any] = {"type": "file", "path": path, "oid": git, "size": len(data)}
            if len(data) >= LARGE:
                digest = hashlib.sha256(data).hexdigest()
                item |= {"oid": "pointer", "lfs": {"oid": digest, "size": len(data)}}
            yield item


@contextmanager
def serving(hub: FakeHub) -> Iterator[FakeHub]:
    """Serve it on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            hub.requested.append((self.path, self.headers.get("Range", "")))
            path = self.path.removeprefix(hub.elsewhere)
            data = hub.answer(path)
            if data is None or hub.status != 200:
                self.send_error(404 if data is None else hub.status)
                return
            if "/resolve/" in path and len(data) >= LARGE and path == self.path and hub.elsewhere:
                self.send_response(302)
                self.send_header("Location", f"{hub.url}{hub.elsewhere}{path}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            begin = 0
            if hub.ranges and (wanted := self.headers.get("Range")):
                begin = int(wanted.removeprefix("bytes=").rstrip("-"))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(data) - begin))
            self.end_headers()
            if "/resolve/" in self.path and hub.cuts:
                self.wfile.write(data[begin : begin + hub.cuts.pop(0)])
                self.close_connection = True
                return
            self.wfile.write(data[begin:])

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_request: None  # clients that leave are part of the tests
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def whisper_files() -> dict[str, bytes]:
    """The files of a small faster-whisper repository."""
    return {
        "config.json": b'{"alignment_heads": []}',
        "model.bin": bytes(range(256)) * 40,
        "tokenizer.json": b"{}",
        "vocabulary.txt": b"a\nb\n",
        "README.md": b"not wanted",
        ".gitattributes": b"",
    }


def snapshot(folder: Path) -> dict[str, bytes]:
    """Path and content of every file in a folder."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }
