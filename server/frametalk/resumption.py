"""Which token resumes which session."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
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
        self._sessions[digest(token)] = session
        return token

    def digests(self, session: _S) -> tuple[bytes, ...]:
        """The digests of a session's tokens, the newest last."""
        return tuple(each for each, its in self._sessions.items() if its is session)

    def adopt(self, session: _S, digests: Iterable[bytes]) -> None:
        """These tokens, which another server has issued, are those of `session`."""
        self._sessions.update(dict.fromkeys(digests, session))

    def find(self, token: str) -> _S:
        """The session of a token.

        Raises FrametalkError `resume_unknown`, `resume_used` or `resume_expired`.
        """
        session = self._lookup(digest(token))
        if session is None:
            code = self._void.get(digest(token), "resume_unknown")
            text, remedy = _REFUSALS[code]
            raise FrametalkError(code, text, stage=Stage.SESSION, remedy=remedy)
        return session

    def use(self, token: str) -> None:
        """The token resumes its session: a client that has this one does not have another."""
        used = digest(token)
        self._discard(self._sessions[used], but=used)

    def prove(self, session: _S) -> None:
        """The client has got the newest token: those before are used."""
        newest = self.digests(session)[-1]
        self._discard(session, but=newest)

    def end(self, session: _S) -> None:
        """The session is over."""
        self._discard(session, why="resume_expired")

    def of(self, session: _S) -> SessionTokens[_S]:
        """The tokens of one session."""
        return SessionTokens(self, session)

    def _lookup(self, digest: bytes) -> _S | None:
        found = None
        for known, session in self._sessions.items():
            if hmac.compare_digest(known, digest):
                found = session
        return found

    def _discard(self, session: _S, but: bytes = b"", why: str = "resume_used") -> None:
        for each in self.digests(session):
            if each != but:
                del self._sessions[each]
                self._void[each] = why


class SessionTokens(Generic[_S]):
    """The tokens of one session; the methods are those of Resumption."""

    def __init__(self, resumption: Resumption[_S], session: _S) -> None:
        self._resumption = resumption
        self._session = session

    def issue(self) -> str:
        """Another token."""
        return self._resumption.issue(self._session)

    def digests(self) -> tuple[bytes, ...]:
        """The digests, the newest last."""
        return self._resumption.digests(self._session)

    def adopt(self, digests: Iterable[bytes]) -> None:
        """These, which another server has issued, are good."""
        self._resumption.adopt(self._session, digests)

    def use(self, token: str) -> None:
        """The token resumes the session."""
        self._resumption.use(token)

    def prove(self) -> None:
        """The client has got the newest token."""
        self._resumption.prove(self._session)

    def end(self) -> None:
        """The session is over."""
        self._resumption.end(self._session)


def digest(token: str) -> bytes:
    """What a server keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
