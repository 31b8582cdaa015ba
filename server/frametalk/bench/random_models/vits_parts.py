"""The parts of a VITS voice as Piper exports them: real shapes, costs and names, random weights.

Kim, Kong, Son: Conditional Variational Autoencoder with Adversarial Learning for End-to-End
Text-to-Speech (2021). One simplification: the duration predictor's splines are affine, which saves
about a millisecond a sentence; its convolutions are all there.
"""

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


def encoder(g: Graph, size: Size, symbols: int) -> tuple[str, str, str, str]:
    """Text encoder: (hidden states, mean, log deviation of the prior, mask of the text)."""
    table = g.weight("enc_p.emb.weight", (symbols, size.hidden), size.hidden**-0.5)
    x = g.op("Gather", table, "input", at="enc_p.emb")
    x = g.op("Mul", x, g.const(float(np.sqrt(size.hidden))), at="enc_p")
    x = g.op("Transpose", x, at="enc_p", perm=[0, 2, 1])
    count = length(g, "input", 1)
    mask = g.op("Cast", g.op("Less", steps(g, count), "input_lengths", at="enc_p"), to=1)
    mask = g.op("Reshape", mask, g.const([1, 1, -1]), at="enc_p")
    x = g.op("Mul", x, mask, at="enc_p")
    for index in range(size.layers):
        at = "enc_p.encoder"
        y = _attention(g, size, x, f"{at}.attn_layers.{index}", count)
        x = _norm(g, g.op("Add", x, y, at=at), f"{at}.norm_layers_1.{index}", size.hidden)
        ffn = f"{at}.ffn_layers.{index}"
        y = g.conv(g.op("Mul", x, mask, at=ffn), f"{ffn}.conv_1", (size.hidden, size.filter, 3))
        y = g.op("Mul", g.op("Relu", y, at=ffn), mask, at=ffn)
        y = g.op("Mul", g.conv(y, f"{ffn}.conv_2", (size.filter, size.hidden, 3)), mask, at=ffn)
        x = _norm(g, g.op("Add", x, y, at=at), f"{at}.norm_layers_2.{index}", size.hidden)
    x = g.op("Mul", x, mask, at="enc_p")
    stats = g.conv(x, "enc_p.proj", (size.hidden, 2 * size.hidden, 1), scale=0.5)
    mean, log_deviation = g.ops("Split", stats, at="enc_p", outputs=2, axis=1)
    return x, mean, log_deviation, mask


def durations(g: Graph, size: Size, x: str, mask: str, speaker: str | None) -> str:
    """Stochastic duration predictor: frames of each symbol, rounded up."""
    noise, pace = scale(g, 2), scale(g, 1)
    width = size.hidden
    x = g.conv(x, "dp.pre", (width, width, 1))
    if speaker is not None:
        x = g.op("Add", x, g.conv(speaker, "dp.cond", (GIN, width, 1), scale=0.3), at="dp")
    x = g.conv(_separable(g, x, mask, "dp.convs", width), "dp.proj", (width, width, 1))
    two = g.op("Concat", *[g.slice(x, 0, 1, 1, at="dp")] * 2, at="dp", axis=1)
    z = g.op("Mul", g.op("RandomNormalLike", two, at="dp"), noise, at="dp")
    for index in (7, 5, 3):
        at = f"dp.flows.{index}"
        z = g.op("Slice", z, *(g.const([n]) for n in (-1, -9, 1, -1)), at=at)  # Flip
        fixed, moved = g.ops("Split", z, at=at, outputs=2, axis=1)
        h = g.op("Add", g.conv(fixed, f"{at}.pre", (1, width, 1)), x, at=at)
        h = g.conv(_separable(g, h, mask, f"{at}.convs", width), f"{at}.proj", (width, 29, 1))
        shift = g.op("Mul", g.op("Tanh", g.slice(h, 0, 1, 1, at=at)), g.const(0.3), at=at)
        z = g.op("Concat", fixed, g.op("Add", moved, shift, at=at), at=at, axis=1)
    at = "dp.flows.0"
    z = g.op("Sub", z, g.put(f"{at}.m", np.full((2, 1), -1.6, np.float32)), at=at)
    spread = g.op("Exp", g.op("Neg", g.put(f"{at}.logs", np.full((2, 1), 0.5, np.float32))), at=at)
    frames = g.op("Exp", g.slice(g.op("Mul", z, spread, at=at), 0, 1, 1, at="dp"))
    return g.op("Ceil", g.op("Mul", g.op("Mul", frames, mask), pace))


