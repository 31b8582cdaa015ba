"""The rules for a turn's end on recorded silences: where turns end, are heard too early, or split."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np

from frametalk.config import TurnSettings
from frametalk.core.completeness import UNSURE, Completeness, EndpointDelays

REPLY_HEARD_MS = 60  # a reply that is ready is heard this long after its turn ends
FIXED_MS = (160, 200, 250, 300, 400, 480, 600, 800, 1_000)
COMPLETE_MS = (96, 128, 160, 176, 208, 256, 320, 400)
PAUSES_MS = (200, 300, 400, 500, 600, 700, 800, 1_000)
WINDOW_MS = 32
DETECTED_MS = 320  # silence after which a turn detector's probability is known
ORDER_SEED = 0
SETTINGS = TurnSettings()
LONGEST_WINDOWS = 100  # 3.2 s: longer than any endpoint delay


class Silence(NamedTuple):
    """A silence in or after an utterance, in ms on the utterance's clock.

    `from_ms` is detected, `true_from_ms` labelled; `to_ms` is where speech goes on, None at the end.
    `by_words`: completeness of the text after each window of the silence. `end_probability`: the turn
    detector's. `text_after_ms`: the recogniser needs so long for the text.
    """

    from_ms: float
    to_ms: float | None
    true_from_ms: float
    by_words: list[Completeness]
    end_probability: float | None
    text_after_ms: float = 0.0


class Outcome(NamedTuple):
    """What a silence did to the turn. `ended_ms`: None when the turn went on through it.

    `heard`: its reply was heard before the player went on. `split`: what followed was a turn of its own.
    """

    silence: Silence
    ended_ms: float | None
    heard: bool = False
    split: bool = False


class Point(msgspec.Struct, frozen=True):
    """One rule at one setting.

    `response_gap_ms`: true end of speech to the turn's end, median over all utterances without a false cut;
    `false_cut_rate`: share of utterances in which a reply would have been heard before their end;
    `split_turn_rate`: share of utterances whose words would have ended up in two turns;
    `early_end_rate`: share of utterances whose turn ended before they did, continued afterwards or not.
    """

    rule: str
    setting_ms: float
    response_gap_ms: float
    false_cut_rate: float
    split_turn_rate: float
    early_end_rate: float


class ByPause(msgspec.Struct, frozen=True):
    """What our rules did in the pauses of at least `pause_ms`, up to the next entry: shares of `n`."""

    pause_ms: float
    n: int
    false_cut_rate: float
    split_turn_rate: float


def curve(recorded: Sequence[Sequence[Silence]]) -> list[Point]:
    """False cuts and split turns against response gap: a fixed timeout, and our rules.

    With a turn detector in the record, our rules also with that.

    Utterances come in random order, because the rules learn the player's pauses from them.
    """
    recorded = _shuffled(recorded)
    points = [_point("fixed timeout", ms, _fixed(recorded, ms)) for ms in FIXED_MS]
    for name, detector in (("words", False), ("words + smart-turn", True))[: 1 + _heard(recorded)]:
        points += [
            _point(name, ms, outcomes(recorded, _settings(ms), detector=detector))
            for ms in COMPLETE_MS
        ]
    return points


def by_pause(recorded: Sequence[Sequence[Silence]]) -> list[ByPause]:
    """What our rules do in pauses of each length, at the default settings."""
    recorded = _shuffled(recorded)
    rows = outcomes(recorded, SETTINGS, detector=_heard(recorded))
    found = [(pause_ms_of(one.silence), one) for row in rows for one in row]
    bins = []
    for least, next_ms in zip(PAUSES_MS, (*PAUSES_MS[1:], np.inf), strict=True):
        these = [one for ms, one in found if ms is not None and least <= ms < next_ms]
        if these:
            cut, split = share(one.heard for one in these), share(one.split for one in these)
            bins.append(ByPause(least, len(these), cut, split))
    return bins


def pause_ms_of(silence: Silence) -> float | None:
    """The length of a pause; None for the silence at the end."""
    return None if silence.to_ms is None else silence.to_ms - silence.from_ms


def share(values: Iterable[bool]) -> float:
    """The share of true ones; 0 if there are none."""
    counted = list(values)
    return round(sum(counted) / len(counted), 4) if counted else 0.0


def outcomes(
    recorded: Sequence[Sequence[Silence]], settings: TurnSettings, *, detector: bool
) -> list[list[Outcome]]:
    """What each silence of each utterance does by our rules, which learn the player's pauses on the way."""
    delays = EndpointDelays(settings)
    rows: list[list[Outcome]] = []
    for silences in recorded:
        row: list[Outcome] = []
        for silence in silences:
            ended_ms = _ended_ms(silence, partial(_delay_ms, delays, silence, detector))
            outcome = _outcome(silence, ended_ms, settings.soft_start_ms)
            row.append(outcome)
            # A session learns from pauses after which the player continued the turn.
            pause_ms = 0.0 if outcome.split else pause_ms_of(silence) or 0.0
            delays.add(_kind(silence, -1), pause_ms)
        rows.append(row)
    return rows


