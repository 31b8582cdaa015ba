"""Tokens as a game's backend signs them."""

from __future__ import annotations

import secrets
import time

import jwt

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  (a sample)


def signed(player: str) -> str:
    """A token of this player, for one use."""
    claims = {
        "exp": time.time() + 30,
        "aud": "frametalk",
        "jti": secrets.token_hex(8),
        "sub": player,
    }
    return jwt.encode(claims, SECRET, "HS256")
