"""Splitting a voice: the halves equal the whole, and a voice that cannot be split says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from frametalk.adapters.tts.piper.vits_run import Floats, SplitVits, chunks, feed, session
from frametalk.adapters.tts.piper.vits_split import NotSplittableError, split
from frametalk.bench.random_models.piper import build, write
from frametalk.bench.random_models.vits_parts import Size

NO_NOISE = (0.0, 1.0, 0.0)
TINY = {"hidden": 8, "filter": 16, "layers": 1, "flows": 1, "channels": 16}


def ids(count: int = 40) -> list[int]:
    """Phonemes between pads."""
    some = np.random.default_rng(1).integers(14, 120, 2 * count + 3)
    some[1::2] = 0
    return [int(n) for n in some]


def joined(
    path: Path, speaker: int | None = None, reach: int | None = None
) -> tuple[Floats, Floats]:
    """A sentence in chunks, and by the whole voice."""
    net = SplitVits(split(path))
    if reach is not None:
        net.reach_frames = reach
    whole = session(str(path)).run(None, feed(ids(), NO_NOISE, speaker))[0].ravel()
    frames = net.frames(ids(), NO_NOISE, speaker)
    assert sum(frames.lengths) == frames.count
    assert frames.count * net.hop_samples == len(whole)
    parts = [net.sound(frames, at, end) for at, end in chunks(frames.count)]
    assert len(parts) > 3
    return np.concatenate(parts), whole


def error(parts: Floats, whole: Floats) -> float:
    return float(np.abs(parts - whole).max() / np.abs(whole).max())


@pytest.mark.parametrize("speakers", [1, 3])
def test_the_joined_chunks_equal_the_whole(tmp_path: Path, speakers: int) -> None:
    path = write(tmp_path / "voice.onnx", "micro", speakers=speakers)
    parts, whole = joined(path, speaker=2 if speakers > 1 else None)
    assert error(parts, whole) < 1e-5
    assert sorted(each.name for each in tmp_path.iterdir()) == ["voice.onnx", "voice.onnx.json"]


def test_both_halves_use_the_speaker(tmp_path: Path) -> None:
    net = SplitVits(split(write(tmp_path / "voice.onnx", "micro", speakers=3)))
    one, other = (net.frames(ids(), NO_NOISE, speaker) for speaker in (0, 2))
    assert one.lengths != other.lengths
    swapped = type(one)(one.latent, one.lengths, 2)
    assert error(net.sound(swapped, 0, 20), net.sound(one, 0, 20)) > 0.01


def test_less_overlap_than_the_reach_changes_the_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "voice.onnx", "micro")
    assert error(*joined(path, reach=split(path).reach_frames // 2)) > 1e-4


def test_the_reach_of_a_vocoder_is_computed_from_its_graph(tmp_path: Path) -> None:
    high = Size(
        **TINY, upsample=(8, 8, 2, 2), resblock=1, kernels=(3, 7, 11), dilations=((1, 3, 5),) * 3
    )
    for size, reach in ((Size(**TINY), 12), (high, 14)):
        onnx.save(build(size), str(tmp_path / "voice.onnx"))
        halves = split(tmp_path / "voice.onnx")
        assert (halves.reach_frames, halves.hop_samples) == (reach, 256)
        assert error(*joined(tmp_path / "voice.onnx")) < 1e-5


def test_tensors_used_only_in_a_branch_are_kept(tmp_path: Path) -> None:
    model = build(Size(**TINY))
    (mean,) = [node for node in model.graph.node if node.name == "/enc_p/Split"]
    name = mean.output[0]
    branch = onnx.helper.make_graph(
        [onnx.helper.make_node("Mul", ["seen_inside", "louder"], ["branched"])],
        "branch", [], [onnx.helper.make_empty_tensor_value_info("branched")],
    )  # fmt: skip
    at = list(model.graph.node).index(mean) + 1
    for node in list(model.graph.node)[at:]:
        for index, each in enumerate(node.input):
            if each == name:
                node.input[index] = "chosen"
    added = (
        onnx.helper.make_node("Identity", [name], ["seen_inside"]),
        onnx.helper.make_node("If", ["always"], ["chosen"], then_branch=branch, else_branch=branch),
    )
    for offset, node in enumerate(added):
        model.graph.node.insert(at + offset, node)
    for weight, value in (("always", np.array(True)), ("louder", np.array(2, np.float32))):
        model.graph.initializer.append(onnx.numpy_helper.from_array(value, weight))
    onnx.save(model, str(tmp_path / "voice.onnx"))
    assert error(*joined(tmp_path / "voice.onnx")) < 1e-5


def renamed_weights(model: onnx.ModelProto) -> None:
    """Renames the weights, as some exports do."""
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = name.replace("dec.conv_pre", "w1")
    for each in model.graph.initializer:
        each.name = each.name.replace("dec.conv_pre", "w1")


def depends_on_all_frames(model: onnx.ModelProto) -> None:
    """A vocoder whose sound depends on all frames."""
    (last,) = [node for node in model.graph.node if node.op_type == "Tanh" and "dec" in node.name]
    last.op_type = "Softmax"


def rounds_twice(model: onnx.ModelProto) -> None:
    """A second tensor that could be the lengths."""
    model.graph.node.append(onnx.helper.make_node("Ceil", ["scales"], ["also"]))


def uses_the_scales(model: onnx.ModelProto) -> None:
    """A vocoder that uses the scales again."""
    (first,) = [n for n in model.graph.node if "conv_pre" in n.name]
    scaled = onnx.helper.make_node("Mul", [first.output[0], "scales"], ["scaled"])
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            if name == first.output[0]:
                node.input[index] = "scaled"
    model.graph.node.insert(list(model.graph.node).index(first) + 1, scaled)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (renamed_weights, "no convolution dec.conv_pre"),
        (depends_on_all_frames, "a Softmax, whose reach is unknown"),
        (rounds_twice, "2 tensors could be"),
        (uses_the_scales, "also needs scales"),
    ],
)
def test_a_voice_that_cannot_be_split_says_why(
    tmp_path: Path, change: Callable[[onnx.ModelProto], None], why: str
) -> None:
    model = build(Size(**TINY))
    change(model)
    onnx.save(model, str(tmp_path / "voice.onnx"))
    with pytest.raises(NotSplittableError, match=why):
        split(tmp_path / "voice.onnx")