def stretched(g: Graph, frames: str, mean: str, log_deviation: str) -> tuple[str, str]:
    """The prior drawn at each latent frame, and the frames' mask."""
    total = g.op("Cast", g.op("ReduceSum", frames, g.const([1, 2]), keepdims=0), to=7)
    total = g.op("Max", total, g.const([1]))
    index = steps(g, g.op("Squeeze", total))
    y_mask = g.op("Cast", g.op("Less", index, total), to=1)
    y_mask = g.op("Reshape", y_mask, g.const([1, 1, -1]))
    ends = g.op("CumSum", frames, g.const(2))
    row = g.op("Cast", g.op("Reshape", index, g.const([1, -1, 1])), to=1)
    before = g.op("Cast", g.op("Less", row, ends), to=1)
    begun = g.op("Cast", g.op("Less", row, g.op("Sub", ends, frames)), to=1)
    path = g.op("Sub", before, begun)

    def spread(what: str) -> str:
        each = g.op("MatMul", path, g.op("Transpose", what, perm=[0, 2, 1]))
        return g.op("Transpose", each, perm=[0, 2, 1])

    mean = spread(mean)
    noise = g.op("Mul", g.op("RandomNormalLike", mean), g.op("Exp", spread(log_deviation)))
    return g.op("Add", mean, g.op("Mul", noise, scale(g, 0))), y_mask


def flow(g: Graph, size: Size, z: str, mask: str, speaker: str | None) -> str:
    """Residual couplings, in reverse: from the prior to the decoder's latent frames."""
    half = size.hidden // 2
    for index in reversed(range(size.flows)):
        at = f"flow.flows.{2 * index}"
        z = g.op("Slice", z, *(g.const([n]) for n in (-1, -(10**6), 1, -1)), at=at)  # Flip
        kept, moved = g.ops("Split", z, at=at, outputs=2, axis=1)
        h = g.op("Mul", g.conv(kept, f"{at}.pre", (half, size.hidden, 1)), mask, at=at)
        h = _wavenet(g, size, h, mask, f"{at}.enc", speaker)
        mean = g.op("Mul", g.conv(h, f"{at}.post", (size.hidden, half, 1), scale=0.3), mask, at=at)
        moved = g.op("Mul", g.op("Sub", moved, mean, at=at), mask, at=at)
        z = g.op("Concat", kept, moved, at=at, axis=1)
    return g.op("Mul", z, mask)


