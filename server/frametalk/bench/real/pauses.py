"""Pauses of people who read aloud: how often a turn ends in one, is heard too early, or splits.

Each recording is one turn whose true end is its last sound. It is recognised once, in audio time; the
processor time of each text counts as the recogniser's latency. Then the rules of a session decide.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
import psutil  # type: ignore[import-untyped]

from frametalk.adapters import registry
from frametalk.bench.turns.ends import SETTINGS, Outcome, Silence, outcomes, pause_ms_of, share
from frametalk.bench.turns.turn_set import WORLD
from frametalk.core.audio import RECOGNITION_RATE_HZ, ms_to_samples, samples_to_ms
from frametalk.core.commands import Commands
from frametalk.core.completeness import DETECTOR_SILENCE_MS, Completeness, completeness_of
from frametalk.core.endpointing import Endpointer
from frametalk.core.events import SpeechPaused, SpeechResumed, SpeechStarted
from frametalk.headless.scene import GameWorld
from frametalk.headless.speech import read
from frametalk.headless.worldfile import load_world
from frametalk.pipeline.world import expected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from frametalk.adapters.base import Bias, Recogniser, TurnDetector, Vad
    from frametalk.config import FrametalkSettings
    from frametalk.core.audio import Samples

SHORTEST_MS = 200  # shorter pauses end no turn
LEAD_MS, TAIL_MS = 500, 500  # silence around a recording
IDLE_S = 0.06  # a recogniser that needs no processor for so long has read all partial texts
SOUND_FILES = frozenset({".wav", ".flac"})


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """A pause in a reading, or with `pause_ms` None its end.

    `delay_ms`: the silence after which the turn ended, None if the reading went on before that. `heard` and
    `split` as in the two rates.
    """

    reading: str
    at_ms: float
    pause_ms: float | None
    text: str
    completeness: str
    end_probability: float | None
    text_after_ms: float
    delay_ms: float | None
    heard: bool
    split: bool


class Pauses(msgspec.Struct, frozen=True, kw_only=True):
    """The rates over all `n` pauses of 200 ms and more within the readings.

    `false_cut_rate`: something of a reply would have been heard before the player went on.
    `split_turn_rate`: what followed would have been a turn of its own. `free_delay_ms`: the silence that
    ends a turn of free speech, median over the readings' ends.
    """

    n: int
    split_turn_rate: float
    false_cut_rate: float
    free_delay_ms: float
    pauses: list[Pause]


class Stop(NamedTuple):
    """A silence of a reading, in samples of its sound. `to` None: the end."""

    start: int
    at: int
    to: int | None


async def measure_pauses(models: Path, settings: FrametalkSettings) -> Pauses:
    """Measure the readings in `models/speech` with the engines of `settings`.

    smart-turn in `models/smart-turn` is the turn detector, if `settings` have none. Raises FrametalkError
    for an engine that does not start or a file that is not sound.
    """
    files = sorted(file for file in (models / "speech").iterdir() if file.suffix in SOUND_FILES)
    readings = {file.stem: read(file).samples for file in files}
    texts: dict[str, list[str]] = {}
    silences: dict[str, list[Silence]] = {}
    async for name, stops, words in _recorded(readings, models, settings):
        silences[name], texts[name] = stops, words
    rows = {
        # Each reader is a player of whom nothing is known.
        name: outcomes([stops], settings.turns, detector=True)[0]
        for name, stops in silences.items()
    }
    return summary(rows, texts)


def summary(rows: dict[str, list[Outcome]], texts: dict[str, list[str]]) -> Pauses:
    """The rates of all readings."""
    pauses = [
        _pause(name, outcome, text)
        for name, row in rows.items()
        for outcome, text in zip(row, texts[name], strict=True)
    ]
    inner = [pause for pause in pauses if pause.pause_ms is not None]
    ends = [pause.delay_ms for pause in pauses if pause.pause_ms is None and pause.delay_ms]
    return Pauses(
        n=len(inner),
        split_turn_rate=share(pause.split for pause in inner),
        false_cut_rate=share(pause.heard for pause in inner),
        free_delay_ms=float(np.median(ends)) if ends else float("nan"),
        pauses=pauses,
    )


def _pause(name: str, outcome: Outcome, text: str) -> Pause:
    silence, ended_ms = outcome.silence, outcome.ended_ms
    return Pause(
        reading=name,
        at_ms=silence.from_ms,
        pause_ms=pause_ms_of(silence),
        text=text,
        completeness=silence.by_words[-1].name.lower(),
        end_probability=silence.end_probability,
        text_after_ms=silence.text_after_ms,
        delay_ms=None if ended_ms is None else ended_ms - silence.from_ms,
        heard=outcome.heard,
        split=outcome.split,
    )


# ---- the record ----------------------------------------------------------------------------------


async def _recorded(
    readings: dict[str, Samples], models: Path, settings: FrametalkSettings
) -> AsyncIterator[tuple[str, list[Silence], list[str]]]:
    """The silences of each reading, and the text in each."""
    vad = registry.create("vad", settings.vad.adapter, settings.vad.options)
    asr = registry.create("asr", settings.asr.adapter, settings.asr.options)
    mind = registry.create("llm", settings.llm.adapter, settings.llm.options)
    detector = _detector(models, settings)
    adapters = [each for each in (vad, asr, mind, detector) if each is not None]
    try:
        for adapter in adapters:
            await adapter.start()
        world = GameWorld(load_world(WORLD))
        bias = expected(world.entities.values(), world.tools, mind.phrases(mind.characters[0]))
        await asr.prepare(bias)
        recorder = _Recorder(vad, asr, detector, bias)
        for name, samples in readings.items():
            yield name, *await recorder.silences(samples)
    finally:
        for adapter in adapters:
            await adapter.close()


def _detector(models: Path, settings: FrametalkSettings) -> TurnDetector | None:
    if settings.turn.adapter:
        detector: TurnDetector = registry.create(
            "turn", settings.turn.adapter, settings.turn.options
        )
        return detector
    files = sorted((models / "smart-turn").glob("*.onnx"))
    return registry.create("turn", "smart_turn", {"file": str(files[0])}) if files else None


class _Recorder:
    """Hears one reading after the other as a session does."""

    def __init__(
        self, vad: Vad, asr: Recogniser, detector: TurnDetector | None, bias: Bias
    ) -> None:
        self._vad, self._asr, self._detector, self._bias = vad, asr, detector, bias
        self._commands = Commands(bias.phrases, bias.verbs, bias.things)

    async def silences(self, samples: Samples) -> tuple[list[Silence], list[str]]:
        """Every pause of 200 ms and more and the end, and the text in each."""
        lead, tail = (
            np.zeros(ms_to_samples(ms, RECOGNITION_RATE_HZ), np.int16) for ms in (LEAD_MS, TAIL_MS)
        )
        sound = np.concatenate((lead, samples, tail))
        stream = self._asr.open(self._bias, lambda _hypothesis: None)
        silences, texts, fed = [], [], 0
        for stop in stops(self._vad, sound):
            known = stop.at + ms_to_samples(SETTINGS.pause_ms, RECOGNITION_RATE_HZ)
            stream.feed(sound[fed:known].tobytes())
            fed = known
            await _idle()
            before_s = _processor_s()
            heard = await stream.finalize()
            needed_ms = (_processor_s() - before_s) * 1000
            kind = completeness_of(heard.text, self._commands, "en", heard.alternatives)
            probability = await self._detect(sound, stop)
            silences.append(_silence(stop, kind, probability, SETTINGS.pause_ms + needed_ms))
            texts.append(heard.text)
        stream.cancel()
        return silences, texts

    async def _detect(self, sound: Samples, stop: Stop) -> float | None:
        if self._detector is None:
            return None
        silent_ms = SETTINGS.pause_ms + DETECTOR_SILENCE_MS
        until = stop.at + ms_to_samples(silent_ms, RECOGNITION_RATE_HZ)
        return await self._detector.end_probability(sound[stop.start : until])


def stops(vad: Vad, sound: Samples) -> list[Stop]:
    """The pauses of 200 ms and more, and the end."""
    stream, window = vad.open(), vad.window_samples
    endpointer = Endpointer(SETTINGS, RECOGNITION_RATE_HZ)
    endpointer.manual = True
    found: list[Stop] = []
    start = 0
    for at in range(0, len(sound) - window + 1, window):
        for event in endpointer.push(at, window, stream.process(sound[at : at + window])):
            if isinstance(event, SpeechStarted):
                start = event.at
            elif isinstance(event, SpeechPaused):
                found.append(Stop(start, event.at, None))
            elif isinstance(event, SpeechResumed):
                found[-1] = found[-1]._replace(to=event.at)
    shortest = ms_to_samples(SHORTEST_MS, RECOGNITION_RATE_HZ)
    return [stop for stop in found if stop.to is None or stop.to - stop.at >= shortest]


def _silence(
    stop: Stop, kind: Completeness, probability: float | None, text_after_ms: float
) -> Silence:
    from_ms = samples_to_ms(stop.at, RECOGNITION_RATE_HZ)
    to_ms = None if stop.to is None else samples_to_ms(stop.to, RECOGNITION_RATE_HZ)
    return Silence(from_ms, to_ms, from_ms, [kind], probability, text_after_ms)


def _processor_s() -> float:
    """Processor time of this process and its workers, in seconds."""
    this = psutil.Process()
    processes: Sequence[psutil.Process] = (this, *this.children(recursive=True))
    return sum(sum(process.cpu_times()[:2]) for process in processes)


async def _idle() -> None:
    """Wait until the recogniser has read what it was fed."""
    before_s = -1.0
    while (now_s := _processor_s()) - before_s > IDLE_S / 3:
        before_s = now_s
        await asyncio.sleep(IDLE_S)
