"""The waterfall of a turn: sums are exact, stages are in order, nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.clock_offset import ClockOffset
from frametalk.trace import SERVER_STAGES, STAGES, TurnTrace
from frametalk.waterfall import ClientTimes, Waterfall, waterfall

MIC_HZ = 48_000
REPLY_HZ = 22_050
AHEAD_S = 500.0  # how far the client's clock is ahead of the server's
SPEECH_END = 96_000  # on the microphone's clock, which began at 10 s of the client's

LENGTHS_MS = {
    "input_device": 25.0,
    "capture": 22.0,
    "endpoint_wait": 480.0,
    "recognition": 60.0,
    "mind_first_token": 100.0,
    "tools": 35.0,
    "first_clause": 5.0,
    "voice_first_sound": 40.0,
    "sending": 3.0,
    "client_buffer": 41.0,
    "output_device": 35.0,
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
    first_s = ends_s["output_device"]
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
        input_ms=lengths_ms["input_device"],
        output_ms=lengths_ms["output_device"],
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


def test_without_an_offset_there_is_one_transport_stage():
    turn = a_turn(LENGTHS_MS)

    result = waterfall(turn.trace, turn.played, None)

    expected = {"input_device": 25.0}
    expected |= {name: ms for name, ms in LENGTHS_MS.items() if name in SERVER_STAGES[1:]}
    expected |= {"transport": 22.0 + 3.0 + 41.0, "output_device": 35.0, "audible_onset": 12.0}
    assert dict(result.stages) == pytest.approx(expected, abs=0.1)
    assert [name for name, _ms in result.stages] == list(expected)
    assert sum_ms(result) == pytest.approx(result.mouth_to_ear_ms)


def test_without_the_arrival_there_is_one_transport_stage():
    turn = a_turn(LENGTHS_MS)
    result = waterfall(turn.trace, replace(turn.played, arrived_us=None), clocks())
    assert dict(result.stages)["transport"] == pytest.approx(66.0, abs=0.1)


def test_a_slightly_wrong_offset_keeps_stages_in_order():
    turn = a_turn(LENGTHS_MS | {"sending": 0.5})

    result = waterfall(turn.trace, turn.played, clocks(error_us=4_000, uncertainty_us=5_000))

    stages = dict(result.stages)
    assert stages["sending"] == pytest.approx(0, abs=0.1)
    assert stages["capture"] == pytest.approx(22.5, abs=0.1)
    assert stages["recognition"] == pytest.approx(60, abs=0.1)
    assert sum_ms(result) == pytest.approx(result.mouth_to_ear_ms)


def test_an_impossible_offset_is_not_used():
    turn = a_turn(LENGTHS_MS)
    result = waterfall(turn.trace, turn.played, clocks(error_us=-300, uncertainty_us=400))
    assert "sending" in dict(result.stages)

    wrong = ClockOffset()
    wrong.add(0, 900, 900, 1_000)  # says that both clocks are the same, quite certainly
    result = waterfall(turn.trace, turn.played, wrong)
    assert "transport" in dict(result.stages)


def test_work_done_in_advance_takes_no_time():
    turn = a_turn(LENGTHS_MS)
    before_the_end = turn.trace.instants["endpoint_wait"] - 0.1
    for stage in ("recognition", "mind_first_token", "tools", "first_clause"):
        turn.trace.instants[stage] = before_the_end

    result = waterfall(turn.trace, turn.played, clocks())

    stages = dict(result.stages)
    assert [stages[name] for name in ("recognition", "mind_first_token", "tools")] == [0, 0, 0]
    assert stages["voice_first_sound"] == pytest.approx(60 + 100 + 35 + 5 + 40, abs=0.1)
    assert sum_ms(result) == pytest.approx(result.mouth_to_ear_ms)


def test_an_answer_behind_a_filler_is_measured_to_its_own_onset():
    turn = a_turn(LENGTHS_MS)
    filler = 6_000  # samples, which the client had before the answer was made
    played = replace(
        turn.played,
        sample=turn.played.sample + filler,
        onset_sample=turn.played.onset_sample + filler,
        first_sample=filler,
        arrived_us=turn.played.arrived_us - 700_000,
    )

    result = waterfall(turn.trace, played, clocks())

    assert result.mouth_to_ear_ms == pytest.approx(turn.total_ms, abs=0.1)
    assert sum_ms(result) == pytest.approx(result.mouth_to_ear_ms)
    stages = dict(result.stages)
    assert stages["transport"] == pytest.approx(22 + 3 + 41, abs=0.1)
    assert stages["audible_onset"] == pytest.approx(12, abs=0.1)
    assert stages["mind_first_token"] == pytest.approx(100, abs=0.1)


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
def test_missing_client_times_are_named(change, reason):
    turn = a_turn(LENGTHS_MS)
    result = waterfall(turn.trace, replace(turn.played, **change), clocks())
    assert result.mouth_to_ear_ms is None
    assert result.stages == ()
    assert reason in result.unmeasured


def test_missing_server_stages_are_named():
    turn = a_turn(LENGTHS_MS)
    del turn.trace.instants["recognition"]
    assert waterfall(turn.trace, turn.played, clocks()) == Waterfall(
        None, unmeasured="no instant for recognition"
    )


def test_the_reason_of_a_void_turn_comes_first():
    turn = a_turn(LENGTHS_MS)
    turn.trace.void("the reply was cut before it was heard")
    turn.trace.void("something later")
    result = waterfall(turn.trace, replace(turn.played, mic_sample=None), clocks())
    assert result.unmeasured == "the reply was cut before it was heard"


def test_a_server_that_took_longer_than_the_turn_is_unmeasured():
    turn = a_turn(LENGTHS_MS)
    turn.trace.instants["voice_first_sound"] += 1.0
    result = waterfall(turn.trace, turn.played, clocks())
    assert result.mouth_to_ear_ms is None
    assert "clocks disagree" in result.unmeasured


def test_what_the_platform_does_not_say_is_unseen_and_left_out():
    turn = a_turn(LENGTHS_MS)
    told = replace(turn.played, input_ms=None, output_ms=None)

    result = waterfall(turn.trace, told, clocks())

    assert result.unseen == ("input_device", "output_device")
    stages = dict(result.stages)
    assert not {"input_device", "output_device"} & stages.keys()
    assert stages["capture"] == pytest.approx(25 + 22, abs=0.1)
    assert stages["client_buffer"] == pytest.approx(41 + 35, abs=0.1)
    assert waterfall(turn.trace, turn.played, clocks()).unseen == ()


def test_a_client_without_devices_has_no_stages_of_devices():
    turn = a_turn(LENGTHS_MS | {"input_device": 0.0, "output_device": 0.0})

    result = waterfall(turn.trace, turn.played, clocks())

    assert result.unseen == ()
    assert [name for name, _ms in result.stages] == [n for n in STAGES if "device" not in n]


@pytest.mark.parametrize("offset", [clocks(), None], ids=["clocks", "no clocks"])
def test_estimates_beyond_the_time_there_is_take_none_from_measured_stages(offset):
    turn = a_turn(LENGTHS_MS)
    much = replace(turn.played, input_ms=5_000.0, output_ms=86_400_000.0)

    result = waterfall(turn.trace, much, offset)

    stages = dict(result.stages)
    assert sum_ms(result) == pytest.approx(result.mouth_to_ear_ms)
    assert stages["endpoint_wait"] == pytest.approx(480, abs=0.1)
    assert stages["voice_first_sound"] == pytest.approx(40, abs=0.1)
    assert stages["input_device"] >= 25


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
        order = [*STAGES[:-2], "transport", *STAGES[-2:]]
        places = [order.index(name) for name, _ms in result.stages]
        assert places == sorted(places)
