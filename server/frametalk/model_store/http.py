"""Reading over HTTP, with failures in plain words."""

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
"""What a connection that breaks while it is read raises."""


def open_url(url: str, offset: int = 0) -> tuple[IO[bytes], int]:
    """The body of `url` from byte `offset` on, and the offset that the server really begins at.

    Raises PullError: no network, or a refusal.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise PullError(f"{url} is no address of the web", remedy="begin it with https://")
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
    """What `url` says, of this shape. Raises PullError, also for what is anything else."""
    body, _offset = open_url(url)
    try:
        with body:
            return msgspec.json.decode(body.read(MAX_JSON_BYTES), type=shape)
    except BROKEN as error:
        raise _unreachable(url, error) from None
    except msgspec.DecodeError as error:
        raise PullError(
            f"what {urlsplit(url).netloc} answers for {urlsplit(url).path} is not what it should be:"
            f" {error}",
            remedy="check HF_ENDPOINT or --from, and whether a proxy answers in its place",
        ) from None


def _begin(answer: Any) -> int:
    """The first byte of a partial answer; 0 where the server does not say."""
    with suppress(IndexError, ValueError):
        return int(answer.headers.get("Content-Range", "").split()[1].split("-")[0])
    return 0


def _refused(url: str, error: HTTPError) -> PullError:
    text = f"{urlsplit(url).netloc} answers {error.code} {error.reason} for {urlsplit(url).path}"
    if error.code == NOT_FOUND:
        return NotThereError(text, remedy="check the model's name, and HF_ENDPOINT or --from")
    return PullError(text, remedy="try again later; what is here already is kept")


def _unreachable(url: str, error: BaseException) -> PullError:
    reason = error.reason if isinstance(error, URLError) else error
    return PullError(
        f"cannot reach {urlsplit(url).netloc}: {reason or type(reason).__name__}",
        remedy="check the network (HTTPS_PROXY sets a proxy); where there is none, copy the models"
        " folder of another machine and use --from FOLDER",
    )
