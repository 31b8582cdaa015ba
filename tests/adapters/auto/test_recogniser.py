"""The recogniser that chooses: what it takes on which machine, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.auto.fakes import Machine, a_machine, ignore
from frametalk.adapters.auto import recogniser
from frametalk.adapters.auto.recogniser import JOINED, AutoRecogniser
from frametalk.adapters.base import Bias
from frametalk.errors import AdapterError, Stage


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return a_machine(monkeypatch, tmp_path, recogniser)


async def chosen(auto: AutoRecogniser | None = None) -> str:
    """The choice as users read it."""
    auto = auto or AutoRecogniser()
    await auto.start()
    await auto.start()  # safe twice
    return str(auto.choice)


LOST = AdapterError("worker_failed", "out of memory", stage=Stage.HEAR)


async def test_without_a_model_it_is_pocketsphinx_at_once(machine: Machine) -> None:
    assert await chosen() == (
        "pocketsphinx (no Whisper model is pulled: frametalk models pull starter)"
    )
    assert machine.tried == []
    assert machine.log == ["start pocketsphinx"]


async def test_with_a_fast_model_both_are_joined(machine: Machine) -> None:
    machine.whisper("whisper-base", 140, 0.24)
    auto = AutoRecogniser({"hmm": "x"}, {"threads": 1})
    assert await chosen(auto) == f"{JOINED} (whisper-base, real-time factor 0.24)"
    assert machine.created[JOINED] == {
        "pocketsphinx": {"hmm": "x"},
        "faster_whisper": {"threads": 1, "model": "whisper-base"},
    }


async def test_a_trial_reads_for_the_final_text_only(machine: Machine) -> None:
    machine.whisper("whisper-base", 140, 0.24)
    await chosen(AutoRecogniser(faster_whisper={"threads": 1}))
    trial = machine.created["trial of whisper-base"]
    assert (trial["threads"], trial["model"]) == (1, "whisper-base")
    assert trial["partial_ms"] > 10_000


async def test_the_largest_model_that_is_fast_enough_is_taken(machine: Machine) -> None:
    machine.whisper("whisper-tiny.en", 75, 0.3)
    machine.whisper("whisper-base", 140, 0.4)  # by its size 0.56, which is worth a trial
    machine.whisper("large-v3", 3_000, 9.0)
    assert "whisper-base" in await chosen()
    assert machine.tried == ["whisper-tiny.en", "whisper-base"]  # the large one cannot be in time


async def test_a_model_that_is_too_slow_is_left_out(machine: Machine) -> None:
    machine.whisper("whisper-tiny.en", 75, 0.3)
    machine.whisper("whisper-base", 90, 0.8)
    assert "whisper-tiny.en" in await chosen()


async def test_a_machine_too_slow_for_any_model_says_so(machine: Machine) -> None:
    machine.whisper("whisper-base", 140, 1.3)
    assert await chosen() == "pocketsphinx (whisper-base, real-time factor 1.30: too slow)"


async def test_a_broken_model_is_left_out(machine: Machine) -> None:
    machine.whisper("broken", 50, None)
    machine.whisper("whisper-base", 140, 0.2)
    assert "whisper-base" in await chosen()


async def test_only_broken_models_leave_pocketsphinx(machine: Machine) -> None:
    machine.whisper("broken", 50, None)
    assert await chosen() == "pocketsphinx (no pulled Whisper model works)"


@pytest.mark.parametrize("how", ["start", "check"])
async def test_if_both_together_fail_pocketsphinx_goes_on_alone(
    machine: Machine, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    machine.whisper("whisper-base", 140, 0.2)
    if how == "start":
        machine.broken[JOINED] = LOST
    else:
        machine.unhealthy.add(JOINED)
    assert await chosen() == f"pocketsphinx ({JOINED} does not work here)"
    assert machine.log == [f"start {JOINED}", f"close {JOINED}", "start pocketsphinx"]
    assert f"{JOINED} is not used" in caplog.text


async def test_where_both_cannot_be_joined_it_is_pocketsphinx(machine: Machine) -> None:
    machine.whisper("whisper-base", 140, 0.2)
    machine.adapters.discard(JOINED)
    assert (await chosen()).startswith("pocketsphinx (")


async def test_without_pocketsphinx_whisper_goes_alone(machine: Machine) -> None:
    machine.installed.discard("pocketsphinx")
    machine.whisper("whisper-base", 140, 0.2)
    assert await chosen() == "faster_whisper (whisper-base, real-time factor 0.20)"


async def test_without_faster_whisper_the_extra_is_named(machine: Machine) -> None:
    machine.installed.discard("faster_whisper")
    machine.whisper("whisper-base", 140, 0.2)
    assert 'pip install "frametalk[whisper]"' in await chosen()
    assert machine.tried == []


async def test_a_model_in_the_options_is_the_only_one(machine: Machine, tmp_path: Path) -> None:
    machine.whisper("whisper-tiny.en", 75, 0.1)
    machine.whisper("whisper-base", 140, 0.2)
    assert "tiny" in await chosen(AutoRecogniser(faster_whisper={"model": "whisper-tiny.en"}))
    assert machine.tried == ["whisper-tiny.en"]
    absent = AutoRecogniser(faster_whisper={"model": "absent"})
    assert (await chosen(absent)).startswith("pocketsphinx")


async def test_if_no_recogniser_starts_the_error_is_that_of_pocketsphinx(machine: Machine) -> None:
    machine.broken["pocketsphinx"] = LOST
    with pytest.raises(AdapterError, match="out of memory"):
        await chosen()


async def test_the_chosen_recogniser_does_the_work(machine: Machine) -> None:
    auto = AutoRecogniser()
    with pytest.raises(AdapterError, match="no recogniser is started"):
        auto.open(Bias(), ignore)
    await auto.start()
    await auto.prepare(Bias())
    assert auto.open(Bias(), ignore) == "stream of pocketsphinx"  # type: ignore[comparison-overlap]
    await auto.close()
    await auto.close()
    assert machine.log == ["start pocketsphinx", "prepare pocketsphinx", "close pocketsphinx"]
