"""The server under test: it is started, measured and stopped, and its errors are passed on."""

from __future__ import annotations

import psutil
import pytest

from frametalk.bench import server
from frametalk.errors import FrametalkError

pytestmark = pytest.mark.real

LISTENS = """
import socket, sys
port = next(int(arg.split("=")[1]) for arg in sys.argv if arg.startswith("server.port="))
with socket.create_server(("127.0.0.1", port)) as listening:
    while True:
        listening.accept()[0].close()
"""


async def test_it_is_ready_measured_and_stopped_afterwards(monkeypatch):
    monkeypatch.setattr(server, "START", LISTENS)
    async with server.running(["log.level=ERROR"]) as process:
        assert process.url.startswith("ws://127.0.0.1:")
        assert process.ready_ms > 0
        assert process.cpu_s() >= 0
        assert process.rss_mb() > 1
        (child,) = psutil.Process().children()
    assert not child.is_running()


async def test_the_error_of_a_server_that_does_not_start_is_passed_on(monkeypatch):
    monkeypatch.setattr(server, "START", "raise SystemExit('bad_settings: no such key')")
    with pytest.raises(FrametalkError, match="bad_settings: no such key") as caught:
        async with server.running([]):
            pytest.fail("it never started")
    assert caught.value.code == "bench_server"


async def test_without_psutil_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(server, "psutil", None)
    with pytest.raises(FrametalkError, match=r"frametalk\[bench\]"):
        async with server.running([]):
            pytest.fail("it never started")
