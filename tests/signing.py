"""Tokens as a game's backend signs them."""

from __future__ import annotations

import secrets
import time
from typing import Any

import jwt

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  (a sample)


def signed(player: str, *, for_s: float = 30, **more: Any) -> str:
    """A token of this player, for one use in the next `for_s`; `more`: further claims."""
    claims = {
        "exp": time.time() + for_s,
        "aud": "frametalk",
        "jti": secrets.token_hex(8),
        "sub": player,
        **more,
    }
    return jwt.encode(claims, SECRET, "HS256")
