"""The result of a simulation: failures, turns, steps and sound; and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import numpy as np
import numpy.typing as npt
import soxr

from frametalk import __version__
from frametalk.core.audio import Samples
from frametalk.core.machine_made import wav
from frametalk.errors import ConfigError
from frametalk.headless.actor import StepResult
from frametalk.headless.player import Player
from frametalk.headless.turns import Turn

WAV_RATE_HZ = 24_000
_LEFT, _RIGHT = 0, 1


@dataclass(slots=True)
class SimulationResult:
    """`turns` were begun by a player; `unprompted` are other replies, for example a greeting.

    `resumed`: how often a connection broke and another one went on.
    """

    scenario: str
    failures: list[str] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    unprompted: list[Turn] = field(default_factory=list)
    steps: list[StepResult] = field(default_factory=list)
    client: dict[str, Any] = field(default_factory=dict)
    resumed: int = 0
    sound: npt.NDArray[np.int16] = field(default_factory=lambda: np.empty((0, 2), np.int16))

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def as_json(self) -> dict[str, Any]:
        """The result as data for a JSON file."""
        return {
            "passed": self.passed,
            "failures": self.failures,
            "turns": msgspec.to_builtins(self.turns),
            "scenario": self.scenario,
            "unprompted": msgspec.to_builtins(self.unprompted),
            "client": self.client,
        }

    def write_json(self, path: Path) -> None:
        """Write the JSON. Raises ConfigError when the file cannot be written."""
        _write(path, msgspec.json.format(msgspec.json.encode(self.as_json()), indent=2))

    def write_wav(self, path: Path) -> None:
        """Write a stereo WAV, marked as machine-made: player left, character right. Raises ConfigError."""
        try:
            pcm = self.sound.astype("<i2").tobytes()
            path.write_bytes(wav(pcm, WAV_RATE_HZ, software=f"frametalk {__version__}", channels=2))
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from None

    def write_junit(self, path: Path) -> None:
        """Write one test case for each step, and one for failures outside of steps. Raises ConfigError."""
        failed = [result for result in self.steps if result.failure]
        suite = ET.Element(
            "testsuite",
            name=f"frametalk simulate {self.scenario}",
            tests=str(len(self.steps) + 1),
            failures=str(len(failed) + bool(self._outside_steps())),
        )
        for result in self.steps:
            name = f"{result.number} {result.player}: {result.step.action}"
            case = _case(suite, self.scenario, name, result.took_s)
            if result.failure:
                ET.SubElement(case, "failure", message=result.failure)
        case = _case(suite, self.scenario, "no failure outside of steps", 0)
        if outside := self._outside_steps():
            ET.SubElement(case, "failure", message=outside[0]).text = "\n".join(outside)
        _write(path, ET.tostring(suite, encoding="utf-8", xml_declaration=True))

    def _outside_steps(self) -> list[str]:
        of_steps = [result.failure for result in self.steps if result.failure]
        return [text for text in self.failures if not any(text.endswith(step) for step in of_steps)]


def _case(suite: ET.Element, scenario: str, name: str, took_s: float) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=scenario, name=name, time=f"{took_s:.3f}")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


def mix_sound(players: Sequence[Player]) -> npt.NDArray[np.int16]:
    """What players said (left) and heard (right), from the start of the first microphone on."""
    pieces: list[tuple[int, float, Samples, int]] = []
    for player in players:
        mic = player.mic
        pieces += [
            (_LEFT, mic.time_of(sound.start), sound.samples[: mic.sent - sound.start], mic.rate_hz)
            for sound in mic.sounds
            if sound.start < mic.sent
        ]
        pieces += [
            (_RIGHT, at_s, samples, reply.playback.rate_hz)
            for reply in player.replies.values()
            for at_s, samples in reply.playback.sound()
        ]
    begin_s = min((player.mic.started_s for player in players), default=0.0)
    end_s = max((p.mic.time_of(p.mic.sent) for p in players), default=0.0)
    end_s = max([end_s, *(at_s + len(pcm) / rate for _, at_s, pcm, rate in pieces)])
    mix = np.zeros((int((end_s - begin_s) * WAV_RATE_HZ) + WAV_RATE_HZ // 10, 2), np.float32)
    for side, at_s, samples, rate_hz in pieces:
        sound = soxr.resample(samples.astype(np.float32), rate_hz, WAV_RATE_HZ)
        start = round((at_s - begin_s) * WAV_RATE_HZ)
        room = mix[start : start + len(sound), side]
        room += sound[: len(room)]
    return np.clip(mix, -32_768, 32_767).astype(np.int16)
