"""Reads over HTTP; failures become PullErrors that say what to do."""

from __future__ import annotations

import http.client
from contextlib import suppress
from typing import IO, Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import msgspec

from frametalk import __version__
from frametalk.model_store.errors import NotThereError, PullError

T = TypeVar("T")

TIMEOUT_S = 30.0
MAX_JSON_BYTES = 8 << 20
OK, PARTIAL, NOT_FOUND = 200, 206, 404

BROKEN = (OSError, http.client.HTTPException)
"""The exceptions of a connection that breaks while it is read."""


def open_url(url: str, offset: int = 0) -> tuple[IO[bytes], int]:
    """The body of `url` from byte `offset` on, and the offset at which the server really begins.

    Raises PullError if the server cannot be reached or refuses.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise PullError(
            f"{url} is not a web address", remedy="use an address that begins with https://"
        )
    headers = {"User-Agent": f"frametalk/{__version__}"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        answer = urlopen(Request(url, headers=headers), timeout=TIMEOUT_S)  # noqa: S310  (checked above)
    except HTTPError as error:
        error.close()
        raise _refused(url, error) from None
    except BROKEN as error:
        raise _unreachable(url, error) from None
    return answer, _begin(answer) if answer.status == PARTIAL else 0


def get_json(url: str, shape: type[T]) -> T:
    """The JSON at `url`, of this shape. Raises PullError, also if it has another shape."""
    body, _offset = open_url(url)
    try:
        with body:
            return msgspec.json.decode(body.read(MAX_JSON_BYTES), type=shape)
    except BROKEN as error:
        raise _unreachable(url, error) from None
    except msgspec.DecodeError as error:
        raise PullError(
            f"{urlsplit(url).netloc} gives an unexpected answer for {urlsplit(url).path}: {error}",
            remedy="check HF_ENDPOINT or --from, and whether a proxy answers instead",
        ) from None


def _begin(answer: Any) -> int:
    """The first byte of a partial answer; 0 if the server does not say."""
    with suppress(IndexError, ValueError):
        return int(answer.headers.get("Content-Range", "").split()[1].split("-")[0])
    return 0


def _refused(url: str, error: HTTPError) -> PullError:
    text = f"{urlsplit(url).netloc} answers {error.code} {error.reason} for {urlsplit(url).path}"
    if error.code == NOT_FOUND:
        return NotThereError(text, remedy="check the model's name, and HF_ENDPOINT or --from")
    return PullError(text, remedy="try again later; the files so far are kept")


def _unreachable(url: str, error: BaseException) -> PullError:
    reason = error.reason if isinstance(error, URLError) else error
    return PullError(
        f"cannot reach {urlsplit(url).netloc}: {reason or type(reason).__name__}",
        remedy="check the network (HTTPS_PROXY sets a proxy); models whose source is `index` in"
        " `frametalk models list` come with pip; a copied models folder, with --from FOLDER",
    )
