"""Checks who may open a session: the server's own token, or a short-lived one that a game's backend signs.

A signed token is a JSON Web Token (RFC 7519). Any language has a library that makes one.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from frametalk.errors import ConfigError, FrametalkError, Stage

if TYPE_CHECKING:
    from frametalk.config import ServerSettings

MAX_LIFE_S = 60  # from now to `exp`
CLOCK_ERROR_S = 5  # of the backend's clock against ours
MIN_SECRET_BYTES = 32  # RFC 7518, 3.2
MAX_TOKEN_CHARS = 4_096


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows. `scopes`, `characters`: None allows what the client asks for.

    `subject` names the player, as the backend knows it; `max_session_s` limits the session, 0: no limit.
    `child`: the player is one, whatever the client says.
    """

    subject: str = ""
    scopes: frozenset[str] | None = None
    characters: frozenset[str] | None = None
    max_session_s: float = 0
    child: bool = False


class _Claims(msgspec.Struct):
    exp: int | float
    jti: str
    sub: str = ""
    scopes: list[str] | None = None
    characters: list[str] | None = None
    max_session_s: float = 0
    child: bool = False


class Tokens:
    """The tokens that a server accepts. `now` returns the seconds since 1970.

    Without a token or key in the settings, clients send none. Raises ConfigError for an unusable key.
    """

    def __init__(self, settings: ServerSettings, now: Callable[[], float] = time.time) -> None:
        self._token = settings.token.encode()
        self._audience = settings.audience
        self._keys = _keys(settings)
        self._now = now
        self._used: dict[
            str, float
        ] = {}  # the signed tokens that have opened a session, and their ends

    def check(
        self,
        token: str,
        *,
        resumes: bool = False,
        admit: Callable[[Grant], None] = lambda _grant: None,
    ) -> Grant:
        """What this token allows. Raises FrametalkError `bad_token`.

        A signed token is accepted once, within its time. A client that `resumes` a session may send it
        again, because it has to show the session's own token too. `admit` may refuse the player of a valid
        token by an error; the token can be used later then.
        """
        own = self._token or not self._keys
        if own and hmac.compare_digest(token.encode(), self._token):
            grant = Grant()
            admit(grant)
            return grant
        if not self._keys or token.count(".") != 2 or len(token) > MAX_TOKEN_CHARS:  # noqa: PLR2004  (a JWT's parts)
            raise _refused("the token is not accepted", "put the server's token into hello")
        claims = self._signed(token)
        if not resumes:
            self._check_use(claims)
        grant = Grant(
            claims.sub,
            None if claims.scopes is None else frozenset(claims.scopes),
            None if claims.characters is None else frozenset(claims.characters),
            max(0.0, claims.max_session_s),
            claims.child,
        )
        admit(grant)
        if not resumes:
            self._used[claims.jti] = claims.exp + CLOCK_ERROR_S
        return grant

    def _signed(self, token: str) -> _Claims:
        import jwt  # noqa: PLC0415  (it takes 90 ms, and few servers have keys)

        try:
            algorithm = jwt.get_unverified_header(token)["alg"]
            # The key decides: a token must not choose `none`, or a public key as the secret.
            key = self._keys[algorithm]
            options: Any = {"require": ["exp", "jti", "aud"], "verify_exp": False}
            payload = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                options=options,
                leeway=CLOCK_ERROR_S,
            )
            return msgspec.convert(payload, _Claims)
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise _refused("the signed token is not accepted", _remedy(error)) from None

    def _check_use(self, claims: _Claims) -> None:
        now_s, end_s = self._now(), claims.exp + CLOCK_ERROR_S
        if not now_s < end_s:
            raise _refused(
                "the signed token has expired", "let the backend sign one for each session"
            )
        if claims.exp > now_s + MAX_LIFE_S + CLOCK_ERROR_S:
            raise _refused(
                f"the signed token is valid for more than {MAX_LIFE_S} s",
                f"set `exp` to at most {MAX_LIFE_S} s from now",
            )
        self._used = {jti: end for jti, end in self._used.items() if end > now_s}
        if claims.jti in self._used:
            raise _refused(
                "the signed token was used before", "let the backend sign one for each session"
            )


def _keys(settings: ServerSettings) -> dict[str, Any]:
    """The keys by the one algorithm that each is for."""
    keys: dict[str, Any] = {}
    if settings.token_secret:
        if len(settings.token_secret.encode()) < MIN_SECRET_BYTES:
            raise ConfigError(
                f"server.token_secret is shorter than {MIN_SECRET_BYTES} bytes",
                remedy="make one with `openssl rand -hex 32`",
            )
        keys["HS256"] = settings.token_secret
    if settings.token_public_key:
        keys["EdDSA"] = _public_key(Path(settings.token_public_key))
    if keys:
        _import_jwt()
    return keys


def _import_jwt() -> None:
    try:
        import jwt  # noqa: F401, PLC0415
    except ImportError:
        raise ConfigError(
            "signed tokens need the package pyjwt", remedy='pip install "frametalk[tokens]"'
        ) from None


def _public_key(file: Path) -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
            Ed25519PublicKey,
        )
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            load_pem_public_key,
        )
    except ImportError:
        raise ConfigError(
            "a public key needs the package cryptography", remedy='pip install "frametalk[tokens]"'
        ) from None
    try:
        key = load_pem_public_key(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"server.token_public_key: {file}: {error.strerror}") from None
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(
            f"server.token_public_key: {file} is not the PEM file of an Ed25519 public key",
            remedy="make one with `openssl pkey -in private.pem -pubout`",
        )
    return key


def _remedy(error: Exception) -> str:
    """What the backend has to change, without a word of the token."""
    return {
        "InvalidSignatureError": "sign it with the key in the server's settings",
        "InvalidAudienceError": "set `aud` to the setting server.audience",
        "MissingRequiredClaimError": "it needs `exp`, `jti` and `aud`",
        "KeyError": "sign it with the algorithm of the server's key: HS256 or EdDSA",
    }.get(type(error).__name__, "make it with a JWT library")


def _refused(text: str, remedy: str) -> FrametalkError:
    error = FrametalkError("bad_token", text, stage=Stage.SESSION, remedy=remedy, fatal=True)
    error.ref = "hello"
    return error
