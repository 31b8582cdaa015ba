"""Scripted engines and model files, for adapters that choose."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from frametalk import models
from frametalk.adapters import registry
from frametalk.adapters.auto import trials
from frametalk.adapters.base import Bias, Hypothesis, SpeechChunk, SpeechRequest
from frametalk.core.marks import Mark
from frametalk.errors import AdapterError, Stage


class Engine:
    """Any kind of engine; it notes what it does and fails as scripted."""

    rate_hz = 16_000

    def __init__(self, name: str, options: dict[str, Any], machine: Machine) -> None:
        self.name, self.options, self.machine = name, options, machine

    async def start(self) -> None:
        self.machine.log.append(f"start {self.name}")
        if error := self.machine.broken.get(self.name):
            raise error

    async def close(self) -> None:
        self.machine.log.append(f"close {self.name}")

    async def prepare(self, bias: Bias) -> None:
        self.machine.log.append(f"prepare {self.name}")

    def open(self, bias: Bias, on_partial: Any) -> Any:
        return f"stream of {self.name}"

    async def end_probability(self, samples: Any) -> float:
        return 0.25


class CheckedEngine(Engine):
    """One that starts although a part of it has failed."""

    async def check(self) -> None:
        raise AdapterError("worker_failed", "Whisper died", stage=Stage.HEAR)


class SpeakingEngine(Engine):
    """A voice with one language, or all of espeak's."""

    def __init__(self, name: str, options: dict[str, Any], machine: Machine) -> None:
        super().__init__(name, options, machine)
        self.rate_hz = 16_000 if name == "piper" else 8_000

    async def voices(self) -> tuple[str, ...]:
        return (f"{self.name}'s voice",)

    def languages(self, voice: str) -> tuple[str, ...]:
        if voice:
            return (f"language of {self.name}",)
        return self.machine.piper_speaks if self.name == "piper" else ("de", "en-gb", "en-us", "fr")

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        self.machine.log.append(f"{self.name} speaks {request.text!r}")
        yield SpeechChunk(bytes(800), (Mark("word", 0, 400, request.text),))


@dataclass
class Machine:
    """`factors`: real-time factor by model; `broken`: why an engine does not start."""

    monkeypatch: pytest.MonkeyPatch
    folder: Path
    adapters: set[str] = field(default_factory=set)  # those that the registry has besides
    installed: set[str] = field(default_factory=set)
    factors: dict[str, float] = field(default_factory=dict)
    broken: dict[str, Exception] = field(default_factory=dict)
    unhealthy: set[str] = field(default_factory=set)  # those whose check fails
    piper_speaks: tuple[str, ...] = ("en-US",)
    tried: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    created: dict[str, dict[str, Any]] = field(default_factory=dict)

    def create(self, kind: str, name: str, options: dict[str, Any]) -> Engine:
        self.created[name] = options
        if kind == "tts":
            return SpeakingEngine(name, options, self)
        return (CheckedEngine if name in self.unhealthy else Engine)(name, options, self)

    async def factor(self, _kind: str, adapter: str, options: Any, **given: Any) -> float | None:
        model = given["model"].parent.name
        assert given["limit"] > 0
        self.tried.append(model)
        self.created[f"trial of {model}"] = options
        return self.factors.get(model)

    def whisper(self, name: str, size: int, factor: float | None) -> None:
        """Pull a Whisper model; without a factor it does not work."""
        self.model(name, {"model.bin": size, "config.json": 1, "tokenizer.json": 1}, factor)

    def voice(self, name: str, factor: float | None) -> None:
        """Pull a Piper voice."""
        self.model(name, {f"{name}.onnx": 9, f"{name}.onnx.json": 1, "MODEL_CARD": 1}, factor)

    def model(self, name: str, files: dict[str, int], factor: float | None) -> None:
        (self.folder / name).mkdir(parents=True)
        for file, size in files.items():
            (self.folder / name / file).write_bytes(bytes(size))
        if factor is not None:
            self.factors[name] = factor


def a_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *modules: Any) -> Machine:
    """A machine without models, on which everything is installed; `modules` look up packages."""
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    machine = Machine(monkeypatch, tmp_path / "models")
    machine.installed = {
        "pocketsphinx", "faster_whisper", "piper", "onnx", "onnxruntime", "espeakng_loader",
    }  # fmt: skip
    machine.adapters = {"pocketsphinx", "faster_whisper", "pocketsphinx+faster_whisper"}
    monkeypatch.setattr(registry, "create", machine.create)
    monkeypatch.setattr(registry, "names", lambda _kind: tuple(machine.adapters))
    monkeypatch.setattr(trials, "factor", machine.factor)
    for module in modules:
        monkeypatch.setattr(
            module, "find_spec", lambda name: name if name in machine.installed else None
        )
    return machine


def ignore(_hypothesis: Hypothesis) -> None:
    """A listener for partial texts."""
