"""Kills worker processes in the middle of turns: whether the sessions go on, and how soon.

Two measurements: whole sessions over sockets with a server in this process, and single requests for each
way to die. The engines are the embedded ones, and Whisper and Piper on random models if installed.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from frametalk.adapters.registry import Kind
from frametalk.bench.engines.worker_deaths import Recovery, recoveries
from frametalk.bench.engines.worker_kills import SAID, Kill, killed_in_turns
from frametalk.bench.samples import Distribution
from frametalk.headless.speech import speak

# Twice what 50 kills of two workers take on two quiet cores; a slower machine misses the budget.
LIMIT_S = 400.0
MODELS_NEED = ("faster_whisper", "piper", "onnx", "onnxruntime")


class WorkerKills(msgspec.Struct, frozen=True):
    """Kills of one worker: when (seconds from the first kill of all), and when the next was ready."""

    worker: str
    kills: int
    survived: int
    ready_ms: Distribution
    at_s: tuple[float, ...]


class LostKill(msgspec.Struct, frozen=True):
    """A kill that cost a player something."""

    worker: str
    at_s: float
    cost: str


class WorkersMeasured(msgspec.Struct, frozen=True):
    """`kills_survived` of `kills`, for the worst worker: after these every turn had its reply.

    `turns` were spoken in `sessions`. `recoveries` are requests that a death interrupted.
    """

    kills: int
    kills_survived: int
    workers: list[WorkerKills]
    lost: list[LostKill]
    sessions: int
    turns: int
    recoveries: list[Recovery]


class Engines(NamedTuple):
    """A recogniser and a voice that run in workers, with their options."""

    asr: str
    tts: str
    asr_options: dict[str, Any]
    tts_options: dict[str, Any]

    @property
    def settings(self) -> list[str]:
        """Settings that choose them."""
        options = {"asr": self.asr_options, "tts": self.tts_options}
        chosen = [f"asr.adapter={self.asr}", f"tts.adapter={self.tts}"]
        return chosen + [
            f"{kind}.options.{name}={json.dumps(value)}"
            for kind, values in options.items()
            for name, value in values.items()
        ]


async def measure(
    kills: int = 50,
    *,
    sessions: int = 6,
    deaths: int = 3,
    limit_s: float = LIMIT_S,
    only: Sequence[str] = (),
) -> WorkersMeasured:
    """Kill each worker `kills` times in the middle of turns; try each way to die `deaths` times.

    `only` names recognisers; default: all that are installed. The kills of a recogniser and its voice end
    after `limit_s` at the latest. Takes five to ten minutes.
    """
    done: list[Kill] = []
    tried: list[str] = []
    results = []
    found: list[Recovery] = []
    speech = (await asyncio.to_thread(speak, SAID[0])).samples.tobytes()
    with tempfile.TemporaryDirectory() as folder:
        for pair in await asyncio.to_thread(_installed, Path(folder)):
            if only and pair.asr not in only:
                continue
            tried += (pair.asr, pair.tts)
            killed, played = await killed_in_turns(
                (pair.asr, pair.tts),
                kills,
                sessions=sessions,
                settings=pair.settings,
                limit_s=limit_s,
            )
            done += killed
            results += played
            if deaths:
                engines: tuple[tuple[Kind, str, dict[str, Any]], ...] = (
                    ("asr", pair.asr, pair.asr_options),
                    ("tts", pair.tts, pair.tts_options),
                )
                for kind, name, options in engines:
                    found += await recoveries(kind, name, options, deaths, speech=speech)
    began_s = done[0].at_s if done else 0.0
    workers = [_summary(name, done, began_s) for name in tried]
    return WorkersMeasured(
        kills=kills,
        kills_survived=min((worker.survived for worker in workers), default=0),
        workers=workers,
        lost=[
            LostKill(
                kill.worker,
                round(kill.at_s - began_s, 2),
                "; ".join(kill.cost) or "no worker came back",
            )
            for kill in done
            if not kill.survived
        ],
        sessions=len(results),
        turns=sum(len(result.turns) for result in results),
        recoveries=found,
    )


def _installed(folder: Path) -> list[Engines]:
    """The embedded engines, and Whisper and Piper on the smallest models if they are installed."""
    pairs = [Engines("pocketsphinx", "espeak", {}, {})]
    if all(map(find_spec, MODELS_NEED)):
        from frametalk.bench.random_models import piper as random_piper
        from frametalk.bench.random_models import whisper as random_whisper

        model = random_whisper.build(folder / "whisper", "micro", steady_words=6)
        voice = random_piper.write(folder / "voice.onnx", "micro")
        whisper = {"model": str(model), "language": "en", "device": "cpu", "spare": True}
        pairs.append(Engines("faster_whisper", "piper", whisper, {"voice": str(voice)}))
    return pairs


def _summary(name: str, kills: Sequence[Kill], began_s: float) -> WorkerKills:
    own = [kill for kill in kills if kill.worker == name]
    return WorkerKills(
        worker=name,
        kills=len(own),
        survived=sum(kill.survived for kill in own),
        ready_ms=Distribution.of(kill.ready_s * 1000 for kill in own if kill.ready_s is not None),
        at_s=tuple(round(kill.at_s - began_s, 1) for kill in own),
    )