def decoder(g: Graph, size: Size, z: str, speaker: str | None) -> str:
    """HiFi-GAN: latent frames to sound."""
    width = size.channels
    x = g.conv(z, "dec.conv_pre", (size.hidden, width, 7))
    if speaker is not None:
        x = g.op("Add", x, g.conv(speaker, "dec.cond", (GIN, width, 1), scale=0.5), at="dec")
    blocks = 0
    for index, rate in enumerate(size.upsample):
        x = g.op("LeakyRelu", x, at="dec", alpha=0.1)
        x = g.conv_transpose(x, f"dec.ups.{index}", (width, width // 2, 2 * rate), rate)
        width //= 2
        made = []
        for kernel, dilations in zip(size.kernels, size.dilations, strict=True):
            at, shape = f"dec.resblocks.{blocks}", (width, width, kernel)
            made.append(_resblock(g, x, at, shape, dilations, twice=size.resblock == 1))
            blocks += 1
        x = made[0]
        for other in made[1:]:
            x = g.op("Add", x, other, at="dec")
        x = g.op("Div", x, g.const(float(len(made))), at="dec")
    x = g.op("LeakyRelu", x, at="dec", alpha=0.01)
    x = g.conv(x, "dec.conv_post", (width, 1, 7), bias=False, scale=0.4)
    return g.op("Tanh", x, at="dec")


def scale(g: Graph, index: int) -> str:
    """One of the three numbers that a request may set: noise, length, noise of the lengths."""
    return g.op("Gather", "scales", g.const(index), axis=0)


def length(g: Graph, x: str, axis: int) -> str:
    """The length of `x` along one axis, as a scalar."""
    return g.op("Gather", g.op("Shape", x), g.const(axis), axis=0)


def steps(g: Graph, count: str) -> str:
    """0, 1, ... `count` - 1."""
    return g.op("Range", g.const(0), count, g.const(1))


def _resblock(
    g: Graph,
    x: str,
    at: str,
    shape: tuple[int, int, int],
    dilations: tuple[int, ...],
    *,
    twice: bool,
) -> str:
    """One of HiFi-GAN's two kinds of residual block: with one convolution a step, or two."""
    for index, dilation in enumerate(dilations):
        y = g.op("LeakyRelu", x, at=at, alpha=0.1)
        name = f"{at}.convs1.{index}" if twice else f"{at}.convs.{index}"
        y = g.conv(y, name, shape, dilation=dilation, scale=0.7)
        if twice:
            y = g.op("LeakyRelu", y, at=at, alpha=0.1)
            y = g.conv(y, f"{at}.convs2.{index}", shape, scale=0.7)
        x = g.op("Add", y, x, at=at)
    return x


def _wavenet(g: Graph, size: Size, x: str, mask: str, at: str, speaker: str | None) -> str:
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


def _separable(g: Graph, x: str, mask: str, at: str, width: int) -> str:
    """Dilated depth-separable convolutions."""
    for index in range(3):
        y = g.op("Mul", x, mask, at=at)
        shape = (width, width, 3)
        y = g.conv(y, f"{at}.convs_sep.{index}", shape, dilation=3**index, groups=width)
        y = _gelu(g, _norm(g, y, f"{at}.norms_1.{index}", width), at)
        y = g.conv(y, f"{at}.convs_1x1.{index}", (width, width, 1))
        y = _gelu(g, _norm(g, y, f"{at}.norms_2.{index}", width), at)
        x = g.op("Add", x, y, at=at)
    return g.op("Mul", x, mask, at=at)


def _gelu(g: Graph, x: str, at: str) -> str:
    error = g.op("Erf", g.op("Div", x, g.const(float(np.sqrt(2))), at=at), at=at)
    y = g.op("Mul", x, g.op("Add", error, g.const(1.0), at=at), at=at)
    return g.op("Mul", y, g.const(0.5), at=at)


def _norm(g: Graph, x: str, at: str, width: int) -> str:
    """Layer norm over the channels."""
    x = g.op("Transpose", x, at=at, perm=[0, 2, 1])
    x = g.op("Sub", x, g.op("ReduceMean", x, at=at, axes=[-1]), at=at)
    square = g.op("ReduceMean", g.op("Pow", x, g.const(2.0), at=at), at=at, axes=[-1])
    x = g.op("Div", x, g.op("Sqrt", g.op("Add", square, g.const(1e-5), at=at), at=at), at=at)
    x = g.op("Mul", x, g.put(f"{at}.gamma", np.ones(width, np.float32)), at=at)
    x = g.op("Add", x, g.put(f"{at}.beta", np.zeros(width, np.float32)), at=at)
    return g.op("Transpose", x, at=at, perm=[0, 2, 1])


def _attention(g: Graph, size: Size, x: str, at: str, count: str) -> str:
    """Self-attention with embeddings of the distance to near positions (Shaw et al. 2018)."""
    heads, depth = size.heads, size.hidden // size.heads
    one = (size.hidden, size.hidden, 1)

    def split(name: str) -> str:
        y = g.conv(x, f"{at}.conv_{name}", one)
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
    return g.conv(out, f"{at}.conv_o", one)
