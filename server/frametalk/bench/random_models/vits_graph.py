"""Writes ONNX graphs with the names of an exported VITS voice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 15  # what Piper exports


class Graph:
    """Collects nodes and random weights; `model` builds a model of them.

    Tensors are referred to by name. Weights are drawn so that a layer keeps the magnitude of its input.
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._nodes: list[onnx.NodeProto] = []
        self._weights: dict[str, npt.NDArray[Any]] = {}
        self._names: dict[str, int] = {}

    def weight(self, name: str, shape: Sequence[int], scale: float = 1.0) -> str:
        """Random weights with a standard deviation of `scale`."""
        values = self._rng.standard_normal(shape).astype(np.float32)
        return self.put(name, values * np.float32(scale))

    def put(self, name: str, values: npt.ArrayLike) -> str:
        """Weights with these values."""
        self._weights[name] = np.asarray(values)
        return name

    def const(self, value: float | Sequence[int] | int, kind: Any = np.int64) -> str:
        """A constant: whole numbers for shapes and axes, or a float."""
        values = np.asarray(value, np.float32 if isinstance(value, float) else kind)
        name = f"/Constant_{values.dtype}_{values.tolist()}".replace(" ", "")
        self._weights[name] = values
        return name

    def op(self, kind: str, *inputs: str, at: str = "", **attributes: Any) -> str:
        """Add a node with one output; return the output's name."""
        return self.ops(kind, *inputs, at=at, outputs=1, **attributes)[0]

    def ops(
        self, kind: str, *inputs: str, at: str = "", outputs: int, **attributes: Any
    ) -> list[str]:
        """Add a node with several outputs; return their names."""
        name = f"{at and '/' + at.replace('.', '/')}/{kind}"
        again = self._names.get(name, 0)
        self._names[name] = again + 1
        name += f"_{again}" if again else ""
        out = [f"{name}_output_{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), out, name=name, **attributes))
        return out

    def conv(
        self,
        x: str,
        name: str,
        shape: tuple[int, int, int],
        *,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
        scale: float = 1.0,
    ) -> str:
        """Add a convolution that keeps the length; `shape` is (in, out, kernel)."""
        into, out, kernel = shape
        spread = scale / np.sqrt(into // groups * kernel)
        inputs = [x, self.weight(f"{name}.weight", (out, into // groups, kernel), spread)]
        if bias:
            inputs.append(self.weight(f"{name}.bias", (out,), 0.02))
        pad = (kernel - 1) * dilation // 2
        return self.op(
            "Conv", *inputs, at=name, dilations=[dilation], group=groups, kernel_shape=[kernel],
            pads=[pad, pad], strides=[1],
        )  # fmt: skip

    def conv_transpose(self, x: str, name: str, shape: tuple[int, int, int], stride: int) -> str:
        """Add a transposed convolution that makes `stride` steps of one; `shape` is (in, out, kernel)."""
        into, out, kernel = shape
        spread = 1 / np.sqrt(into * kernel / stride)
        weight = self.weight(f"{name}.weight", (into, out, kernel), spread)
        pad = (kernel - stride) // 2
        return self.op(
            "ConvTranspose", x, weight, self.weight(f"{name}.bias", (out,), 0.02), at=name,
            dilations=[1], group=1, kernel_shape=[kernel], pads=[pad, pad], strides=[stride],
        )  # fmt: skip

    def slice(self, x: str, begin: int, end: int, axis: int, at: str = "") -> str:
        """`x` from `begin` to `end` along one axis."""
        bounds = (self.const([begin]), self.const([end]), self.const([axis]))
        return self.op("Slice", x, *bounds, at=at)

    def model(self, inputs: dict[str, tuple[int, list[Any]]], output: str) -> onnx.ModelProto:
        """The model; the tensor `output` becomes its output."""
        self._nodes.append(helper.make_node("Unsqueeze", [output, self.const([1])], ["output"]))
        graph = helper.make_graph(
            self._nodes,
            "main_graph",
            [helper.make_tensor_value_info(name, *what) for name, what in inputs.items()],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["b", 1, 1, "time"])],
            [numpy_helper.from_array(each, name) for name, each in self._weights.items()],
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=8)
