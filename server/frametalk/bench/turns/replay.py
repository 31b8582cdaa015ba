"""Where labelled turns end, in audio time: the same sound under many settings.

Speech, text and, if there is one, the turn detector's probability are recorded once for each pause; then
each rule decides on that record. Nothing here depends on the speed of the machine.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from frametalk.adapters import registry
from frametalk.bench.turns.turn_set import WORLD, Utterance
from frametalk.bench.turns.utterance_sound import render
from frametalk.config import TurnSettings
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.core.commands import Commands
from frametalk.core.completeness import Completeness, EndpointDelays, completeness_of, with_detector
from frametalk.core.endpointing import Endpointer
from frametalk.core.events import SpeechPaused, SpeechResumed
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.pipeline.world import expected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from frametalk.adapters.base import Bias, Recogniser, TurnDetector, Vad
    from frametalk.config import FrametalkSettings
    from frametalk.core.audio import Samples

TAIL_MS = 400  # silence recorded after an utterance
LEAD_MS = 500  # and before it
REPLY_HEARD_MS = 60  # a reply that is ready is heard this long after its turn ends
FIXED_MS = (160, 200, 250, 300, 400, 480, 600, 800, 1_000)
COMPLETE_MS = (96, 128, 160, 176, 208, 256, 320, 400)
WINDOW_MS = 32
ORDER_SEED = 0
SETTINGS = TurnSettings()
LONGEST_WINDOWS = 100  # 3.2 s: longer than any endpoint delay


class Silence(NamedTuple):
    """A silence in or after an utterance, in ms on the utterance's clock.

    `from_ms` is detected, `true_from_ms` labelled; `to_ms` is where speech goes on, None at the end.
    `by_words`: completeness of the text after each window of the silence. `end_probability`: the turn
    detector's.
    """

    from_ms: float
    to_ms: float | None
    true_from_ms: float
    by_words: list[Completeness]
    end_probability: float | None


class Point(msgspec.Struct, frozen=True):
    """One rule at one setting.

    `response_gap_ms`: true end of speech to the turn's end, median over all utterances without a false cut;
    `false_cut_rate`: share of utterances in which a reply would have been heard before their end;
    `early_end_rate`: share of utterances whose turn ended before they did, continued afterwards or not.
    """

    rule: str
    setting_ms: float
    response_gap_ms: float
    false_cut_rate: float
    early_end_rate: float


async def record(
    utterances: Iterable[Utterance], settings: FrametalkSettings
) -> list[list[Silence]]:
    """Recognise all utterances once. Raises FrametalkError if an engine does not start."""
    vad = registry.create("vad", settings.vad.adapter, settings.vad.options)
    asr = registry.create("asr", settings.asr.adapter, settings.asr.options)
    mind = registry.create("llm", settings.llm.adapter, settings.llm.options)
    detector = None
    if settings.turn.adapter:
        detector = registry.create("turn", settings.turn.adapter, settings.turn.options)
    adapters = [each for each in (vad, asr, mind, detector) if each is not None]
    try:
        for adapter in adapters:
            await adapter.start()
        world = GameWorld(load_world(WORLD))
        bias = expected(world.entities.values(), world.tools, mind.phrases(mind.characters[0]))
        await asr.prepare(bias)
        recorder = _Recorder(vad, asr, detector, bias)
        return [await recorder.silences(utterance) for utterance in utterances]
    finally:
        for adapter in adapters:
            await adapter.close()


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
                    probability = await self._detect(sound[len(lead) : at + window])
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


# ---- rules ---------------------------------------------------------------------------------------


def curve(recorded: Sequence[Sequence[Silence]]) -> list[Point]:
    """False cuts against response gap: a fixed timeout, our rules, and our rules with a turn detector.

    Utterances come in random order, because the rules learn the player's pauses from them.
    """
    order = np.random.default_rng(ORDER_SEED).permutation(len(recorded))
    recorded = [recorded[index] for index in order]
    points = [_point("fixed timeout", ms, _fixed(recorded, ms), repairs=False) for ms in FIXED_MS]
    detected = any(silence.end_probability is not None for row in recorded for silence in row)
    for name, detector in (("words", False), ("words + smart-turn", True))[: 1 + detected]:
        points += [
            _point(name, ms, _by_words(recorded, ms, detector=detector), repairs=True)
            for ms in COMPLETE_MS
        ]
    return points


_Ends = list[list[tuple[Silence, float | None]]]
"""For each silence of each utterance: when the turn ended in it, or None."""


def _fixed(recorded: Sequence[Sequence[Silence]], ms: float) -> _Ends:
    return [[(silence, _ended_ms(silence, lambda _n: ms)) for silence in row] for row in recorded]


def _by_words(recorded: Sequence[Sequence[Silence]], ms: float, *, detector: bool) -> _Ends:
    """Our rules; they learn the player's pauses on the way."""
    delays = EndpointDelays(
        TurnSettings(
            endpoint_delay_complete_ms=ms,
            endpoint_delay_ms=max(SETTINGS.endpoint_delay_ms, ms),
        )
    )
    ends: _Ends = []
    for silences in recorded:
        row: list[tuple[Silence, float | None]] = []
        for silence in silences:
            ended_ms = _ended_ms(silence, partial(_delay_ms, delays, silence, detector))
            row.append((silence, ended_ms))
            # A session learns from pauses after which the player continued the turn.
            gone_on = silence.to_ms is not None and not _heard_before(ended_ms, silence.to_ms)
            pause_ms = (silence.to_ms or 0) - silence.from_ms if gone_on else 0
            delays.add(_completeness(silence, -1, detector), pause_ms)
        ends.append(row)
    return ends


