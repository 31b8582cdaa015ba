"""Who may read an operator's page: those with its token, or without one this machine."""

from __future__ import annotations

import hmac
import time

from frametalk.addresses import is_exempt
from frametalk.admission import Attempts
from frametalk.transports.files import SECURITY
from frametalk.transports.http import Page, Request

PRIVATE = {**SECURITY, "Cache-Control": "no-store"}


class PageToken:
    """Checks `Authorization: Bearer TOKEN`; an empty token lets in 127.0.0.1 and ::1, and no other address.

    `setting` is the token's name, for answers. After `limit` wrong tokens within a minute an address has to
    wait; an exempt one, which many may have, still comes in with the right token.
    """

    def __init__(self, token: str, setting: str, limit: int) -> None:
        self._token = token
        self._setting = setting
        self._attempts = Attempts(limit)

    def refusal(self, request: Request) -> Page | None:
        """The answer to a request that may not read the page; None: it may."""
        is_local = bool(request.address) and is_exempt(request.address)
        if not self._token:
            return None if is_local else self._only_local()
        now_s = time.monotonic()
        wait_s = self._attempts.retry_after_s(request.address, now_s)
        if self._is_right(request.authorization) and (is_local or not wait_s):
            return None
        if wait_s:
            headers = {**PRIVATE, "Retry-After": f"{wait_s:.0f}"}
            return Page(429, b"This address has sent too many wrong tokens.\n", headers=headers)
        if request.authorization:
            self._attempts.fail(request.address, now_s)
        headers = {**PRIVATE, "WWW-Authenticate": "Bearer"}
        text = f"Send the setting {self._setting} as `Authorization: Bearer TOKEN`.\n"
        return Page(401, text.encode(), headers=headers)

    def _is_right(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        is_bearer = scheme.lower() == "bearer"
        return is_bearer and hmac.compare_digest(token.encode(), self._token.encode())

    def _only_local(self) -> Page:
        text = (
            "Only the server's own machine may read this page.\n"
            f"For others set {self._setting}, and send it as `Authorization: Bearer TOKEN`.\n"
        )
        return Page(403, text.encode(), headers=PRIVATE)
