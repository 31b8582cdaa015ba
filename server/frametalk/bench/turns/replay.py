"""Where labelled turns end, in audio time: the same sound under many settings.

Speech, text and, if there is one, the turn detector's probability are recorded once for each pause; then
each rule (`ends.py`) decides on that record. Nothing here depends on the speed of the machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from frametalk.bench.turns.ends import SETTINGS, Silence
from frametalk.bench.turns.turn_set import WORLD, Utterance
from frametalk.bench.turns.utterance_sound import render
from frametalk.core.audio import RECOGNITION_RATE_HZ, ms_to_samples
from frametalk.core.commands import Commands
from frametalk.core.completeness import DETECTOR_SILENCE_MS, Completeness, completeness_of
from frametalk.core.endpointing import Endpointer
from frametalk.core.events import SpeechPaused, SpeechResumed
from frametalk.engines import started
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.pipeline.world import expected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from frametalk.adapters.base import Bias, Recogniser, TurnDetector, Vad
    from frametalk.config import FrametalkSettings
    from frametalk.core.audio import Samples

TAIL_MS = 400  # silence recorded after an utterance
LEAD_MS = 500  # and before it


async def record(
    utterances: Iterable[Utterance], settings: FrametalkSettings
) -> list[list[Silence]]:
    """Recognise all utterances once. Raises FrametalkError if an engine does not start."""
    async with started(settings) as engines:
        world, mind = GameWorld(load_world(WORLD)), engines.llm
        bias = expected(world.entities.values(), world.tools, mind.phrases(mind.characters[0]))
        await engines.asr.prepare(bias)
        recorder = _Recorder(engines.vad, engines.asr, engines.turn, bias)
        return [await recorder.silences(utterance) for utterance in utterances]


class _Recorder:
    """Recognises one utterance after the other as a session does."""

    def __init__(
        self, vad: Vad, asr: Recogniser, detector: TurnDetector | None, bias: Bias
    ) -> None:
        self._vad, self._asr, self._detector, self._bias = vad, asr, detector, bias
        self._commands = Commands(bias.phrases, bias.verbs, bias.things)

    async def silences(self, utterance: Utterance) -> list[Silence]:
        """Every silence that voice activity detection finds."""
        rendered = render(utterance)
        lead, tail = (
            np.zeros(ms * RECOGNITION_RATE_HZ // 1000, np.int16) for ms in (LEAD_MS, TAIL_MS)
        )
        sound = np.concatenate((lead, rendered.samples, tail))
        ends_ms = [_ms(end) for _start, end in rendered.pieces]
        vad, window = self._vad.open(), self._vad.window_samples
        stream = self._asr.open(self._bias, lambda _hypothesis: None)
        endpointer = Endpointer(SETTINGS, RECOGNITION_RATE_HZ)
        endpointer.manual = True
        found: list[Silence] = []
        for at in range(0, len(sound) - window + 1, window):
            piece = sound[at : at + window]
            stream.feed(piece.tobytes())
            for event in endpointer.push(at, window, vad.process(piece)):
                if isinstance(event, SpeechPaused):
                    silence = ms_to_samples(DETECTOR_SILENCE_MS, RECOGNITION_RATE_HZ)
                    probability = await self._detect(sound[len(lead) : at + window + silence])
                    from_ms = _ms(event.at - len(lead))
                    off_ms = [abs(end_ms - from_ms) for end_ms in ends_ms]
                    true_ms = ends_ms[off_ms.index(min(off_ms))]
                    found.append(Silence(from_ms, None, true_ms, [], probability))
                elif isinstance(event, SpeechResumed):
                    found[-1] = found[-1]._replace(to_ms=_ms(event.at - len(lead)))
            if endpointer.paused:
                text, kinds = await stream.finalize(), found[-1].by_words
                kind = completeness_of(text.text, self._commands, "en", text.alternatives)
                # As in a session: a complete command stays complete, also if a breath adds a word.
                complete = bool(kinds) and kinds[-1] is Completeness.COMPLETE
                kinds.append(Completeness.COMPLETE if complete else kind)
        stream.cancel()
        return found

    async def _detect(self, sound: Samples) -> float | None:
        return None if self._detector is None else await self._detector.end_probability(sound)


def _ms(samples: int) -> float:
    return samples * 1000 / RECOGNITION_RATE_HZ
