"""Steps, clocks and the waterfall: sums are exact, stages are in order, nothing is guessed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.trace import (
    SERVER_STAGES,
    STAGES,
    ClientTimes,
    ClockOffset,
    Step,
    TurnTrace,
    Waterfall,
    waterfall,
)

MIC_HZ = 48_000
REPLY_HZ = 22_050
AHEAD_S = 500.0  # how far the client's clock is ahead of the server's
SPEECH_END = 96_000  # on the microphone's clock, which began at 10 s of the client's

LENGTHS_MS = {
    "capture": 22.0,
    "endpoint_wait": 480.0,
    "recognition": 60.0,
    "mind_first_token": 100.0,
    "tools": 35.0,
    "first_clause": 5.0,
    "voice_first_sound": 40.0,
    "sending": 3.0,
    "client_buffer": 41.0,
    "audible_onset": 12.0,
}


@dataclass
class Turn:
    """A turn whose true stage lengths are known, as its server and its client saw it."""

    trace: TurnTrace
    played: ClientTimes
    total_ms: float


def a_turn(lengths_ms: dict[str, float], report_after: int = 900) -> Turn:
    """A turn with these stages; its `played` report comes `report_after` samples past the onset."""
    at_s = 10.0 + SPEECH_END / MIC_HZ
    ends_s = {}
    for stage in STAGES:
        if stage in lengths_ms:
            at_s += lengths_ms[stage] / 1000
            ends_s[stage] = at_s
    marks = TurnTrace()
    for stage in SERVER_STAGES:
        if stage in ends_s:
            marks.mark(stage, ends_s[stage] - AHEAD_S)
    onset = round(lengths_ms["audible_onset"] / 1000 * REPLY_HZ)
    first_s = ends_s["client_buffer"]
    sample = onset + report_after
    report_s = first_s + sample / REPLY_HZ
    played = ClientTimes(
        sample=sample,
        t_us=round(report_s * 1e6),
        rate_hz=REPLY_HZ,
        onset_sample=onset,
        mic_sample=round((report_s - 10.0) * MIC_HZ),
        mic_rate_hz=MIC_HZ,
        speech_end_mic_sample=SPEECH_END,
        arrived_us=round(ends_s["sending"] * 1e6),
    )
    return Turn(marks, played, sum(lengths_ms.values()))


def clocks(error_us: int = 0, uncertainty_us: int = 500) -> ClockOffset:
    """An estimate that is wrong by `error_us`, as an uneven way there and back makes it."""
    offset = ClockOffset()
    there = uncertainty_us + error_us
    back = uncertainty_us - error_us
    sent = 4_000_000
    ahead_us = int(AHEAD_S * 1e6)
    offset.add(sent, sent + there + ahead_us, sent + there + ahead_us, sent + there + back)
    return offset


def sum_ms(result: Waterfall) -> float:
    return sum(ms for _name, ms in result.stages)


# ---- steps ---------------------------------------------------------------------------------------


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 10.0
        self.observed: list[tuple[str, float]] = []

    def step(self, name: str, turn: TurnTrace | None = None) -> Step:
        return Step(name, lambda: self.now_s, lambda *seen: self.observed.append(seen), turn)


def test_a_step_is_observed_with_its_name_and_length():
    clock = Clock()
    with clock.step("recognition"):
        clock.now_s += 0.5

    assert clock.observed == [("recognition", 0.5)]


def test_a_step_marks_the_stage_of_its_turn():
    clock, turn = Clock(), TurnTrace()
    with clock.step("recognition", turn):
        clock.now_s += 0.5

    assert turn.instants == {"recognition": 10.5}


def test_a_step_that_fails_is_observed_and_fails():
    clock = Clock()
    with pytest.raises(ZeroDivisionError), clock.step("think"):
        1 / 0  # noqa: B018  (the error is the point)

    assert [name for name, _seconds in clock.observed] == ["think"]


def test_only_the_first_end_counts():
    clock = Clock()
    step = clock.step("tool_call")
    clock.now_s += 0.25
    assert step.end() == 0.25
    clock.now_s += 1
    assert step.end() == 0.25
    assert clock.observed == [("tool_call", 0.25)]


def test_steps_may_overlap():
    clock = Clock()
    outer, inner = clock.step("outer"), clock.step("inner")
    outer.end()
    inner.end()

    assert [name for name, _seconds in clock.observed] == ["outer", "inner"]


def test_a_step_is_logged_at_debug_only(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("frametalk"), "propagate", True)  # a server may have run
    with caplog.at_level(logging.INFO, logger="frametalk.trace"):
        Clock().step("quiet").end()
    assert caplog.records == []

    with caplog.at_level(logging.DEBUG, logger="frametalk.trace"):
        Clock().step("shown").end()
    assert "shown took" in caplog.text


# ---- clocks --------------------------------------------------------------------------------------


def test_without_pings_nothing_is_known():
    offset = ClockOffset()
    assert not offset.known
    assert offset.uncertainty_us == float("inf")


def test_the_quickest_of_the_last_exchanges_counts():
    offset = ClockOffset(window=3)
    offset.add(0, 1_010_000, 1_010_000, 12_000)  # 12 ms round trip, 10 there
    offset.add(20_000, 1_020_400, 1_020_500, 20_900)  # 0.8 ms round trip, even
    offset.add(40_000, 1_041_000, 1_041_000, 49_000)

    assert offset.offset_us == pytest.approx(1_000_000)
    assert 400 <= offset.uncertainty_us < 405

    for at in range(60_000, 140_000, 20_000):  # the quick one falls out of the window
        offset.add(at, at + 1_003_000, at + 1_003_000, at + 6_000)
    assert offset.uncertainty_us >= 3_000


@given(
    ahead=st.integers(-(10**9), 10**12),
    ways=st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 200_000)), min_size=1),
)
def test_the_true_offset_lies_within_the_uncertainty(ahead, ways):
    offset = ClockOffset()
    for number, (there, back) in enumerate(ways):
        sent = number * 1_000_000
        offset.add(sent, sent + there + ahead, sent + there + ahead + 50, sent + there + back + 50)
        assert abs(offset.offset_us - ahead) <= offset.uncertainty_us + 1


def test_impossible_exchanges_are_ignored():
    offset = ClockOffset()
    offset.add(1_000, 5_000, 9_000, 2_000)  # 4 ms of work within a round trip of 1 ms
    offset.add(1_000, 9_000, 5_000, 2_000)  # replied before it received
    assert not offset.known


def test_a_clock_that_jumps_voids_what_was_measured_before():
    offset = ClockOffset()
    offset.add(0, 1_000_100, 1_000_100, 200)
    offset.add(1_000_000, 9_002_000, 9_002_000, 1_004_000)  # worse, but 7 s away from the old one

    assert offset.offset_us == pytest.approx(8_000_000)
    assert offset.uncertainty_us == pytest.approx(2_000)


# ---- marks ---------------------------------------------------------------------------------------


def test_the_first_mark_of_a_stage_counts():
    marks = TurnTrace()
    marks.mark("mind_first_token", 1.0)
    marks.mark("mind_first_token", 2.0)
    assert marks.instants == {"mind_first_token": 1.0}


def test_tools_end_with_the_last_outcome_before_the_first_words():
    marks = TurnTrace()
    marks.mark("tools", 1.0)
    marks.mark("tools", 2.0)
    marks.mark("first_clause", 3.0)
    marks.mark("tools", 4.0)
    assert marks.instants["tools"] == 2.0


def test_a_call_after_the_first_words_is_no_stage():
    marks = TurnTrace()
    marks.mark("first_clause", 3.0)
    marks.mark("tools", 4.0)
    assert "tools" not in marks.instants


# ---- the waterfall -------------------------------------------------------------------------------


def test_every_stage_gets_its_true_length():
    turn = a_turn(LENGTHS_MS)

    result = waterfall(turn.trace, turn.played, clocks())

    assert result.unmeasured == ""
    assert [name for name, _ms in result.stages] == list(STAGES)
    assert dict(result.stages) == pytest.approx(LENGTHS_MS, abs=0.1)
    assert result.mouth_to_ear_ms == pytest.approx(turn.total_ms, abs=0.1)


def test_without_tools_there_is_no_tools_stage():
    lengths = {name: ms for name, ms in LENGTHS_MS.items() if name != "tools"}
    turn = a_turn(lengths)

    result = waterfall(turn.trace, turn.played, clocks())

    assert [name for name, _ms in result.stages] == list(lengths)
    assert dict(result.stages) == pytest.approx(lengths, abs=0.1)


def test_without_an_offset_the_ways_are_one_stage():
    turn = a_turn(LENGTHS_MS)

    result = waterfall(turn.trace, turn.played, None)

    expected = {name: ms for name, ms in LENGTHS_MS.items() if name in SERVER_STAGES[1:]}
    expected |= {"transport": 22.0 + 3.0 + 41.0, "audible_onset": 12.0}
    assert dict(result.stages) == pytest.approx(expected, abs=0.1)
    assert [name for name, _ms in result.stages] == list(expected)
    assert sum_ms(result) == pytest.approx(result.mouth_to_ear_ms)


def test_without_the_arrival_the_ways_are_one_stage():
    turn = a_turn(LENGTHS_MS)
    result = waterfall(turn.trace, replace(turn.played, arrived_us=None), clocks())
    assert dict(result.stages)["transport"] == pytest.approx(66.0, abs=0.1)


def test_an_offset_that_is_a_little_wrong_does_not_turn_time_back():
    turn = a_turn(LENGTHS_MS | {"sending": 0.5})

    result = waterfall(turn.trace, turn.played, clocks(error_us=4_000, uncertainty_us=5_000))

    stages = dict(result.stages)
    assert stages["sending"] == pytest.approx(0, abs=0.1)
    assert stages["capture"] == pytest.approx(22.5, abs=0.1)
    assert stages["recognition"] == pytest.approx(60, abs=0.1)
    assert sum_ms(result) == pytest.approx(result.mouth_to_ear_ms)


def test_an_offset_that_cannot_be_right_is_not_used():
    turn = a_turn(LENGTHS_MS)
    result = waterfall(turn.trace, turn.played, clocks(error_us=-300, uncertainty_us=400))
    assert "sending" in dict(result.stages)

    wrong = ClockOffset()
    wrong.add(0, 900, 900, 1_000)  # says that both clocks are the same, quite certainly
    result = waterfall(turn.trace, turn.played, wrong)
    assert "transport" in dict(result.stages)


def test_work_done_ahead_of_its_turn_costs_no_time():
    turn = a_turn(LENGTHS_MS)
    before_the_end = turn.trace.instants["endpoint_wait"] - 0.1
    for stage in ("recognition", "mind_first_token", "tools", "first_clause"):
        turn.trace.instants[stage] = before_the_end

    result = waterfall(turn.trace, turn.played, clocks())

    stages = dict(result.stages)
    assert [stages[name] for name in ("recognition", "mind_first_token", "tools")] == [0, 0, 0]
    assert stages["voice_first_sound"] == pytest.approx(60 + 100 + 35 + 5 + 40, abs=0.1)
    assert sum_ms(result) == pytest.approx(result.mouth_to_ear_ms)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"speech_end_mic_sample": None}, "typed"),
        ({"mic_sample": None}, "mic_sample"),
        ({"onset_sample": None}, "no audible sample"),
        ({"sample": 10}, "not heard"),
        ({"underruns": 1}, "underrun"),
    ],
)
def test_what_the_client_could_not_tell_is_said(change, reason):
    turn = a_turn(LENGTHS_MS)
    result = waterfall(turn.trace, replace(turn.played, **change), clocks())
    assert result.mouth_to_ear_ms is None
    assert result.stages == ()
    assert reason in result.unmeasured


def test_what_the_server_did_not_mark_is_said():
    turn = a_turn(LENGTHS_MS)
    del turn.trace.instants["recognition"]
    assert waterfall(turn.trace, turn.played, clocks()) == Waterfall(
        None, unmeasured="no instant for recognition"
    )


def test_the_reason_for_a_void_turn_goes_before_all_others():
    turn = a_turn(LENGTHS_MS)
    turn.trace.void("the reply was cut before it was heard")
    turn.trace.void("something later")
    result = waterfall(turn.trace, replace(turn.played, mic_sample=None), clocks())
    assert result.unmeasured == "the reply was cut before it was heard"


def test_a_server_that_took_longer_than_the_whole_turn_is_not_believed():
    turn = a_turn(LENGTHS_MS)
    turn.trace.instants["voice_first_sound"] += 1.0
    result = waterfall(turn.trace, turn.played, clocks())
    assert result.mouth_to_ear_ms is None
    assert "clocks disagree" in result.unmeasured


lengths_ms = st.fixed_dictionaries(
    {
        name: st.floats(0, 200) if name == "audible_onset" else st.floats(0, 2_000)
        for name in STAGES
        if name != "tools"
    },
    optional={"tools": st.floats(0, 2_000)},
)


@given(
    lengths=lengths_ms,
    report_after=st.integers(0, 20_000),
    uncertainty_us=st.integers(0, 50_000),
    error=st.floats(-1, 1),
    out_of_order=st.lists(st.tuples(st.sampled_from(SERVER_STAGES), st.floats(0, 0.3)), max_size=3),
)
def test_stages_always_add_up_in_order_and_are_never_negative(
    lengths, report_after, uncertainty_us, error, out_of_order
):
    turn = a_turn(lengths, report_after)
    for stage, earlier_s in out_of_order:
        if stage in turn.trace.instants and stage != "capture":
            turn.trace.instants[stage] -= earlier_s
    offset = clocks(int(error * uncertainty_us), uncertainty_us)

    for estimate in (offset, None):
        result = waterfall(turn.trace, turn.played, estimate)

        assert result.unmeasured == ""
        assert result.mouth_to_ear_ms is not None
        assert sum_ms(result) == pytest.approx(result.mouth_to_ear_ms, abs=1e-6)
        assert abs(result.mouth_to_ear_ms - turn.total_ms) < 1
        assert all(ms >= 0 for _name, ms in result.stages)
        order = [*SERVER_STAGES, "sending", "client_buffer", "transport", "audible_onset"]
        places = [order.index(name) for name, _ms in result.stages]
        assert places == sorted(places)
