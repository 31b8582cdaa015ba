"""The layers that the parts of a VITS voice are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from frametalk.bench.random_models.vits_graph import Graph

WINDOW = 4  # positions to either side with an embedding of their own
GIN = 512  # channels of a speaker's embedding


@dataclass(frozen=True, slots=True)
class Size:
    """The dimensions of one quality of voice."""

    rate_hz: int = 22_050
    hidden: int = 192
    filter: int = 768
    layers: int = 6
    heads: int = 2
    flows: int = 4
    channels: int = 256
    upsample: tuple[int, ...] = (8, 8, 4)
    resblock: int = 2
    kernels: tuple[int, ...] = (3, 5, 7)
    dilations: tuple[tuple[int, ...], ...] = ((1, 2), (2, 6), (3, 12))

    @property
    def hop(self) -> int:
        """Samples for each latent frame."""
        return int(np.prod(self.upsample))


def scale(g: Graph, index: int) -> str:
    """One of the three numbers that a request sets: noise, length, noise of the lengths."""
    return g.op("Gather", "scales", g.const(index), axis=0)


def length(g: Graph, x: str, axis: int) -> str:
    """The length of `x` along one axis, as a scalar."""
    return g.op("Gather", g.op("Shape", x), g.const(axis), axis=0)


def steps(g: Graph, count: str) -> str:
    """0, 1, ... `count` - 1."""
    return g.op("Range", g.const(0), count, g.const(1))


def resblock(
    g: Graph,
    x: str,
    at: str,
    shape: tuple[int, int, int],
    dilations: tuple[int, ...],
    *,
    twice: bool,
) -> str:
    """One of HiFi-GAN's two kinds of residual block: with one convolution in each step, or two."""
    for index, dilation in enumerate(dilations):
        y = g.op("LeakyRelu", x, at=at, alpha=0.1)
        name = f"{at}.convs1.{index}" if twice else f"{at}.convs.{index}"
        y = g.conv(y, name, shape, dilation=dilation, scale=0.7)
        if twice:
            y = g.op("LeakyRelu", y, at=at, alpha=0.1)
            y = g.conv(y, f"{at}.convs2.{index}", shape, scale=0.7)
        x = g.op("Add", y, x, at=at)
    return x


def wavenet(g: Graph, size: Size, x: str, mask: str, at: str, speaker: str | None) -> str:
    """WaveNet's gated convolutions, conditioned on the speaker if there is one."""
    width, layers, out, cond = size.hidden, 4, "", ""
    if speaker is not None:
        cond = g.conv(speaker, f"{at}.cond_layer", (GIN, 2 * width * layers, 1), scale=0.5)
    for index in range(layers):
        y = g.conv(x, f"{at}.in_layers.{index}", (width, 2 * width, 5))
        if cond:
            begin = index * 2 * width
            y = g.op("Add", y, g.slice(cond, begin, begin + 2 * width, 1, at=at), at=at)
        a, b = g.ops("Split", y, at=at, outputs=2, axis=1)
        y = g.op("Mul", g.op("Tanh", a, at=at), g.op("Sigmoid", b, at=at), at=at)
        last = index == layers - 1
        y = g.conv(y, f"{at}.res_skip_layers.{index}", (width, width * (1 if last else 2), 1))
        if not last:
            kept, y = g.ops("Split", y, at=at, outputs=2, axis=1)
            x = g.op("Mul", g.op("Add", x, kept, at=at), mask, at=at)
        out = g.op("Add", out, y, at=at) if out else y
    return g.op("Mul", out, mask, at=at)


def separable(g: Graph, x: str, mask: str, at: str, width: int) -> str:
    """Dilated depth-separable convolutions."""
    for index in range(3):
        y = g.op("Mul", x, mask, at=at)
        shape = (width, width, 3)
        y = g.conv(y, f"{at}.convs_sep.{index}", shape, dilation=3**index, groups=width)
        y = gelu(g, norm(g, y, f"{at}.norms_1.{index}", width), at)
        y = g.conv(y, f"{at}.convs_1x1.{index}", (width, width, 1))
        y = gelu(g, norm(g, y, f"{at}.norms_2.{index}", width), at)
        x = g.op("Add", x, y, at=at)
    return g.op("Mul", x, mask, at=at)


