"""Network profiles: those that come with the package, and files of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import ROOT
from frametalk.errors import ConfigError
from frametalk.netlab.profile import Conditions, load_profile, profile_names, read_profile

COPIES = ROOT / "latency_tests/networks"
DATA = ROOT / "server/frametalk/data/networks"


def test_the_profiles_come_with_the_package() -> None:
    assert set(profile_names()) >= {
        "lan",
        "home-wifi",
        "bad-wifi",
        "4g",
        "far-away",
        "headset-asleep",
    }
    for name in profile_names():
        assert load_profile(name).about, name


def test_the_copies_for_readers_are_equal() -> None:
    copies = {file.name: file.read_text("utf-8") for file in COPIES.glob("*.toml")}
    assert copies == {file.name: file.read_text("utf-8") for file in DATA.glob("*.toml")}


def test_bad_wifi_is_as_bad_as_its_target_says() -> None:
    for way in (load_profile("bad-wifi").up, load_profile("bad-wifi").down):
        assert (way.delay_ms, way.jitter_ms, way.loss, way.stall_ms) == (80, 60, 0.02, 1_000)


def test_both_holds_for_both_directions_and_one_direction_overrides_it() -> None:
    profile = read_profile("[both]\ndelay_ms = 10\nloss = 0.1\n[up]\ndelay_ms = 30", "own")
    assert profile.up == Conditions(delay_ms=30, loss=0.1)
    assert profile.down == Conditions(delay_ms=10, loss=0.1)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "train.toml"
    file.write_text("cut_every_s = 20\n[up]\nstall_every_s = 5\nstall_ms = 800\n")
    assert load_profile(str(file)).cut_every_s == 20


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[both]\ndelay_s = 1", "delay_s"),
        ("[both]\nloss = 2", "loss"),
        ("[both]\nloss = nan", "loss"),
        ("[up]\ndelay_ms = 5\njitter_ms = 6", "jitter_ms is above delay_ms"),
        ("[up]\nstall_ms = 5", "set together"),
        ("[sideways]", "sideways"),
        ("both = 3", "`object`, got `int`"),
        ("up = 3", "up"),
        ("[both", "TOML|Expected|expected"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as refused:
        read_profile(text, "own")
    assert "own" in str(refused.value)


def test_an_unknown_profile_is_refused_with_the_names_of_those_that_exist() -> None:
    with pytest.raises(ConfigError) as refused:
        load_profile("moon")
    assert "'moon'" in refused.value.text
    assert "bad-wifi" in refused.value.remedy


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not text"):
        load_profile(str(tmp_path / "own.toml"))
