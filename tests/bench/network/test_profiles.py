"""Conversations under network profiles: what counts as lost, and a short run over real sockets."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from rich.console import Console

from frametalk.bench.network import profiles
from frametalk.bench.network.profiles import ProfilesReport, patient, summary, understood
from frametalk.bench.network.report import table
from frametalk.bench.network.run import is_measured
from frametalk.bench.options import Options
from frametalk.bench.report import this_machine
from frametalk.bench.suites import bench
from frametalk.errors import ConfigError
from frametalk.headless.results import SimulationResult
from frametalk.headless.scenario import Scenario
from frametalk.headless.scenario_loader import load_scenario
from frametalk.headless.turns import Turn


def conversation(*turns: Turn, failures: tuple[str, ...] = ()) -> SimulationResult:
    return SimulationResult("tavern", failures=list(failures), turns=list(turns))


def turn(understood: str, said: str, heard: str | None = None, cut: str = "") -> Turn:
    return Turn(
        player="player",
        turn=1,
        transcript=understood,
        reply_text=said,
        heard_text=said if heard is None else heard,
        cut=cut,
        measured_mouth_to_ear_ms=300.0,
    )


UNCUT = conversation(turn("Open the red door", "It is open."))


def test_nothing_is_lost_when_all_that_loopback_understands_and_says_comes() -> None:
    other = conversation(turn("open the", "It is open."), turn("red door", "Now it is."))
    under = summary([UNCUT, other], understood(UNCUT))
    assert (under.completed, under.not_completed, under.words_lost) == (2, 0, 0)
    assert under.words == 2 * 4 + 3 + 3 + 3
    assert under.mouth_to_ear_ms.n == 3


def test_words_that_were_not_understood_or_not_heard_are_lost() -> None:
    other = conversation(turn("open red", "It is open.", heard="It is"), failures=("no reply",))
    under = summary([other], understood(UNCUT))
    assert under.words_lost == 2 + 1
    assert (under.completed, under.not_completed) == (0, 1)
    assert under.failures == ("no reply",)


def test_what_a_cut_reply_did_not_say_is_not_lost() -> None:
    other = conversation(turn("open", "It is open.", heard="It", cut="interrupted"))
    assert summary([other], Counter(["open"])).words_lost == 0


def test_both_ways_are_shown_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    under = summary([UNCUT], understood(UNCUT))
    both = msgspec.structs.replace(under, webrtc=under)
    found = ProfilesReport("network", 1, under, {"lan": both}, this_machine(), {})
    Console(width=200).print(table(found))
    shown = capsys.readouterr().out
    assert [line.split()[1] for line in shown.splitlines() if "of 1" in line] == [
        "loopback",
        "lan",
        "lan,",
    ]


def test_a_patient_scenario_waits_for_a_stall_everywhere() -> None:
    steps = patient(load_scenario("tavern")).file.step
    assert {step.within_ms for step in steps} == {profiles.WITHIN_MS}
    assert {step.expect.within_ms for step in steps if step.expect} == {profiles.WITHIN_MS}


def test_a_patient_scenario_lets_the_recogniser_learn_before_the_first_words() -> None:
    steps = patient(load_scenario("tavern")).file.step
    first = next(number for number, step in enumerate(steps) if step.say)
    assert steps[first - 1].wait_ms == profiles.LEARN_MS
    assert sum(step.wait_ms is not None for step in steps) == 1


@pytest.mark.parametrize(("quick", "counts"), [(True, (1, 1)), (False, (4, 8))])
async def test_a_quick_run_holds_one_short_conversation_for_each_profile(
    monkeypatch: pytest.MonkeyPatch, quick: bool, counts: tuple[int, int]
) -> None:
    held: list[Scenario] = []

    async def held_conversation(scenario: Scenario, *_rest: object) -> SimulationResult:
        held.append(scenario)
        return UNCUT

    @asynccontextmanager
    async def no_server(_settings: object) -> AsyncIterator[SimpleNamespace]:
        yield SimpleNamespace(url="ws://127.0.0.1:1")

    monkeypatch.setattr(profiles, "_conversation", held_conversation)
    monkeypatch.setattr(profiles, "running", no_server)
    monkeypatch.setattr(profiles, "prepare_clips", lambda *_given: {})
    monkeypatch.setattr(profiles, "is_installed", lambda: True)
    found = await profiles.under_profiles(Options(quick=quick, profiles=("lan", "4g")))
    each, of_a_profile = counts
    assert len(held) == 1 + 2 * of_a_profile
    assert {under.conversations for under in found.profiles.values()} == {each}
    assert {under.webrtc is None for under in found.profiles.values()} == {quick}
    waited_ms = sum(step.wait_ms or 0 for scenario in held for step in scenario.file.step)
    assert (waited_ms < 20_000) is quick


def test_each_run_is_judged_by_its_own_budgets() -> None:
    cuts, under = Options(), Options(profiles=("bad-wifi", "own/train.toml"))
    assert is_measured("control_lost", cuts)
    assert not is_measured("control_lost", under)
    assert not is_measured("profiles.bad-wifi.words_lost", cuts)
    assert is_measured("profiles.bad-wifi.words_lost", under)
    assert is_measured("profiles.train.words_lost", under)
    assert not is_measured("profiles.lan.words_lost", under)


def test_an_unknown_profile_is_refused_before_anything_starts() -> None:
    with pytest.raises(ConfigError, match="moon"):
        bench("network", Options(profiles=("moon",)))
    with pytest.raises(ConfigError, match="no profiles"):
        bench("turns", Options(profiles=("lan",)))


@pytest.mark.real
def test_a_short_conversation_over_home_wifi_loses_no_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(profiles, "SCENARIO", "open_the_door")
    budgets = tmp_path / "budgets.toml"
    budgets.write_text(
        "".join(
            f'[[network]]\nvalue = "{value}"\nmax = 0\nwhy = "nothing is lost"\n'
            for value in (
                "cuts",
                "profiles.home-wifi.words_lost",
                "profiles.home-wifi.not_completed",
            )
        )
    )
    options = Options(profiles=("home-wifi",), conversations=1)
    file = tmp_path / "network.json"
    assert bench("network", options, json=file, budgets=budgets) == 0, file.read_text()
    shown = capsys.readouterr().out
    assert "1 of 1" in shown
    assert "cuts" not in shown  # its budget belongs to the other kind of run


def test_a_conversation_that_goes_on_over_the_websocket_is_completed() -> None:
    assert "rtc_failed" in patient(load_scenario("tavern")).file.allow_errors