def gelu(g: Graph, x: str, at: str) -> str:
    """The activation GELU."""
    error = g.op("Erf", g.op("Div", x, g.const(float(np.sqrt(2))), at=at), at=at)
    y = g.op("Mul", x, g.op("Add", error, g.const(1.0), at=at), at=at)
    return g.op("Mul", y, g.const(0.5), at=at)


def norm(g: Graph, x: str, at: str, width: int) -> str:
    """Layer norm over the channels."""
    x = g.op("Transpose", x, at=at, perm=[0, 2, 1])
    x = g.op("Sub", x, g.op("ReduceMean", x, at=at, axes=[-1]), at=at)
    square = g.op("ReduceMean", g.op("Pow", x, g.const(2.0), at=at), at=at, axes=[-1])
    x = g.op("Div", x, g.op("Sqrt", g.op("Add", square, g.const(1e-5), at=at), at=at), at=at)
    x = g.op("Mul", x, g.put(f"{at}.gamma", np.ones(width, np.float32)), at=at)
    x = g.op("Add", x, g.put(f"{at}.beta", np.zeros(width, np.float32)), at=at)
    return g.op("Transpose", x, at=at, perm=[0, 2, 1])


def attention(g: Graph, size: Size, x: str, at: str, count: str) -> str:
    """Self-attention with embeddings of the distance to near positions (Shaw et al. 2018)."""
    heads, depth = size.heads, size.hidden // size.heads
    pointwise = (size.hidden, size.hidden, 1)

    def split(name: str) -> str:
        y = g.conv(x, f"{at}.conv_{name}", pointwise)
        y = g.op("Reshape", y, g.const([1, heads, depth, -1]), at=at)
        return g.op("Transpose", y, at=at, perm=[0, 1, 3, 2])

    def dims(*sizes: str) -> str:
        return g.op("Concat", *sizes, at=at, axis=0)

    def pad(y: str, *sizes: str) -> str:
        return g.op("Pad", y, dims(*sizes), at=at)

    n = g.op("Reshape", count, g.const([1]), at=at)
    zero, single, all_heads = g.const([0]), g.const([1]), g.const([1, heads])
    twice = g.op("Mul", n, g.const([2]), at=at)
    before, span = g.op("Sub", n, single, at=at), g.op("Sub", twice, single, at=at)
    more = g.op("Max", g.op("Sub", n, g.const([WINDOW + 1]), at=at), zero, at=at)

    def relative(name: str) -> str:
        table = g.weight(f"{at}.emb_rel_{name}", (1, 2 * WINDOW + 1, depth), depth**-0.5)
        return pad(table, zero, more, zero, zero, more, zero)

    query = g.op("Div", split("q"), g.const(float(np.sqrt(depth))), at=at)
    key, value = split("k"), split("v")
    scores = g.op("MatMul", query, g.op("Transpose", key, at=at, perm=[0, 1, 3, 2]), at=at)
    near = g.op("Transpose", relative("k"), at=at, perm=[0, 2, 1])
    y = pad(g.op("MatMul", query, near, at=at), *[zero] * 7, single)
    y = g.op("Reshape", y, dims(all_heads, g.op("Mul", n, twice, at=at)), at=at)
    y = pad(y, *[zero] * 5, before)
    y = g.op("Reshape", y, dims(all_heads, g.op("Add", n, single, at=at), span), at=at)
    y = g.op("Slice", y, dims(zero, before), dims(n, span), g.const([2, 3]), at=at)
    weights = g.op("Softmax", g.op("Add", scores, y, at=at), at=at, axis=-1)
    out = g.op("MatMul", weights, value, at=at)
    y = pad(weights, *[zero] * 7, before)
    y = g.op("Reshape", y, dims(all_heads, g.op("Mul", n, span, at=at)), at=at)
    y = pad(y, zero, zero, n, zero, zero, zero)
    y = g.op("Reshape", y, dims(all_heads, n, twice), at=at)
    y = g.op("Slice", y, single, twice, g.const([3]), at=at)
    out = g.op("Add", out, g.op("MatMul", y, relative("v"), at=at), at=at)
    out = g.op("Transpose", out, at=at, perm=[0, 1, 3, 2])
    out = g.op("Reshape", out, g.const([1, size.hidden, -1]), at=at)
    return g.conv(out, f"{at}.conv_o", pointwise)
