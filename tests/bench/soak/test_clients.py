"""Clients in a process of their own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from frametalk.bench.soak.clients import clients
from frametalk.errors import FrametalkError


async def test_clients_that_cannot_connect_fail_with_an_error() -> None:
    nowhere: Any = SimpleNamespace(url="ws://127.0.0.1:9")
    with pytest.raises(FrametalkError, match="the clients ended with status 1"):
        await clients("players", nowhere, "no number", "1")
