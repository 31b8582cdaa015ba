"""The numbers of many trials."""

from __future__ import annotations

import pytest

from frametalk.bench.samples import Traced
from frametalk.bench.turns.live import BargeInTrial, EchoTrials, TurnTrial
from frametalk.bench.turns.measured import summary

COMMANDS = [
    TurnTrial(id=f"c{n}", kind="command", mouth_to_ear_ms=250.0 + n, ready=n != 3) for n in range(4)
]
FALSE_CUT = TurnTrial(id="p1", kind="paused", mouth_to_ear_ms=300.0, false_cut=True)
LOST = TurnTrial(id="s1", kind="statement", lost="no answer was heard")


def test_times_leave_out_turns_with_a_false_cut_and_commands_have_their_own() -> None:
    one = summary([*COMMANDS, FALSE_CUT, LOST], [], [], None)
    assert (one.mouth_to_ear_ms.n, one.mouth_to_ear_ms.p50) == (4, 251.0)
    assert one.mouth_to_ear_all_ms.n == 4
    assert one.false_cut_rate == pytest.approx(1 / 6, abs=1e-4)
    assert one.false_cut_rate_by_kind == {"command": 0, "paused": 1, "statement": 0}
    assert one.ready_at_end_rate == 0.75
    assert one.lost == ["s1: no answer was heard"]


def test_a_backchannel_should_keep_the_reply_and_an_interruption_should_cut_it() -> None:
    over = [
        BargeInTrial(id="b1", kind="backchannel", duck_ms=20, paused=True),
        BargeInTrial(id="b2", kind="cough", duck_ms=30, cut=True),
        BargeInTrial(id="i1", kind="interruption", duck_ms=25, stop_ms=240, paused=True, cut=True),
        BargeInTrial(id="i2", kind="interruption", duck_ms=25, paused=True),
        BargeInTrial(id="i3", kind="interruption", lost="no reply to speak over"),
    ]
    one = summary([], over, [EchoTrials(delay_ms=40, level_db=-6, replies=25, cut=1)], 0.25)
    assert (one.backchannel_kept_rate, one.backchannel_paused_rate) == (0.5, 0.5)
    assert (one.barge_in_stop_ms.n, one.barge_in_stop_ms.p50) == (1, 240)
    assert one.barge_in_missed == 1
    assert one.duck_ms.n == 4
    assert one.self_interruptions == 1
    assert one.waste_ratio == 0.25


def test_values_have_their_trials_ids_and_traces_that_were_not_measured_are_counted() -> None:
    traces = [Traced(300.0, (("capture", 300.0),), ""), Traced(None, (), "typed")]
    one = summary(COMMANDS, [], [], None, traces)
    assert one.mouth_to_ear_ms.keys == ("c0", "c1", "c2", "c3")
    assert (one.traced.measured, one.traced.unmeasured) == (1, {"typed": 1})
