"""Requests to engines in workers are answered, whichever way the worker dies."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from conftest import require
from frametalk.bench.engines.worker_deaths import DEATHS, recoveries

pytestmark = pytest.mark.real


@pytest.mark.parametrize(("kind", "name"), [("tts", "espeak"), ("asr", "pocketsphinx")])
async def test_a_request_that_a_death_interrupts_is_answered(kind: str, name: str) -> None:
    require(sys.platform == "linux", "Linux, for /proc")
    found = await recoveries(kind, name, {}, 1, speech=np.zeros(8_000, np.int16).tobytes())
    assert [one.death for one in found] == list(DEATHS)
    assert [one.failed for one in found] == [0] * len(DEATHS)
    assert all(one.n == one.answered_ms.n == 1 and one.max_ms > 0 for one in found)
