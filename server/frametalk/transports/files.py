"""A folder of built web pages, served from memory beside the WebSocket."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from frametalk.errors import ConfigError
from frametalk.transports.http import Page, Request

MAX_TOTAL_BYTES = 64 * 1024 * 1024  # all of it is kept in memory

# Browsers are told not to guess types, so each must be right.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".glb": "model/gltf-binary",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".vrm": "model/gltf-binary",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_COMPRESSIBLE = re.compile(r"text/|application/(json|wasm|manifest)|image/(svg|x-icon)|model/")

# A page runs its own code and talks to its own server only, and to that server's successor. Blob and data
# addresses are needed for a model that the player drops onto the page.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self'",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


def _written(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{of} {what}" for of, what in policy.items())


SECURITY = MappingProxyType(
    {
        "Content-Security-Policy": _written(_POLICY),
        "Permissions-Policy": "microphone=(self), xr-spatial-tracking=(self), autoplay=(self), "
        "camera=(), geolocation=()",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)

# Build tools put a hash of the content into such names, so a name's content never changes. A Worker's
# script is asked for each time: the policy that comes with it is the Worker's, and changes with the
# successor.
_WORKER = "worker"
_HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_HASHED_FOLDER = "/assets/"
FOR_EVER, ASK_EACH_TIME = "public, max-age=31536000, immutable", "no-cache"


@dataclass(frozen=True, slots=True)
class _File:
    plain: bytes
    zipped: bytes | None  # None if compression does not make it smaller
    content_type: str
    tag: str
    caching: str


class Files:
    """All files below a folder, as they were when it was read. `/` is its `index.html`."""

    def __init__(self, folder: Path, successor_url: str = "") -> None:
        """Raises ConfigError for a missing index.html, more than 64 MiB, or an unknown type of file.

        `successor_url`: of a WebSocket that pages may connect to beside this server's own.
        """
        self._files: Mapping[str, _File] = _read(folder)
        self._security = SECURITY
        if successor_url:
            there = urlsplit(successor_url)
            connect = f"{_POLICY['connect-src']} {there.scheme}://{there.netloc}"
            policy = _written({**_POLICY, "connect-src": connect})
            self._security = MappingProxyType({**SECURITY, "Content-Security-Policy": policy})

    def answer(self, request: Request) -> Page | None:
        """The page for a path; None if there is no such file."""
        file = self._files.get("/index.html" if request.path == "/" else request.path)
        if file is None:
            return None
        headers = {
            **self._security,
            "Cache-Control": file.caching,
            "ETag": file.tag,
            "Vary": "Accept-Encoding",
        }
        if _knows(request.if_none_match, file.tag):
            return Page(304, b"", file.content_type, headers)
        if file.zipped is not None and _takes_gzip(request.accept_encoding):
            return Page(
                200, file.zipped, file.content_type, {**headers, "Content-Encoding": "gzip"}
            )
        return Page(200, file.plain, file.content_type, headers)


def _read(folder: Path) -> dict[str, _File]:
    if not (folder / "index.html").is_file():
        raise ConfigError(
            f"there is no index.html in {folder}", remedy="choose the folder of a built page"
        )
    found: dict[str, _File] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        # Names with a dot first belong to tools, and a link could lead out of the folder.
        if not path.is_file() or path.is_symlink() or any(p[0] == "." for p in name.split("/")):
            continue
        total += path.stat().st_size
        if total > MAX_TOTAL_BYTES:
            raise ConfigError(
                f"{folder} contains more than {MAX_TOTAL_BYTES // 2**20} MiB",
                remedy="serve large files with a web server",
            )
        found[f"/{name}"] = _file(f"/{name}", path.read_bytes())
    return found


def _file(name: str, plain: bytes) -> _File:
    content_type = CONTENT_TYPES.get(Path(name).suffix.lower())
    if content_type is None:
        raise ConfigError(
            f"{name}: the type of this file is unknown",
            remedy="remove it from the page's folder",
        )
    zipped = None
    if _COMPRESSIBLE.match(content_type):
        # Without a time stamp, so that equal files give equal bytes.
        packed = gzip.compress(plain, mtime=0)
        zipped = packed if len(packed) < len(plain) else None
    hashed = name.startswith(_HASHED_FOLDER) and _HASHED.search(name) and _WORKER not in name
    tag = f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
    return _File(plain, zipped, content_type, tag, FOR_EVER if hashed else ASK_EACH_TIME)


def _knows(if_none_match: str, tag: str) -> bool:
    known = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return tag in known or "*" in known


def _takes_gzip(accept_encoding: str) -> bool:
    for part in accept_encoding.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name in {"gzip", "*"} and not any(
            re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters
        ):
            return True
    return False