def _delay_ms(delays: EndpointDelays, silence: Silence, detector: bool, window: int) -> float:
    return delays.delay_ms(_completeness(silence, window, detector))


def _completeness(silence: Silence, window: int, detector: bool) -> Completeness:
    """Completeness in that window of the silence; the last recorded window counts for later ones."""
    kinds = silence.by_words
    kind = kinds[min(window, len(kinds) - 1)]
    if detector and silence.end_probability is not None:
        return with_detector(kind, silence.end_probability)
    return kind


def _ended_ms(silence: Silence, delay_ms: Callable[[int], float]) -> float | None:
    """When the turn ended, at the end of a window; None if speech came first."""
    for number in range(LONGEST_WINDOWS):
        silent_ms = (number + 1) * WINDOW_MS
        if silence.to_ms is not None and silence.from_ms + silent_ms >= silence.to_ms:
            return None
        if silent_ms >= delay_ms(number):
            return silence.from_ms + silent_ms
    return None


def _heard_before(ended_ms: float | None, speech_ms: float) -> bool:
    """Whether the reply to a turn that ended then is heard before continued speech is detected."""
    return ended_ms is not None and speech_ms + SETTINGS.start_ms > ended_ms + REPLY_HEARD_MS


def _point(rule: str, ms: float, ends: _Ends, *, repairs: bool) -> Point:
    """A rule that `repairs` discards a reply if the player continues before it is heard."""
    gaps: list[float] = []
    false_cuts, early_ends = 0, 0
    for row in ends:
        early = [(s.to_ms, at_ms) for s, at_ms in row if s.to_ms is not None and at_ms is not None]
        cut = any(not repairs or _heard_before(at_ms, to_ms) for to_ms, at_ms in early)
        early_ends += bool(early)
        false_cuts += cut
        last, at_ms = row[-1]
        if not cut and at_ms is not None:
            gaps.append(at_ms - last.true_from_ms)
    gap_ms = float(np.median(gaps)) if gaps else float("nan")
    return Point(
        rule,
        ms,
        round(gap_ms, 1),
        round(false_cuts / len(ends), 4),
        round(early_ends / len(ends), 4),
    )
