"""What a server's status and headers say of a failed request."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from frametalk.adapters.llm.openai.models import ModelError

# Causes that occur on an open connection; with all others no connection was made.
BROKEN_OFF = frozenset({"ReadError", "RemoteProtocolError", "LongLineError"})
_STATUS_CODES = {401: "mind_auth", 403: "mind_auth", 404: "mind_model", 429: "mind_rate_limit"}
_BAD_REQUEST, _SERVER_ERROR = 400, 500


def status_error(error: Any, text: str) -> ModelError:
    """The error for the library's `APIStatusError`."""
    status = int(error.status_code)
    other = "mind_server" if status >= _SERVER_ERROR else "mind_request"
    code = _STATUS_CODES.get(status, other)
    for_s = retry_after_s(error.response.headers) if status >= _BAD_REQUEST else None
    return ModelError(code, text, sure=status in _STATUS_CODES, for_s=for_s)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds in a Retry-After header (RFC 9110, 10.2.3); None without one."""
    value = headers.get("retry-after", "")
    try:
        wait_s = float(value)
    except ValueError:
        try:
            wait_s = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError):
            return None
    return max(0.0, wait_s) if wait_s < float("inf") else None
