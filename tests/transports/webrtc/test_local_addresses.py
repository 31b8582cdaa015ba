"""The addresses at which a peer connection listens."""

from __future__ import annotations

import pytest

from frametalk.config import FrametalkSettings, ServerSettings, WebRtcSettings
from frametalk.transports.webrtc import local_addresses as module
from frametalk.transports.webrtc.local_addresses import local_addresses

LAN = ["192.168.1.5", "10.0.0.5"]


@pytest.mark.parametrize(
    ("host", "client", "addresses"),
    [
        ("127.0.0.1", "127.0.0.1", ["127.0.0.1"]),
        ("localhost", "127.0.0.1", ["127.0.0.1"]),
        ("192.168.1.5", "192.168.1.9", ["192.168.1.5"]),
        ("0.0.0.0", "192.168.1.9", LAN),  # noqa: S104  (not listened on)
        ("0.0.0.0", "127.0.0.1", [*LAN, "127.0.0.1"]),  # noqa: S104
        ("::", "192.168.1.9", LAN),
    ],
)
def test_media_is_where_the_server_is(
    host: str, client: str, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "all_addresses", lambda: LAN)
    settings = FrametalkSettings(server=ServerSettings(host=host))
    assert list(local_addresses(settings, client)) == addresses


def test_the_settings_may_say_otherwise() -> None:
    settings = FrametalkSettings(webrtc=WebRtcSettings(addresses=("192.0.2.1",)))
    assert local_addresses(settings, "127.0.0.1") == ("192.0.2.1",)
