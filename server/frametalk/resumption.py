"""Which token resumes which session."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Generic, TypeVar

from cachetools import FIFOCache

from frametalk.errors import FrametalkError, Stage

TOKEN_BYTES = 16
KEPT_TOKENS = 4_096  # that are not good any more; only to say why

_S = TypeVar("_S")

_REFUSALS = {
    "resume_unknown": ("no session has this token", "send the newest `welcome.resume`"),
    "resume_used": ("the token was used before", "send the newest `welcome.resume`"),
    "resume_expired": (
        "the session has ended",
        "connect sooner, or raise the server's setting server.resume_ms",
    ),
}


class Resumption(Generic[_S]):
    """The tokens of a server's sessions. It keeps their digests only.

    A session has one token, and after that was used a second one too, until its client has proved that it
    knows the second.
    """

    def __init__(self) -> None:
        self._sessions: dict[bytes, _S] = {}
        self._void: FIFOCache[bytes, str] = FIFOCache(KEPT_TOKENS)

    def __len__(self) -> int:
        return len(self._sessions)

    def issue(self, session: _S) -> str:
        """Another token for `session`."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._sessions[_digest(token)] = session
        return token

    def find(self, token: str) -> _S:
        """The session of a token.

        Raises FrametalkError `resume_unknown`, `resume_used` or `resume_expired`.
        """
        session = self._lookup(_digest(token))
        if session is None:
            code = self._void.get(_digest(token), "resume_unknown")
            text, remedy = _REFUSALS[code]
            raise FrametalkError(code, text, stage=Stage.SESSION, remedy=remedy)
        return session

    def use(self, token: str) -> None:
        """The token resumes its session: a client that has this one does not have another."""
        used = _digest(token)
        self._discard(self._sessions[used], but=used)

    def prove(self, session: _S) -> None:
        """The client has got the newest token: those before are used."""
        newest = [digest for digest, its in self._sessions.items() if its is session][-1]
        self._discard(session, but=newest)

    def end(self, session: _S) -> None:
        """The session is over."""
        self._discard(session, why="resume_expired")

    def _lookup(self, digest: bytes) -> _S | None:
        found = None
        for known, session in self._sessions.items():
            if hmac.compare_digest(known, digest):
                found = session
        return found

    def _discard(self, session: _S, but: bytes = b"", why: str = "resume_used") -> None:
        for digest in [digest for digest, its in self._sessions.items() if its is session]:
            if digest != but:
                del self._sessions[digest]
                self._void[digest] = why


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
