"""The network in NumPy, against its definition and against itself in other passes."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from frametalk.adapters.vad import silero_weights
from frametalk.adapters.vad.silero_model import (
    CELLS,
    INPUT_SAMPLES,
    LARGEST_PASS,
    MIRRORED_SAMPLES,
    Floats,
    SileroModel,
)

WEIGHTS = silero_weights.read(silero_weights.packaged())


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel(WEIGHTS)


@pytest.fixture(scope="module")
def windows() -> Floats:
    return np.random.default_rng(0).normal(0, 0.05, (LARGEST_PASS, INPUT_SAMPLES)).astype("f4")


def probabilities(model: SileroModel, sounds: Floats) -> Floats:
    """Of windows of as many streams, each the first of its stream."""
    model.sound[: len(sounds)] = sounds
    state = np.zeros((len(sounds), CELLS), np.float32)
    return model.step(model.gates(len(sounds)), state, state)[0]


def by_definition(sound: Floats) -> float:
    """One window through convolutions and an LSTM cell, written out."""

    def convolve(vectors: np.ndarray, layer: int, stride: int) -> np.ndarray:
        kernel = WEIGHTS[f"encoder.{layer}.reparam_conv.weight"].reshape(-1, len(vectors[0]), 3)
        padded = np.pad(vectors, ((1, 1), (0, 0)))
        places = range(0, len(padded) - 2, stride)
        found = [np.einsum("oit,ti->o", kernel, padded[at : at + 3]) for at in places]
        return np.maximum(np.array(found) + WEIGHTS[f"encoder.{layer}.reparam_conv.bias"], 0)

    mirrored = np.pad(sound, (0, MIRRORED_SAMPLES), mode="reflect")
    basis = WEIGHTS["stft.forward_basis_buffer"].reshape(258, 256)
    pieces = np.array([mirrored[at : at + 256] for at in range(0, 512, 128)])
    parts = pieces @ basis.T
    vectors = np.hypot(parts[:, :129], parts[:, 129:])
    for layer, stride in enumerate((1, 2, 2, 1)):
        vectors = convolve(vectors, layer, stride)
    gates = WEIGHTS["decoder.rnn.weight_ih"].reshape(512, 128) @ vectors[0]
    gates = gates + WEIGHTS["decoder.rnn.bias_ih"] + WEIGHTS["decoder.rnn.bias_hh"]
    taken, _kept, new, shown = np.split(gates, 4)
    cell = _logistic(taken) * np.tanh(new)
    hidden = np.maximum(_logistic(shown) * np.tanh(cell), 0)
    score = hidden @ WEIGHTS["decoder.decoder.2.weight"] + WEIGHTS["decoder.decoder.2.bias"]
    return float(_logistic(score)[0])


def _logistic(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def test_a_window_gets_the_probability_of_the_definition(
    model: SileroModel, windows: Floats
) -> None:
    found = probabilities(model, windows[:5] * 10)
    assert found == pytest.approx([by_definition(sound * 10) for sound in windows[:5]], abs=2e-3)
    assert np.ptp(found) > 0


@pytest.mark.parametrize("count", [1, 2, 7, LARGEST_PASS])
def test_windows_in_one_pass_do_not_touch_each_other(
    model: SileroModel, windows: Floats, count: int
) -> None:
    alone = [float(probabilities(model, windows[n : n + 1])[0]) for n in range(count)]
    assert probabilities(model, windows[:count]) == pytest.approx(alone, abs=1e-5)


def test_products_run_on_one_thread(model: SileroModel) -> None:
    probabilities(model, model.sound[:1].copy())
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} <= {1}
