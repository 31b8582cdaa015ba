"""The STUN and TURN servers that clients get, with passwords that hold for a short time."""

from __future__ import annotations

import base64
import hashlib
import hmac

from frametalk.config import WebRtcSettings
from frametalk.wire.messages import IceServer


def ice_servers(settings: WebRtcSettings, user: str, now_s: float) -> tuple[IceServer, ...]:
    """One entry for each address in the settings; `now_s`: seconds since 1970.

    With `turn_secret`, the user name of TURN is the time at which it expires and `user`, and the password
    its HMAC-SHA1, as coturn's `use-auth-secret` expects (draft-uberti-behave-turn-rest-00).
    """
    username = f"{int(now_s) + settings.turn_credential_s}:{user}"
    digest = hmac.new(settings.turn_secret.encode(), username.encode(), hashlib.sha1).digest()
    password = base64.b64encode(digest).decode()
    return tuple(
        IceServer(urls=(url,), username=username, credential=password)
        if settings.turn_secret and url.startswith(("turn:", "turns:"))
        else IceServer(urls=(url,))
        for url in settings.ice_servers
    )
