from __future__ import annotations

import pytest

from frametalk.transports.http import origin_allowed


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (None, "example.org"),  # a program
        ("http://localhost:5173", "127.0.0.1:8765"),
        ("http://game.localhost", "127.0.0.1:8765"),
        ("https://127.0.0.1", "127.0.0.1:8765"),
        ("http://127.8.9.1:80", "192.168.1.5:8765"),
        ("http://[::1]:8080", "[::1]:8765"),
        ("http://192.168.1.5:8765", "192.168.1.5:8765"),  # a headset's page, from this server
    ],
)
def test_an_origin_is_allowed(origin: str | None, host: str) -> None:
    assert origin_allowed(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "127.0.0.1:8765"),
        ("http://evil.example:8765", "evil.example:8765"),  # a name that points here
        ("http://localhost.evil.example", "127.0.0.1:8765"),
        ("http://192.168.1.6:8765", "192.168.1.5:8765"),
        ("http://192.168.1.5:80", "192.168.1.5:8765"),
        ("null", "127.0.0.1:8765"),
        ("", "127.0.0.1:8765"),
        ("http://[", "127.0.0.1:8765"),
        ("http://127.0.0.1.evil.example", "127.0.0.1:8765"),
        ("http://evil.example/127.0.0.1", "127.0.0.1:8765"),
        # Parsers disagree about what of these is the host; browsers send none of them.
        ("http://evil.example\\@localhost", "127.0.0.1:8765"),
        ("http://evil.example@localhost", "127.0.0.1:8765"),
        ("http://evil.example#@localhost", "127.0.0.1:8765"),
        ("http://evil.example?@127.0.0.1", "127.0.0.1:8765"),
        ("http://localhost/", "127.0.0.1:8765"),
        ("http://localhost:80:90", "127.0.0.1:8765"),
        ("http://localhost:", "127.0.0.1:8765"),
        (" http://localhost", "127.0.0.1:8765"),
        ("http://localhost\n", "127.0.0.1:8765"),
        ("http://local\thost", "127.0.0.1:8765"),
        ("http://localhost, http://evil.example", "127.0.0.1:8765"),
        ("//localhost", "127.0.0.1:8765"),
        ("localhost", "127.0.0.1:8765"),
        ("file://localhost", "127.0.0.1:8765"),
        ("javascript://localhost", "127.0.0.1:8765"),
        ("http://127.1", "127.0.0.1:8765"),
        ("http://2130706433", "127.0.0.1:8765"),
        ("http://0x7f.0.0.1", "127.0.0.1:8765"),
        ("http://localhost.", "127.0.0.1:8765"),
        ("http://[::1].evil.example", "127.0.0.1:8765"),
        ("http://[::1", "127.0.0.1:8765"),
        ("http://\uff4cocalhost", "127.0.0.1:8765"),
    ],
)
def test_an_origin_is_refused(origin: str, host: str) -> None:
    assert not origin_allowed(origin, host)


def test_a_trusted_page_of_another_site_may_connect() -> None:
    trusted = ("https://game.example",)
    assert origin_allowed("https://game.example", "127.0.0.1:8765", trusted)
    for other in ("http://game.example", "https://game.example:444", "https://evil.example"):
        assert not origin_allowed(other, "127.0.0.1:8765", trusted)
