"""Where labelled turns are called over, in audio time: the same sound under many settings.

Speech, text and, where there is one, the judge's word are recorded once for each pause; then each rule
decides on the record. Nothing here depends on how fast the machine is.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from frametalk.adapters import registry
from frametalk.bench.turns.turn_set import Utterance, render
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

WORLD = "tavern"
TAIL_MS = 400  # silence recorded behind an utterance
LEAD_MS = 500
PAUSE_MS = 32.0
REPLY_HEARD_MS = 60  # a reply that is ready is heard this long after its turn is called over
SPEAKER_HEARD_MS = 64  # speech is known to be speech after this long
FIXED_MS = (160, 200, 250, 300, 400, 480, 600, 800, 1_000)
COMPLETE_MS = (96, 128, 160, 176, 208, 256, 320, 400)
WINDOW_MS = 32
ORDER_SEED = 0
LONGEST_WINDOWS = 100  # 3.2 s: longer than any rule waits


class Silence(NamedTuple):
    """A silence in or after an utterance, in ms on the utterance's clock.

    `from_ms` as the detector has it; `to_ms` is where speech goes on, None at the end. `by_words`: how
    finished the text sounds, window by window of the silence; `judged`: the judge's word on it.
    """

    from_ms: float
    to_ms: float | None
    true_from_ms: float
    by_words: list[Completeness]
    judged: float | None


class Point(msgspec.Struct, frozen=True):
    """One rule at one setting.

    `response_gap_ms`: true end of speech to the turn's end, median over all utterances that were not cut
    off; `false_cut_rate`: share of utterances of which a reply would have been heard before their end;
    `called_over_rate`: share that was called over before its end, repaired or not.
    """

    rule: str
    setting_ms: float
    response_gap_ms: float
    false_cut_rate: float
    called_over_rate: float


async def record(
    utterances: Iterable[Utterance], settings: FrametalkSettings
) -> list[list[Silence]]:
    """Hear all utterances once. Raises FrametalkError when an engine cannot be had."""
    vad = registry.create("vad", settings.vad.adapter, settings.vad.options)
    asr = registry.create("asr", settings.asr.adapter, settings.asr.options)
    mind = registry.create("llm", settings.llm.adapter, settings.llm.options)
    judge = None
    if settings.turn.adapter:
        judge = registry.create("turn", settings.turn.adapter, settings.turn.options)
    adapters = [one for one in (vad, asr, mind, judge) if one is not None]
    try:
        for adapter in adapters:
            await adapter.start()
        world = GameWorld(load_world(WORLD))
        bias = expected(world.entities.values(), world.tools, mind.phrases(mind.characters[0]))
        await asr.prepare(bias)
        listener = _Listener(vad, asr, judge, bias)
        return [await listener.silences(utterance) for utterance in utterances]
    finally:
        for adapter in adapters:
            await adapter.close()


class _Listener:
    """Hears one utterance after the other as a session does."""

    def __init__(self, vad: Vad, asr: Recogniser, judge: TurnDetector | None, bias: Bias) -> None:
        self._vad, self._asr, self._judge, self._bias = vad, asr, judge, bias
        self._commands = Commands(bias.phrases, bias.verbs, bias.things)

    async def silences(self, utterance: Utterance) -> list[Silence]:
        """Every silence that the detector finds."""
        rendered = render(utterance)
        lead, tail = (
            np.zeros(ms * RECOGNITION_RATE_HZ // 1000, np.int16) for ms in (LEAD_MS, TAIL_MS)
        )
        sound = np.concatenate((lead, rendered.samples, tail))
        ends_ms = [_ms(end) for _start, end in rendered.pieces]
        vad, window = self._vad.open(), self._vad.window_samples
        ear = self._asr.open(self._bias, lambda _heard: None)
        endpointer = Endpointer(TurnSettings(pause_ms=PAUSE_MS), RECOGNITION_RATE_HZ)
        endpointer.manual = True
        found: list[Silence] = []
        for at in range(0, len(sound) - window + 1, window):
            piece = sound[at : at + window]
            ear.feed(piece.tobytes())
            for event in endpointer.push(at, window, vad.process(piece)):
                if isinstance(event, SpeechPaused):
                    judged = await self._judged(sound[len(lead) : at + window])
                    from_ms = _ms(event.at - len(lead))
                    off_ms = [abs(end_ms - from_ms) for end_ms in ends_ms]
                    true_ms = ends_ms[off_ms.index(min(off_ms))]
                    found.append(Silence(from_ms, None, true_ms, [], judged))
                elif isinstance(event, SpeechResumed):
                    found[-1] = found[-1]._replace(to_ms=_ms(event.at - len(lead)))
            if endpointer.paused:
                heard, kinds = await ear.finalize(), found[-1].by_words
                kind = completeness_of(heard.text, self._commands, "en", heard.alternatives)
                # As in a session: a whole command stays one, whatever a breath is taken for.
                stays = bool(kinds) and kinds[-1] is Completeness.COMPLETE
                kinds.append(Completeness.COMPLETE if stays else kind)
        ear.cancel()
        return found

    async def _judged(self, sound: Samples) -> float | None:
        return None if self._judge is None else await self._judge.end_probability(sound)


def _ms(samples: int) -> float:
    return samples * 1000 / RECOGNITION_RATE_HZ


# ---- rules ---------------------------------------------------------------------------------------


def curve(recorded: Sequence[Sequence[Silence]]) -> list[Point]:
    """False cut-offs against response gap: a plain timeout, our rules, and with a judge's word.

    Utterances come in random order, for what is learnt of the player on the way.
    """
    order = np.random.default_rng(ORDER_SEED).permutation(len(recorded))
    recorded = [recorded[index] for index in order]
    points = [_point("fixed timeout", ms, _fixed(recorded, ms), repairs=False) for ms in FIXED_MS]
    judged = any(silence.judged is not None for silences in recorded for silence in silences)
    for name, with_judge in (("words", False), ("words + smart-turn", True))[: 1 + judged]:
        points += [
            _point(name, ms, _by_words(recorded, ms, judged=with_judge), repairs=True)
            for ms in COMPLETE_MS
        ]
    return points


_Ends = list[list[tuple[Silence, float | None]]]
"""Of each silence of each utterance when the turn was called over in it, if it was."""


def _fixed(recorded: Sequence[Sequence[Silence]], ms: float) -> _Ends:
    return [[(one, _ended_ms(one, lambda _n: ms)) for one in silences] for silences in recorded]


def _by_words(recorded: Sequence[Sequence[Silence]], ms: float, *, judged: bool) -> _Ends:
    """The player's pauses are learnt on the way."""
    delays = EndpointDelays(
        TurnSettings(
            endpoint_delay_complete_ms=ms,
            endpoint_delay_ms=max(480, ms),
            endpoint_delay_incomplete_ms=1_400,
        )
    )
    ends: _Ends = []
    for silences in recorded:
        row: list[tuple[Silence, float | None]] = []
        for silence in silences:
            ended_ms = _ended_ms(silence, partial(_delay_ms, delays, silence, judged))
            row.append((silence, ended_ms))
            # As a session learns: from pauses that it waited out or took a reply back for.
            gone_on = silence.to_ms is not None and not _heard_before(ended_ms, silence.to_ms)
            pause_ms = (silence.to_ms or 0) - silence.from_ms if gone_on else 0
            delays.add(_kind(silence, -1, judged), pause_ms)
        ends.append(row)
    return ends


