"""The parts of a VITS voice as Piper exports them: real shapes, costs and names, random weights.

Kim, Kong, Son: Conditional Variational Autoencoder with Adversarial Learning for End-to-End
Text-to-Speech (2021). One simplification: the duration predictor's splines are affine, which saves
about a millisecond a sentence; its convolutions are all there.
"""

from __future__ import annotations

import numpy as np

from frametalk.bench.random_models.vits_graph import Graph
from frametalk.bench.random_models.vits_layers import (
    GIN,
    Size,
    attention,
    length,
    norm,
    resblock,
    scale,
    separable,
    steps,
    wavenet,
)


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
        y = attention(g, size, x, f"{at}.attn_layers.{index}", count)
        x = norm(g, g.op("Add", x, y, at=at), f"{at}.norm_layers_1.{index}", size.hidden)
        ffn = f"{at}.ffn_layers.{index}"
        y = g.conv(g.op("Mul", x, mask, at=ffn), f"{ffn}.conv_1", (size.hidden, size.filter, 3))
        y = g.op("Mul", g.op("Relu", y, at=ffn), mask, at=ffn)
        y = g.op("Mul", g.conv(y, f"{ffn}.conv_2", (size.filter, size.hidden, 3)), mask, at=ffn)
        x = norm(g, g.op("Add", x, y, at=at), f"{at}.norm_layers_2.{index}", size.hidden)
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
    x = g.conv(separable(g, x, mask, "dp.convs", width), "dp.proj", (width, width, 1))
    two = g.op("Concat", *[g.slice(x, 0, 1, 1, at="dp")] * 2, at="dp", axis=1)
    z = g.op("Mul", g.op("RandomNormalLike", two, at="dp"), noise, at="dp")
    for index in (7, 5, 3):
        at = f"dp.flows.{index}"
        z = g.op("Slice", z, *(g.const([n]) for n in (-1, -9, 1, -1)), at=at)  # Flip
        fixed, moved = g.ops("Split", z, at=at, outputs=2, axis=1)
        h = g.op("Add", g.conv(fixed, f"{at}.pre", (1, width, 1)), x, at=at)
        h = g.conv(separable(g, h, mask, f"{at}.convs", width), f"{at}.proj", (width, 29, 1))
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
        h = wavenet(g, size, h, mask, f"{at}.enc", speaker)
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
            made.append(resblock(g, x, at, shape, dilations, twice=size.resblock == 1))
            blocks += 1
        x = made[0]
        for other in made[1:]:
            x = g.op("Add", x, other, at="dec")
        x = g.op("Div", x, g.const(float(len(made))), at="dec")
    x = g.op("LeakyRelu", x, at="dec", alpha=0.01)
    x = g.conv(x, "dec.conv_post", (width, 1, 7), bias=False, scale=0.4)
    return g.op("Tanh", x, at="dec")
