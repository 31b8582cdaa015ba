"""Splits a VITS voice where its vocoder begins: the only file that uses `onnx`, in the worker process.

The first half makes latent frames and phoneme lengths from phonemes. The second consists of convolutions
only and makes sound from frames, so it can do that in chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import onnx
from onnx import helper

FIRST_WEIGHT = "dec.conv_pre"  # of the vocoder's first convolution, in every export of Piper
# Operations on each frame alone, which do not extend the reach of their input.
POINTWISE = frozenset(
    {"Add", "Cast", "Clip", "Div", "Elu", "Exp", "Identity", "LeakyRelu", "Mul", "Neg", "Pow"}
    | {"Relu", "Sigmoid", "Sin", "Sub", "Squeeze", "Tanh", "Unsqueeze"}
)


class NotSplittableError(ValueError):
    """The graph has no vocoder that can run in chunks; the text says why."""


@dataclass(frozen=True, slots=True)
class Halves:
    """The two halves as serialised models, and how to join them.

    The first returns `latent` [1, channels, frames] and `lengths` (frames of each id). The second takes
    `latent`; a sample depends on at most `reach_frames` frames on either side of its own. A frame is
    `hop_samples` long.
    """

    first: bytes
    second: bytes
    latent: str
    lengths: str
    reach_frames: int
    hop_samples: int


def split(path: Path) -> Halves:
    """Both halves of the voice in `path`, in memory.

    Raises NotSplittableError, or what `onnx` raises for a file that is not a model.
    """
    model = onnx.load(str(path))
    graph = model.graph
    first_conv = _first_conv(graph)
    latent = first_conv.input[0]
    lengths = _lengths(graph)
    output = graph.output[0].name
    back = _nodes_before(graph, [output], stop=latent)
    inputs = {name for node in back for name in _needs(node)} & {each.name for each in graph.input}
    if inputs - {"sid"}:
        raise NotSplittableError(f"its vocoder also needs {', '.join(sorted(inputs - {'sid'}))}")
    reach, hop = _reach(back, graph, latent, output)
    weight = _weight(graph, first_conv.input[1])
    entry = helper.make_tensor_value_info(latent, weight.data_type, [1, weight.dims[1], "frames"])
    second = _copy(model, back, [entry, *(each for each in graph.input if each.name in inputs)])
    return Halves(
        first=_shrunk(model, [latent, lengths]),
        second=second,
        latent=latent,
        lengths=lengths,
        reach_frames=ceil(reach),
        hop_samples=int(hop),
    )


def _first_conv(graph: Any) -> Any:
    for node in graph.node:
        if node.op_type == "Conv" and node.input[1].startswith(FIRST_WEIGHT):
            return node
    raise NotSplittableError(f"it has no convolution {FIRST_WEIGHT}")


def _lengths(graph: Any) -> str:
    """The tensor with the frames of each phoneme: the only one that a VITS voice rounds up."""
    found = [node.output[0] for node in graph.node if node.op_type == "Ceil"]
    if len(found) != 1:
        raise NotSplittableError(f"{len(found)} tensors could be its phonemes' lengths")
    return str(found[0])


def _nodes_before(graph: Any, names: Iterable[str], stop: str) -> list[Any]:
    """All nodes that `names` depend on, up to `stop`, in the graph's order."""
    maker = {name: node for node in graph.node for name in node.output}
    needed: set[int] = set()
    ahead = list(names)
    while ahead:
        node = maker.get(name := ahead.pop())
        if name == stop or node is None or id(node) in needed:
            continue
        needed.add(id(node))
        ahead.extend(_needs(node))
    return [node for node in graph.node if id(node) in needed]


def _needs(node: Any) -> Iterator[str]:
    """All tensors that a node uses, including those in branches of an `If` or the body of a `Loop`."""
    yield from node.input
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            for inner in attribute.g.node:
                yield from _needs(inner)
            yield from (each.name for each in attribute.g.output)


