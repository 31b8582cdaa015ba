"""Tokens that open a session: the server's own, and those that a backend signs."""

from __future__ import annotations

import base64
import json
import random
import string
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from frametalk.config import ServerSettings
from frametalk.errors import ConfigError, FrametalkError
from frametalk.tokens import CLOCK_ERROR_S, MAX_LIFE_S, Grant, Tokens

NOW_S = 1_800_000_000.0
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  (a sample)
PRIVATE = Ed25519PrivateKey.generate()
PEM = PRIVATE.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def tokens(**settings: Any) -> Tokens:
    return Tokens(ServerSettings(**settings), lambda: NOW_S)


def claims(**changes: Any) -> dict[str, Any]:
    """What a good token says; None leaves a claim out."""
    good = {"exp": NOW_S + 30, "aud": "frametalk", "jti": "a1", **changes}
    return {name: value for name, value in good.items() if value is not None}


def signed(key: Any = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm)


def refused(checker: Tokens, token: str) -> str:
    """Why it is refused."""
    with pytest.raises(FrametalkError) as error:
        checker.check(token)
    assert (error.value.code, error.value.fatal, error.value.ref) == ("bad_token", True, "hello")
    assert len(token) < 12 or token not in str(error.value)
    return f"{error.value.text}; {error.value.remedy}"


@pytest.fixture
def public_key(tmp_path: Path) -> str:
    file = tmp_path / "public.pem"
    file.write_bytes(PEM)
    return str(file)


def test_without_settings_clients_need_no_token() -> None:
    assert tokens().check("") == Grant()
    assert "not accepted" in refused(tokens(), "anything")


def test_with_a_key_no_token_is_not_enough() -> None:
    assert "not accepted" in refused(tokens(token_secret=SECRET), "")


def test_the_servers_own_token_allows_everything_any_number_of_times() -> None:
    checker = tokens(token="s3cret")  # noqa: S106  (a sample)
    assert checker.check("s3cret") == checker.check("s3cret") == Grant()
    assert "not accepted" in refused(checker, "s3cres")
    assert "not accepted" in refused(checker, "")


def test_a_signed_token_opens_one_session_with_what_it_grants() -> None:
    checker = tokens(token_secret=SECRET)
    token = signed(
        sub="player 7", scopes=["doors"], characters=["smith"], max_session_s=600, child=True
    )
    grant = checker.check(token)
    assert grant == Grant("player 7", frozenset({"doors"}), frozenset({"smith"}), 600, child=True)
    assert "used before" in refused(checker, token)
    assert checker.check(signed(jti="a2")) == Grant()


def test_a_backend_may_sign_with_a_private_key(public_key: str) -> None:
    checker = tokens(token_public_key=public_key)
    assert checker.check(signed(PRIVATE, "EdDSA", sub="x")).subject == "x"
    assert "signed" in refused(checker, signed(Ed25519PrivateKey.generate(), "EdDSA", jti="b"))


def test_both_kinds_of_token_may_be_accepted(public_key: str) -> None:
    checker = tokens(token="s3cret", token_secret=SECRET, token_public_key=public_key)  # noqa: S106
    assert checker.check("s3cret") == Grant()
    assert checker.check(signed(sub="a")).subject == "a"
    assert checker.check(signed(PRIVATE, "EdDSA", sub="b", jti="b")).subject == "b"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"exp": NOW_S - CLOCK_ERROR_S}, "expired"),
        ({"exp": NOW_S + MAX_LIFE_S + CLOCK_ERROR_S + 1}, "more than 60 s"),
        ({"exp": None}, "needs `exp`"),
        ({"jti": None}, "needs `exp`"),
        ({"aud": None}, "needs `exp`"),
        ({"aud": "another game"}, "server.audience"),
        ({"exp": "soon"}, "JWT library"),
        ({"jti": 7}, "JWT library"),
        ({"scopes": "doors"}, "JWT library"),
        ({"child": "yes"}, "JWT library"),
        ({"child": 1}, "JWT library"),
        ({"nbf": 9_000_000_000}, "JWT library"),
    ],
)
def test_a_token_that_breaks_a_rule_is_refused_with_its_reason(
    changes: dict[str, Any], says: str
) -> None:
    assert says in refused(tokens(token_secret=SECRET), signed(**changes))


def test_the_clock_of_the_backend_may_be_a_little_off() -> None:
    checker = tokens(token_secret=SECRET)
    checker.check(signed(exp=NOW_S - CLOCK_ERROR_S + 1, jti="late"))
    checker.check(signed(exp=NOW_S + MAX_LIFE_S + CLOCK_ERROR_S, jti="early"))


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_an_unsigned_token_is_refused() -> None:
    for algorithm in ("none", "None", "NONE", ""):
        forged = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}."
        refused(tokens(token_secret=SECRET), forged)


def test_a_public_key_is_not_a_secret(public_key: str) -> None:
    import hashlib
    import hmac

    body = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims())}"
    digest = hmac.new(PEM, body.encode(), hashlib.sha256).digest()
    forged = f"{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
    refused(tokens(token_public_key=public_key), forged)
    refused(tokens(token_public_key=public_key, token_secret=SECRET), forged)


def test_other_algorithms_are_refused() -> None:
    refused(tokens(token_secret=SECRET), signed(algorithm="HS512", key=SECRET * 2))
    refused(tokens(token_secret=SECRET), signed(generate_private_key(65_537, 2_048), "RS256"))


def test_ten_thousand_guesses_open_nothing(public_key: str) -> None:
    checker = tokens(token="s3cret", token_secret=SECRET, token_public_key=public_key)  # noqa: S106
    rnd = random.Random(1)
    letters = string.ascii_letters + string.digits + "-_"
    head, body, tail = signed().split(".")

    def guess(length: int) -> str:
        return "".join(rnd.choices(letters, k=length))

    for number in range(2_500):
        refused(checker, guess(rnd.randrange(1, 40)))
        refused(checker, f"{head}.{body}.{guess(len(tail))}")
        refused(checker, f"{head}.{part(claims(jti=str(number)))}.{tail}")
        refused(checker, ".".join((guess(20), guess(40), guess(43))))


def test_used_tokens_are_forgotten_when_they_have_expired() -> None:
    now_s = NOW_S
    checker = Tokens(ServerSettings(token_secret=SECRET), lambda: now_s)
    for second in range(0, 3_600, 10):
        now_s = NOW_S + second
        checker.check(signed(exp=now_s + 30, jti=str(second)))
    assert len(checker._used) < 10


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"token_secret": "short"}, "shorter than 32"),
        ({"token_public_key": "/absent.pem"}, "No such file"),
        ({"token_public_key": __file__}, "not the PEM file"),
    ],
)
def test_a_key_that_cannot_be_used_stops_the_start(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        tokens(**settings)


def test_a_private_key_is_not_a_public_one(tmp_path: Path) -> None:
    file = tmp_path / "private.pem"
    file.write_bytes(
        PRIVATE.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with pytest.raises(ConfigError, match="-pubout"):
        tokens(token_public_key=str(file))
