"""The real smart-turn model on flite's speech, and in the conformance suite."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from adapters.conformance.turn_detectors import TurnDetectorConformance
from conftest import real_model, require_program
from frametalk.adapters.turn import smart_turn
from frametalk.adapters.turn.smart_turn import SmartTurnDetector
from frametalk.core.audio import Samples

pytestmark = pytest.mark.real

COMPLETE = (
    "open the red door",
    "where is the blacksmith",
    "pull the lever",
    "put that there",
    "unlock the chest",
    "give me the golden key",
    "i need a new sword",
    "who are you",
    "light the torch",
    "read the letter",
    "what do you know about the king",
    "take the map and the rope",
)
CUT = (
    "bring me the",
    "open the red",
    "where is the",
    "give me the golden",
    "i need a",
    "what do you know about",
    "take the map and",
    "open the red door and",
    "i want to",
    "please put that on",
    "can you tell me where the",
    "light the torch and then",
)

Flite = Callable[[str], Samples]


def new_detector() -> SmartTurnDetector:
    """A detector with the real model; skips without one."""
    return SmartTurnDetector(str(real_model("smart-turn") / smart_turn.MODEL_FILE.name))


@pytest.fixture
async def detector() -> AsyncIterator[SmartTurnDetector]:
    detector = new_detector()
    await detector.start()
    yield detector
    await detector.close()


class TestSmartTurnDetector(TurnDetectorConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[], SmartTurnDetector]:
        new_detector()
        return new_detector


@pytest.fixture
def flite(tmp_path: Path) -> Flite:
    """Speech with exactly 200 ms of silence after it."""
    program = require_program("flite")

    def _flite(text: str) -> Samples:
        file = tmp_path / "said.wav"
        subprocess.run([program, "-voice", "rms", "-t", text, "-o", str(file)], check=True)
        sound, rate_hz = soundfile.read(file, dtype="int16")
        assert rate_hz == SmartTurnDetector.rate_hz
        last = int(np.flatnonzero(np.abs(sound) > 300)[-1])
        return np.concatenate((sound[: last + 1], np.zeros(3_200, np.int16)))

    return _flite


async def test_complete_sentences_sound_more_finished_than_cut_ones(
    detector: SmartTurnDetector, flite: Flite
) -> None:
    # On average only: flite ends a fragment as it ends a sentence, so the model is wrong about some.
    complete = [await detector.end_probability(flite(text)) for text in COMPLETE]
    cut = [await detector.end_probability(flite(text)) for text in CUT]
    assert np.mean(complete) > np.mean(cut) + 0.1
    ordered = np.mean([[whole > part for part in cut] for whole in complete])
    assert ordered > 0.6
