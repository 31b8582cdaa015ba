"""The numbers of the turns suite, made from the outcomes of its trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from frametalk.bench.report import Machine
from frametalk.bench.samples import Distribution
from frametalk.bench.turns.ends import ByPause, Point
from frametalk.bench.turns.live import BargeInTrial, EchoTrials, TurnTrial
from frametalk.bench.waterfalls import Waterfalls

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from frametalk.bench.samples import Traced

NOT_BARGE_IN = frozenset({"backchannel", "cough", "noise"})


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One server's numbers for the whole set.

    `mouth_to_ear_ms`: complete commands, true end of speech to the answer's first audible sample;
    `mouth_to_ear_all_ms`: everything said to a silent character. `false_cut_rate`: share of these during
    which a reply was heard, `split_turn_rate` share of which the words ended up in two turns; `..._by_kind`
    splits them. `ready_at_end_rate`: commands whose answer
    was ready at the turn's end. `duck_ms`: onset of a sound over a reply to the lowered reply.
    `barge_in_stop_ms`: onset of a barge-in to the reply's last sample. Of the backchannels, coughs and
    noises, `backchannel_kept_rate` did not cut the reply and `backchannel_paused_rate` paused it.
    `waste_ratio`: discarded drafts, of all drafts. `traced`: the server's own traces of all turns.
    """

    mouth_to_ear_ms: Distribution
    mouth_to_ear_all_ms: Distribution
    false_cut_rate: float
    false_cut_rate_by_kind: dict[str, float]
    split_turn_rate: float
    split_turn_rate_by_kind: dict[str, float]
    ready_at_end_rate: float
    duck_ms: Distribution
    barge_in_stop_ms: Distribution
    barge_in_missed: int
    backchannel_kept_rate: float
    backchannel_paused_rate: float
    waste_ratio: float | None
    self_interruptions: int | None = None
    echo: list[EchoTrials] = []
    traced: Waterfalls = Waterfalls()
    lost: list[str] = []
    turns: list[TurnTrial] = []
    over_reply: list[BargeInTrial] = []


class TurnsReport(msgspec.Struct, frozen=True, kw_only=True):
    """The turns suite. The most important numbers of `ours` are repeated at the top.

    `sessions` players spoke at once. `bench_lag_ms`: how late a timer fired in the bench, beside them.
    """

    suite: str
    sessions: int
    utterances: int
    mouth_to_ear_ms: Distribution
    false_cut_rate: float
    split_turn_rate: float
    ready_at_end_rate: float
    duck_ms: Distribution
    barge_in_stop_ms: Distribution
    backchannel_kept_rate: float
    self_interruptions: int | None
    waste_ratio: float | None
    ours: Measured
    fixed_timeout: Measured
    bench_lag_ms: Distribution
    curve: list[Point]
    by_pause: list[ByPause]
    settings: list[str]
    machine: Machine
    versions: dict[str, str]


def summary(
    turns: list[TurnTrial],
    over: list[BargeInTrial],
    echoes: list[EchoTrials],
    wasted: float | None,
    traces: Iterable[Traced] = (),
) -> Measured:
    """The numbers of all trials of one server; `wasted` is its waste ratio."""
    commands = [trial for trial in turns if trial.kind == "command" and not trial.false_cut]
    ignorable = [trial for trial in over if trial.kind in NOT_BARGE_IN and not trial.lost]
    interruptions = [trial for trial in over if trial.kind == "interruption" and not trial.lost]
    kinds = sorted({trial.kind for trial in turns})
    return Measured(
        mouth_to_ear_ms=_distribution(commands, "mouth_to_ear_ms"),
        mouth_to_ear_all_ms=_distribution(
            [trial for trial in turns if not trial.false_cut], "mouth_to_ear_ms"
        ),
        false_cut_rate=_share(trial.false_cut for trial in turns),
        false_cut_rate_by_kind={
            kind: _share(trial.false_cut for trial in turns if trial.kind == kind) for kind in kinds
        },
        split_turn_rate=_share(trial.split for trial in turns),
        split_turn_rate_by_kind={
            kind: _share(trial.split for trial in turns if trial.kind == kind) for kind in kinds
        },
        ready_at_end_rate=_share(trial.ready for trial in commands if not trial.lost),
        duck_ms=_distribution(over, "duck_ms"),
        barge_in_stop_ms=_distribution([trial for trial in interruptions if trial.cut], "stop_ms"),
        barge_in_missed=sum(not trial.cut for trial in interruptions),
        backchannel_kept_rate=_share(not trial.cut for trial in ignorable),
        backchannel_paused_rate=_share(trial.paused for trial in ignorable),
        waste_ratio=wasted,
        self_interruptions=sum(trial.cut for trial in echoes) if echoes else None,
        echo=echoes,
        traced=Waterfalls.of(traces),
        lost=[f"{trial.id}: {trial.lost}" for trial in turns + over if trial.lost],
        turns=sorted(turns, key=lambda trial: trial.id),
        over_reply=sorted(over, key=lambda trial: trial.id),
    )


def _distribution(trials: Sequence[Any], name: str) -> Distribution:
    """Of what was measured; each value has its trial's id."""
    values = [(getattr(trial, name), trial.id) for trial in sorted(trials, key=lambda one: one.id)]
    known = [(value, id_) for value, id_ in values if value is not None]
    return Distribution.of((value for value, _id in known), (id_ for _value, id_ in known))


def _share(values: Any) -> float:
    counted = list(values)
    return round(sum(counted) / len(counted), 4) if counted else 0.0
