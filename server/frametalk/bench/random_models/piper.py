"""A Piper voice of real size with random weights: real code at its real cost, producing noise.

The tensors have the shapes and names of a stock voice; a file of medium quality has 63 MB, as a stock
voice. Needs `onnx`, but neither `piper` nor torch.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto

from frametalk.bench.random_models import vits_parts
from frametalk.bench.random_models.vits_graph import Graph
from frametalk.bench.random_models.vits_layers import GIN, Size

SYMBOLS = 256  # entries of a stock voice's phoneme table
IPA = (
    "abcdefhijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏ"
    "ʐʑʒʔʕʘʙʛʜʝʟʡʢʲˈˌːˑ˞βθχᵻⱱ0123456789"
)
COMBINING = "\u0327\u0303\u032a\u032f\u0329"
MARKS = "_^$ !'(),-.:;?"  # pad, begin and end of a sentence, space, punctuation

SIZES: dict[str, Size] = {
    "low": Size(rate_hz=16_000),
    "medium": Size(),
    "high": Size(
        channels=512,
        upsample=(8, 8, 2, 2),
        resblock=1,
        kernels=(3, 7, 11),
        dilations=((1, 3, 5),) * 3,
    ),
    "micro": Size(hidden=16, filter=32, layers=1, flows=1, channels=16),
}
"""Piper's qualities, and `micro` for tests: it has all parts and takes almost no time."""


def phoneme_ids() -> dict[str, list[int]]:
    """The phoneme ids of stock voices."""
    return {symbol: [index] for index, symbol in enumerate(MARKS + IPA + COMBINING)}


def write(
    path: Path, quality: str = "medium", *, speakers: int = 1, seed: int = 0, rate_hz: int = 0
) -> Path:
    """Write a voice and its `.json` beside it; return the voice's path.

    Several speakers are called `speaker_0`, `speaker_1`, ... `rate_hz` other than 0 replaces the quality's
    rate.
    """
    size = SIZES[quality]
    if rate_hz:
        size = replace(size, rate_hz=rate_hz)
    onnx.save(build(size, speakers, seed), str(path))
    settings = description(size, speakers, quality)
    path.with_name(f"{path.name}.json").write_text(
        json.dumps(settings, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    return path


def build(size: Size, speakers: int = 1, seed: int = 0) -> onnx.ModelProto:
    """The voice's graph: text encoder, durations, flow, decoder."""
    g = Graph(seed)
    inputs: dict[str, tuple[int, list[Any]]] = {
        "input": (TensorProto.INT64, ["batch_size", "phonemes"]),
        "input_lengths": (TensorProto.INT64, ["batch_size"]),
        "scales": (TensorProto.FLOAT, [3]),
    }
    speaker = None
    if speakers > 1:
        inputs["sid"] = (TensorProto.INT64, ["batch_size"])
        table = g.weight("emb_g.weight", (speakers, GIN))
        speaker = g.op("Unsqueeze", g.op("Gather", table, "sid", at="emb_g"), g.const([-1]))
    x, mean, log_deviation, mask = vits_parts.encoder(g, size, SYMBOLS)
    frames = vits_parts.durations(g, size, x, mask, speaker)
    prior, y_mask = vits_parts.stretched(g, frames, mean, log_deviation)
    latent = vits_parts.flow(g, size, prior, y_mask, speaker)
    return g.model(inputs, vits_parts.decoder(g, size, latent, speaker))


def description(size: Size, speakers: int, quality: str) -> dict[str, Any]:
    """The content of the `.json` beside a voice."""
    return {
        "audio": {"sample_rate": size.rate_hz, "quality": quality},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": phoneme_ids(),
        "num_symbols": SYMBOLS,
        "num_speakers": speakers,
        "speaker_id_map": {f"speaker_{n}": n for n in range(speakers)} if speakers > 1 else {},
        "hop_length": size.hop,
        "piper_version": "1.0.0",
    }
