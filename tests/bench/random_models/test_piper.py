"""The voice with random weights has the real size, a valid graph and plausible durations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from frametalk.adapters.tts.piper.vits_run import SplitVits
from frametalk.adapters.tts.piper.vits_split import split
from frametalk.bench.random_models.piper import SIZES, SYMBOLS, build, phoneme_ids, write
from frametalk.bench.random_models.vits_layers import Size

STOCK_MEDIUM_BYTES = 63_201_294  # of a stock medium voice


def weights(model: onnx.ModelProto) -> int:
    return sum(int(np.prod(each.dims)) for each in model.graph.initializer)


def test_a_medium_voice_has_the_size_of_a_stock_one() -> None:
    assert weights(build(SIZES["medium"])) * 4 == pytest.approx(STOCK_MEDIUM_BYTES, rel=0.02)


@pytest.mark.parametrize("speakers", [1, 4])
def test_the_graph_is_valid_and_named_like_an_export(tmp_path: Path, speakers: int) -> None:
    model = onnx.load(str(write(tmp_path / "voice.onnx", "micro", speakers=speakers)))
    onnx.checker.check_model(model)
    inputs = [each.name for each in model.graph.input]
    assert inputs == ["input", "input_lengths", "scales"] + (["sid"] if speakers > 1 else [])
    names = {each.name for each in model.graph.initializer}
    wanted = {"dec.conv_pre.weight", "dec.ups.0.weight", "enc_p.emb.weight", "dp.flows.0.m"}
    assert wanted | ({"emb_g.weight", "dec.cond.weight"} if speakers > 1 else set()) <= names
    assert all(len(ids) == 1 and ids[0] < SYMBOLS for ids in phoneme_ids().values())


def test_a_seed_always_makes_the_same_voice() -> None:
    tiny = Size(hidden=8, filter=8, layers=1, flows=1, channels=16)
    one, same, other = (build(tiny, seed=seed).SerializeToString() for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_phonemes_have_plausible_durations(tmp_path: Path) -> None:
    net = SplitVits(split(write(tmp_path / "voice.onnx", "micro")))
    ids = np.random.default_rng(0).integers(14, 120, 203)
    ids[1::2] = 0
    frames = net.frames([int(n) for n in ids], (0.667, 1.0, 0.8), None)
    assert 5 < frames.count / 100 < 10
    assert min(frames.lengths) >= 1
