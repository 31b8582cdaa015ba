"""The turns suite: its set, and what a quick run takes of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from conftest import ROOT
from frametalk.bench.options import Options
from frametalk.bench.turns import run as turns
from frametalk.bench.turns.turn_set import read
from frametalk.errors import ConfigError


def test_a_missing_set_is_named() -> None:
    with pytest.raises(ConfigError, match=r"no/such\.toml: no such file"):
        asyncio.run(turns.turns(Options(labels=Path("no/such.toml"))))


def test_a_quick_run_has_some_of_every_kind() -> None:
    every = read(ROOT / "latency_tests" / "turns" / "set.toml")
    few = Counter(one.kind for one in turns.some(every))
    assert set(few) == {one.kind for one in every}
    assert sum(few.values()) < len(every) / 6