def _reach(nodes: list[Any], graph: Any, latent: str, output: str) -> tuple[Fraction, Fraction]:
    """The reach of a sample in frames on either side, and the samples per frame."""
    state = {latent: (Fraction(0), Fraction(1))}
    for node in nodes:
        before = [state[name] for name in _needs(node) if name in state]
        if not before:
            continue  # depends on the speaker alone
        reach, rate = max(each[0] for each in before), before[0][1]
        if any(each[1] != rate for each in before):
            raise NotSplittableError(f"{node.op_type} joins sounds of different rates")
        if node.op_type in {"Conv", "ConvTranspose"}:
            further, stretch = _kernel(node, graph)
            reach, rate = reach + further / rate, rate * stretch
        elif node.op_type not in POINTWISE:
            raise NotSplittableError(f"its vocoder has a {node.op_type}, whose reach is unknown")
        state.update(dict.fromkeys(node.output, (reach, rate)))
    if output not in state or state[output][1].denominator != 1:
        raise NotSplittableError("its vocoder does not end in sound")
    return state[output]


def _kernel(node: Any, graph: Any) -> tuple[Fraction, Fraction]:
    """The reach of a convolution in steps of its input, and its output steps per input step."""
    has = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    (kernel,) = has.get("kernel_shape") or _weight(graph, node.input[1]).dims[2:]
    wide = (kernel - 1) * has.get("dilations", [1])[0]
    left, right = has.get("pads", [0, 0])
    stride = has.get("strides", [1])[0]
    if has.get("auto_pad", b"NOTSET") != b"NOTSET":
        raise NotSplittableError("a convolution has automatic padding")
    if node.op_type == "Conv":
        if stride != 1 or left + right != wide:
            raise NotSplittableError("a convolution changes the length")
        return Fraction(max(left, right)), Fraction(1)
    added = has.get("output_padding", [0])[0]
    if wide + 1 - left - right + added != stride:
        raise NotSplittableError("a transposed convolution does not fit its stride")
    return Fraction(max(left, wide - left), stride), Fraction(stride)


def _weight(graph: Any, name: str) -> Any:
    for each in graph.initializer:
        if each.name == name:
            return each
    raise NotSplittableError(f"{name} is not a constant")


def _copy(model: Any, nodes: list[Any], inputs: list[Any]) -> bytes:
    """A model of some of the nodes, with their weights."""
    used = {name for node in nodes for name in _needs(node)}
    weights = [each for each in model.graph.initializer if each.name in used]
    graph = helper.make_graph(nodes, "half", inputs, [model.graph.output[0]], weights)
    half = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return bytes(half.SerializeToString())


def _shrunk(model: Any, outputs: list[str]) -> bytes:
    """The model without what `outputs` do not need, which is removed from `model` itself.

    Weights are serialised one by one: a single call, or a copy, would block all threads of the process
    for a quarter of a second.
    """
    graph = model.graph
    nodes = _nodes_before(graph, outputs, stop="")
    needed = {node.output[0] for node in nodes}
    used = {name for node in nodes for name in _needs(node)}
    _keep(graph.node, lambda node: node.output[0] in needed)
    weights = [each.SerializeToString() for each in graph.initializer if each.name in used]
    del graph.output[:], graph.value_info[:], graph.initializer[:]
    graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs)
    # A message is a sequence of fields, each with its number and length.
    parts = [graph.SerializeToString()]
    for each in weights:
        parts += [_field(onnx.GraphProto.INITIALIZER_FIELD_NUMBER, len(each)), each]
    model.ClearField("graph")
    head = _field(onnx.ModelProto.GRAPH_FIELD_NUMBER, sum(map(len, parts)))
    return b"".join([model.SerializeToString(), head, *parts])


def _field(number: int, length: int) -> bytes:
    """The tag and length of a nested message, in Protocol Buffers' encoding."""
    encoded = bytearray([number << 3 | 2])
    while length >= 0x80:  # noqa: PLR2004  (seven bits per byte)
        encoded.append(length & 0x7F | 0x80)
        length >>= 7
    encoded.append(length)
    return bytes(encoded)


def _keep(some: Any, keep: Callable[[Any], bool]) -> None:
    for index in reversed(range(len(some))):
        if not keep(some[index]):
            del some[index]
