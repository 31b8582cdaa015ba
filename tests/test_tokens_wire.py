"""Forged, used and random tokens at a server's socket: none opens a session."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from pathlib import Path
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from frametalk.config import PrivacySettings
from frametalk.wire import messages as m
from frametalk.wire.codec import Media
from limits import SOON_S
from linked import end_of, received
from serving import Running, serving, settings
from sockets import get

pytestmark = pytest.mark.real

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  (a sample)
PRIVATE = Ed25519PrivateKey.generate()
PEM = PRIVATE.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def claims(**changes: Any) -> dict[str, Any]:
    good = {"exp": time.time() + 30, "aud": "tavern", "jti": secrets.token_hex(8)}
    return {**good, **changes}


def signed(key: Any = PRIVATE, algorithm: str = "EdDSA", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm)


def part(value: dict[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}."


def confused() -> str:
    """HS256, with the public key as the secret."""
    body = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims())}"
    return f"{body}.{part(hmac.new(PEM, body.encode(), hashlib.sha256).digest())}"


async def code_of(server: Running, token: str) -> str:
    """The code of the refusal; empty: the session began."""
    link = await server.connect()
    link.send(m.Hello(protocol=1, token=token))
    answer = await received(link)
    if isinstance(answer, m.Error):
        assert answer.fatal
        assert len(token) < 12 or token not in f"{answer.text}{answer.remedy}"
        assert (await end_of(link)).code == 1008
        return answer.code
    await link.close()
    return ""


@pytest.mark.parametrize("with_secret", [False, True])
async def test_only_a_fresh_token_of_the_backend_opens_a_session(
    with_secret: bool, tmp_path: Path
) -> None:
    key = tmp_path / "public.pem"
    key.write_bytes(PEM)
    limits = settings(
        token_public_key=str(key),
        token_secret=SECRET if with_secret else "",
        audience="tavern",
        bad_tokens_per_minute=0,
        drain_ms=0,
    )
    good = signed()
    head, body, tail = signed().split(".")
    other = Ed25519PrivateKey.generate()
    bad = [
        "",
        confused(),
        *(unsigned(algorithm) for algorithm in ("none", "None", "NONE", "HS256", "")),
        signed(other),
        signed(aud="another game"),
        signed(aud=["another game"]),
        signed(exp=time.time() - 60),
        signed(exp=time.time() + 3_600),
        f"{head}.{part(claims(sub='admin'))}.{tail}",
        f"{head}.{body}.{tail[:-4]}AAAA",
        f"{head}.{body}",
        f"{head}.{body}.{tail}.{tail}",
        signed() + "\0",
        *(secrets.token_urlsafe(size) for size in (1, 16, 32, 200)),
    ]
    async with serving(limits) as server:
        assert await code_of(server, good) == ""
        assert await code_of(server, good) == "bad_token"  # it was used
        assert {await code_of(server, token) for token in bad} == {"bad_token"}
        page = (await get(server.port, "/metrics"))[2]
        assert b"\nframetalk_sessions_opened_total 1.0\n" in page
        assert await code_of(server, signed()) == ""


async def test_a_token_is_checked_again_when_a_session_is_resumed(tmp_path: Path) -> None:
    key = tmp_path / "public.pem"
    key.write_bytes(PEM)
    limits = settings(token_public_key=str(key), audience="tavern", drain_ms=0)
    token = signed()
    async with serving(limits) as server:
        link = await server.connect()
        link.send(m.Hello(protocol=1, token=token, features=("resume",)))
        welcome = await received(link)
        assert isinstance(welcome, m.Welcome)
        link.abort("cut")
        for wrong in ("", signed(Ed25519PrivateKey.generate()), confused()):
            thief = await server.connect()
            hello = m.Hello(protocol=1, token=wrong, features=("resume",), resume=welcome.resume)
            thief.send(hello)
            refusal = await received(thief)
            assert isinstance(refusal, m.Error)
            assert refusal.code == "bad_token"
        again = await server.connect()
        again.send(m.Hello(protocol=1, token=token, features=("resume",), resume=welcome.resume))
        resumed = await received(again)
        assert isinstance(resumed, m.Welcome)
        assert resumed.resumed
        await again.close()


async def test_a_key_is_enough_to_listen_beyond_this_machine() -> None:
    everywhere = settings(host="0.0.0.0", token_secret=SECRET, audience="tavern", drain_ms=0)  # noqa: S104
    async with serving(everywhere) as server:
        assert await code_of(server, "") == "bad_token"
        assert await code_of(server, signed(SECRET, "HS256")) == ""


async def talk_of_beer(server: Running, token: str, *, child: bool) -> tuple[m.Welcome, str]:
    """The welcome of a player who agrees to everything, and the reply to what children do not hear of."""
    link = await server.connect()
    everything = m.Consent(store=True, record=True, third_party=True)
    link.send(m.Hello(protocol=1, token=token, child=child, consent=everything))
    welcome = await received(link)
    assert isinstance(welcome, m.Welcome)
    link.send(m.Say(text="may I have a beer"))
    text, samples = "", 0
    async with asyncio.timeout(SOON_S):
        while not isinstance(item := await link.receive(), m.ReplyEnd):
            if isinstance(item, m.ReplyText):
                text += item.text
            elif isinstance(item, Media):
                samples += len(item.payload) // 2
                link.send(m.Played(reply=1, sample=samples))
    link.send(m.Played(reply=1, sample=samples, done=True))
    link.send(m.Bye())
    await end_of(link)
    return welcome, text


@pytest.mark.parametrize(
    ("claimed", "said", "child"),
    [(True, False, True), (True, True, True), (False, True, True), (False, False, False)],
)
async def test_a_token_says_that_a_player_is_a_child_whatever_the_client_says(
    claimed: bool, said: bool, child: bool, tmp_path: Path
) -> None:
    records = tmp_path / "records"
    limits = msgspec.structs.replace(
        settings(token_secret=SECRET, audience="tavern", drain_ms=0),
        privacy=PrivacySettings(store=True, record=True, folder=str(records)),
    )
    async with serving(limits) as server:
        token = signed(SECRET, "HS256", sub="ada", child=claimed)
        welcome, reply = await talk_of_beer(server, token, child=said)
    assert welcome.child is child
    assert welcome.consent == m.Consent(store=not child, record=not child)
    assert ("Very well, friend." in reply) is not child
    stored = b"".join(file.read_bytes() for file in records.rglob("*") if file.is_file())
    assert (b"beer" in stored) is not child