def _settings(complete_ms: float) -> TurnSettings:
    return TurnSettings(
        endpoint_delay_complete_ms=complete_ms,
        endpoint_delay_ms=max(SETTINGS.endpoint_delay_ms, complete_ms),
    )


def _shuffled(recorded: Sequence[Sequence[Silence]]) -> list[Sequence[Silence]]:
    order = np.random.default_rng(ORDER_SEED).permutation(len(recorded))
    return [recorded[index] for index in order]


def _heard(recorded: Sequence[Sequence[Silence]]) -> bool:
    """Whether a turn detector heard the silences."""
    return any(silence.end_probability is not None for row in recorded for silence in row)


def _fixed(recorded: Sequence[Sequence[Silence]], ms: float) -> list[list[Outcome]]:
    """A fixed timeout; its turns cannot continue."""
    rows = []
    for row in recorded:
        ends = ((silence, _ended_ms(silence, lambda _n: ms)) for silence in row)
        rows.append([Outcome(one, at, *(_early(one, at),) * 2) for one, at in ends])
    return rows


def _early(silence: Silence, ended_ms: float | None) -> bool:
    return ended_ms is not None and silence.to_ms is not None


def _outcome(silence: Silence, ended_ms: float | None, soft_start_ms: float) -> Outcome:
    if ended_ms is None or silence.to_ms is None:
        return Outcome(silence, ended_ms)
    heard_ms = max(ended_ms, silence.from_ms + silence.text_after_ms) + REPLY_HEARD_MS
    heard = silence.to_ms + SETTINGS.start_ms > heard_ms
    split = heard and silence.to_ms > heard_ms + soft_start_ms
    return Outcome(silence, ended_ms, heard, split)


def _delay_ms(delays: EndpointDelays, silence: Silence, detector: bool, window: int) -> float:
    """The endpoint delay in that window of the silence, as far as text and sound are known by then."""
    silent_ms = (window + 1) * WINDOW_MS
    if silent_ms < silence.text_after_ms:
        return delays.delay_ms(Completeness.INCOMPLETE)
    probability = silence.end_probability if detector else None
    if probability is not None and silent_ms < DETECTED_MS:
        probability = UNSURE
    return delays.delay_ms(_kind(silence, window), probability)


def _kind(silence: Silence, window: int) -> Completeness:
    """Completeness in that window of the silence; the last recorded window counts for later ones."""
    kinds = silence.by_words
    return kinds[min(window, len(kinds) - 1)]


def _ended_ms(silence: Silence, delay_ms: Callable[[int], float]) -> float | None:
    """When the turn ended, at the end of a window; None if speech came first."""
    for number in range(LONGEST_WINDOWS):
        silent_ms = (number + 1) * WINDOW_MS
        if silence.to_ms is not None and silence.from_ms + silent_ms >= silence.to_ms:
            return None
        if silent_ms >= delay_ms(number):
            return silence.from_ms + silent_ms
    return None


def _point(rule: str, ms: float, rows: Sequence[Sequence[Outcome]]) -> Point:
    whole = [row[-1] for row in rows if not any(one.heard for one in row)]
    gaps = [one.ended_ms - one.silence.true_from_ms for one in whole if one.ended_ms is not None]
    return Point(
        rule,
        ms,
        response_gap_ms=round(float(np.median(gaps)), 1) if gaps else float("nan"),
        false_cut_rate=share(any(one.heard for one in row) for row in rows),
        split_turn_rate=share(any(one.split for one in row) for row in rows),
        early_end_rate=share(any(_early(one.silence, one.ended_ms) for one in row) for row in rows),
    )
