"""The servers that clients get with the welcome."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from frametalk.config import FrametalkSettings, WebRtcSettings, load
from frametalk.errors import ConfigError
from frametalk.transports.webrtc.ice_servers import ice_servers
from frametalk.wire.messages import IceServer

TURN = "turn:turn.example:3478?transport=udp"
SECRET = "s3cret"  # noqa: S105  (a sample)


def test_there_is_none_by_default() -> None:
    assert ice_servers(FrametalkSettings().webrtc, "s-1", 1_000.0) == ()


def test_a_stun_server_needs_no_password() -> None:
    settings = WebRtcSettings(ice_servers=("stun:stun.example",), turn_secret=SECRET)
    assert ice_servers(settings, "s-1", 1_000.0) == (IceServer(urls=("stun:stun.example",)),)


def test_a_turn_server_gets_a_name_that_expires_and_its_hmac() -> None:
    settings = WebRtcSettings(ice_servers=(TURN,), turn_secret=SECRET, turn_credential_s=600)
    [server] = ice_servers(settings, "s-1", 1_000.5)
    assert (server.urls, server.username) == ((TURN,), "1600:s-1")
    digest = hmac.new(SECRET.encode(), b"1600:s-1", hashlib.sha1).digest()
    assert base64.b64decode(server.credential) == digest


def test_another_address_is_refused_when_the_settings_are_read() -> None:
    with pytest.raises(ConfigError, match="neither stun: nor turn:"):
        load(environment={}, flags=['webrtc.ice_servers=["http://stun.example"]'])
