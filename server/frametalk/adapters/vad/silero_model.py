"""Silero VAD v6 for 16 kHz in NumPy: many windows in one pass, whichever streams they belong to.

A window, with the end of the one before it, becomes four spectra of 256 samples, which four convolutions
shorten to one vector; an LSTM cell follows the vectors of each stream. At this size NumPy takes half the
time of ONNX Runtime for one window, and a third for eight together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.fft import rfft
from numpy.lib.stride_tricks import as_strided
from threadpoolctl import threadpool_limits

from frametalk.adapters.vad.silero_weights import Weights

Floats = npt.NDArray[np.float32]

WINDOW_SAMPLES = 512
CONTEXT_SAMPLES = 64  # the end of the previous window, which the model expects before each window
INPUT_SAMPLES = CONTEXT_SAMPLES + WINDOW_SAMPLES
MIRRORED_SAMPLES = 64  # appended to a window, in reverse, for the last spectrum
SPECTRUM_SAMPLES, HOP_SAMPLES, SPECTRA = 256, 128, 4
BINS = SPECTRUM_SAMPLES // 2 + 1
TAPS = 3  # of each convolution; the second and third halve the number of vectors
WIDTHS = (BINS, 128, 64, 64, 128)
CELLS = 128
LARGEST_PASS = 64  # windows; a pass of so many takes about a millisecond
FLOAT_BYTES = 4

HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SPECTRUM_SAMPLES) / SPECTRUM_SAMPLES)).astype(
    np.float32
)


class SileroModel:
    """The network. Its buffers serve one pass at a time.

    Raises KeyError or ValueError for weights of another network.
    """

    def __init__(self, weights: Weights) -> None:
        # In threads, products of this size take many times as long.
        threadpool_limits(1, user_api="blas")
        # Only the middle tap of the last convolution, and two of the one before, meet anything but padding.
        self._kernels = [
            _kernel(weights, 0, slice(None)),
            _kernel(weights, 1, slice(None)),
            _kernel(weights, 2, slice(1, 3)),
            _kernel(weights, 3, slice(1, 2)),
        ]
        self._biases = [weights[f"encoder.{layer}.reparam_conv.bias"] for layer in range(4)]
        # A logistic function is a tanh of half its argument: all four gates need one tanh.
        half = np.repeat(np.array((0.5, 0.5, 0.5, 1), np.float32), CELLS)
        self._from_vector = _gates(weights["decoder.rnn.weight_ih"].reshape(4 * CELLS, CELLS), half)
        self._from_hidden = _gates(weights["decoder.rnn.weight_hh"].reshape(4 * CELLS, CELLS), half)
        bias = weights["decoder.rnn.bias_ih"] + weights["decoder.rnn.bias_hh"]
        self._gate_bias = _gates(bias.reshape(4 * CELLS, 1), half)[0]
        self._out = weights["decoder.decoder.2.weight"]
        self._out_bias = weights["decoder.decoder.2.bias"]
        # Zeros stay around the spectra and the first vectors: the padding of the convolutions.
        self._sound = np.zeros((LARGEST_PASS, INPUT_SAMPLES + MIRRORED_SAMPLES), np.float32)
        self._spectra = np.zeros((LARGEST_PASS, SPECTRA + 2, BINS), np.float32)
        self._first = np.zeros((LARGEST_PASS, SPECTRA + 1, WIDTHS[1]), np.float32)
        self._pieces = _overlapping(self._sound, SPECTRA, SPECTRUM_SAMPLES, HOP_SAMPLES)
        self._to_first = _overlapping(self._spectra, SPECTRA, TAPS * BINS, BINS)
        self._to_second = _overlapping(self._first, SPECTRA // 2, TAPS * WIDTHS[1], 2 * WIDTHS[1])

    @property
    def sound(self) -> Floats:
        """[LARGEST_PASS, INPUT_SAMPLES]: write a pass's windows here, each behind its context, -1..1."""
        return self._sound[:, :INPUT_SAMPLES]

    def gates(self, count: int) -> Floats:
        """[count, 4 * CELLS]: what the first `count` windows of `sound` feed to the LSTM cell."""
        sound = self._sound[:count]
        last = INPUT_SAMPLES - 2
        sound[:, INPUT_SAMPLES:] = sound[:, last : last - MIRRORED_SAMPLES : -1]
        spectra = rfft(self._pieces[:count] * HANN)
        np.abs(spectra, out=self._spectra[:count, 1:-1], casting="same_kind")
        vectors: Floats = self._to_first[:count].reshape(SPECTRA * count, -1) @ self._kernels[0]
        vectors += self._biases[0]
        np.maximum(vectors.reshape(count, SPECTRA, -1), 0, out=self._first[:count, 1:])
        vectors = self._to_second[:count].reshape(SPECTRA // 2 * count, -1)
        for kernel, bias in zip(self._kernels[1:], self._biases[1:], strict=True):
            vectors = vectors.reshape(-1, len(kernel)) @ kernel
            vectors += bias
            np.maximum(vectors, 0, out=vectors)
        gates: Floats = vectors @ self._from_vector
        gates += self._gate_bias
        return gates

    def step(self, gates: Floats, hidden: Floats, cell: Floats) -> tuple[Floats, Floats, Floats]:
        """One window of each of n streams: (probabilities [n], the new hidden [n, CELLS], and cell).

        `gates` is overwritten.
        """
        gates += hidden @ self._from_hidden
        np.tanh(gates, out=gates)
        keep_or_take = gates[:, : 3 * CELLS]
        keep_or_take += 1
        keep_or_take *= 0.5
        take, keep, show = (gates[:, n * CELLS : (n + 1) * CELLS] for n in range(3))
        cell = keep * cell
        cell += take * gates[:, 3 * CELLS :]
        hidden = np.tanh(cell)
        hidden *= show
        scores = np.maximum(hidden, 0) @ self._out
        scores += self._out_bias
        probabilities = np.reciprocal(np.exp(-scores) + np.float32(1))
        return probabilities, hidden, cell


def _kernel(weights: Weights, layer: int, taps: slice) -> Floats:
    """[taps * inputs, outputs] of a convolution, for rows that hold one tap's inputs after the other."""
    inputs, outputs = WIDTHS[layer : layer + 2]
    kernel = weights[f"encoder.{layer}.reparam_conv.weight"].reshape(outputs, inputs, TAPS)
    return np.ascontiguousarray(kernel[:, :, taps].transpose(2, 1, 0).reshape(-1, outputs))


def _gates(rows: Floats, half: Floats) -> Floats:
    """The rows of the gates input, forget, cell, output, in the order input, forget, output, cell."""
    taken, kept, new, shown = np.split(rows, 4)
    ordered = np.concatenate((taken, kept, shown, new))
    return np.ascontiguousarray((ordered * half[:, None]).T)


def _overlapping(rows: Floats, pieces: int, length: int, step: int) -> Floats:
    """A view [row, piece, value] of pieces that begin `step` values after each other."""
    row_bytes = rows.strides[0]
    shape = (len(rows), pieces, length)
    return as_strided(rows, shape, (row_bytes, step * FLOAT_BYTES, FLOAT_BYTES))
