"""The sound of labelled utterances is as labelled."""

from __future__ import annotations

import numpy as np
import pytest

from conftest import ROOT, require_program
from frametalk.bench.turns.turn_set import Utterance, read
from frametalk.bench.turns.utterance_sound import FLOOR_DB, Rendered, render
from frametalk.core.audio import AUDIBLE
from frametalk.errors import ConfigError

SAMPLES_PER_MS = 16


@pytest.fixture(scope="module")
def shipped() -> tuple[Utterance, ...]:
    return read(ROOT / "latency_tests" / "turns" / "set.toml")


def of_kind(utterances: tuple[Utterance, ...], *kinds: str) -> list[Utterance]:
    return [utterance for utterance in utterances if utterance.kind in kinds]


def audible(rendered: Rendered, start: int, end: int) -> np.ndarray:
    """The audible samples between two samples, by their index in the whole."""
    magnitudes = np.abs(rendered.samples[start:end].astype(np.int32))
    return np.flatnonzero(magnitudes >= AUDIBLE) + start


# ---- words ---------------------------------------------------------------------------------------


@pytest.mark.real
def test_pauses_are_as_long_as_labelled(shipped):
    require_program("flite")
    for utterance in of_kind(shipped, "paused"):
        rendered = render(utterance)
        assert rendered.text == " ".join(utterance.pieces)
        assert tuple(kind for *_, kind in rendered.pauses) == utterance.pause_kinds
        for (start, end, _), pause_ms in zip(rendered.pauses, utterance.pauses_ms, strict=True):
            before, after = audible(rendered, 0, start), audible(rendered, end, rendered.end)
            silent = after[0] - before[-1] - 1
            assert silent / SAMPLES_PER_MS == pytest.approx(pause_ms, abs=1), utterance.id
            assert (end - start) / SAMPLES_PER_MS == pause_ms


@pytest.mark.real
def test_an_utterance_is_audible_from_its_onset_to_its_end(shipped):
    require_program("flite")
    for utterance in shipped:
        rendered = render(utterance)
        heard = audible(rendered, 0, len(rendered.samples))
        assert heard[0] == pytest.approx(rendered.onset, abs=SAMPLES_PER_MS), utterance.id
        assert heard[-1] + 1 == pytest.approx(rendered.end, abs=SAMPLES_PER_MS), utterance.id
        assert (rendered.onset, rendered.end) == (rendered.pieces[0][0], rendered.pieces[-1][1])


@pytest.mark.real
def test_no_piece_contains_a_silence_as_long_as_a_pause(shipped):
    # kal16 is silent for 160 ms after the start of "where", which would be an unlabelled pause.
    require_program("flite")
    for utterance in of_kind(shipped, "command", "paused", "statement", "interruption"):
        rendered = render(utterance)
        for start, end in rendered.pieces:
            gaps = np.diff(audible(rendered, start, end))
            assert gaps.max() < 150 * SAMPLES_PER_MS, utterance.id


def test_voices_of_other_programs_than_flite_are_refused(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None if name == "flite" else f"/bin/{name}")
    monkeypatch.setattr("frametalk.headless.speech._run", lambda *_: np.ones(160, np.int16))
    unshipped = Utterance(id="a", kind="statement", voice="rms", pieces=("so far so good today",))
    with pytest.raises(ConfigError, match=r"espeak-ng.*apt-get install flite"):
        render(unshipped)


# ---- bursts --------------------------------------------------------------------------------------


def test_bursts_peak_at_their_level_and_are_the_same_each_time(shipped):
    for utterance in of_kind(shipped, "cough", "noise"):
        rendered = render(utterance)
        peak = np.abs(rendered.samples.astype(np.int32)).max() / 32_768
        assert 20 * np.log10(peak) == pytest.approx(utterance.level_db, abs=0.5), utterance.id
        assert np.array_equal(rendered.samples, render(utterance).samples)
        assert (rendered.text, rendered.pauses, len(rendered.pieces)) == ("", (), 1)


@pytest.mark.parametrize("seed", range(10))
def test_a_cough_is_sudden_and_short(seed):
    rendered = render(Utterance(id="c", kind="cough", sound="cough", seed=seed, level_db=-6))
    sound = np.abs(rendered.samples[rendered.onset : rendered.end].astype(np.int32))
    assert 120 < len(sound) / SAMPLES_PER_MS <= 350
    assert sound.argmax() / SAMPLES_PER_MS < 40


def test_a_faint_noise_floor_surrounds_the_sound():
    rendered = render(Utterance(id="c", kind="cough", sound="cough", seed=1, level_db=-6))
    for quiet in (rendered.samples[: rendered.onset], rendered.samples[rendered.end :]):
        rms = np.sqrt(np.mean(quiet.astype(float) ** 2)) / 32_768
        assert 20 * np.log10(rms) == pytest.approx(FLOOR_DB, abs=1)