def _delay_ms(delays: EndpointDelays, silence: Silence, judged: bool, window: int) -> float:
    return delays.delay_ms(_kind(silence, window, judged))


def _kind(silence: Silence, window: int, judged: bool) -> Completeness:
    """How finished it sounds in that window of the silence, and from the last recorded one on."""
    kinds = silence.by_words
    kind = kinds[min(window, len(kinds) - 1)]
    if judged and silence.judged is not None:
        return with_detector(kind, silence.judged)
    return kind


def _ended_ms(silence: Silence, wait_ms: Callable[[int], float]) -> float | None:
    """When the silence was long enough, known at the end of a window; None if speech came first."""
    for number in range(LONGEST_WINDOWS):
        silent_ms = (number + 1) * WINDOW_MS
        if silence.to_ms is not None and silence.from_ms + silent_ms >= silence.to_ms:
            return None
        if silent_ms >= wait_ms(number):
            return silence.from_ms + silent_ms
    return None


def _heard_before(ended_ms: float | None, speech_ms: float) -> bool:
    """Whether a reply to a turn called over then is heard before speech is known to go on."""
    return ended_ms is not None and speech_ms + SPEAKER_HEARD_MS > ended_ms + REPLY_HEARD_MS


def _point(rule: str, ms: float, ends: _Ends, *, repairs: bool) -> Point:
    """A rule that `repairs` takes a reply back when the player goes on before it is heard."""
    gaps: list[float] = []
    heard, over = 0, 0
    for row in ends:
        early = [(one, at_ms) for one, at_ms in row if one.to_ms is not None and at_ms is not None]
        cut = any(not repairs or _heard_before(at_ms, one.to_ms or 0) for one, at_ms in early)
        over += bool(early)
        heard += cut
        last, at_ms = row[-1]
        if not cut and at_ms is not None:
            gaps.append(at_ms - last.true_from_ms)
    gap_ms = float(np.median(gaps)) if gaps else float("nan")
    return Point(
        rule, ms, round(gap_ms, 1), round(heard / len(ends), 4), round(over / len(ends), 4)
    )
