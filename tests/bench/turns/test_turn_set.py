"""The labelled turns: the shipped set is whole, sounds as labelled, and bad sets are refused in words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT, require_program
from frametalk.bench.turns import turn_set
from frametalk.bench.turns.turn_set import Rendered, Utterance, echo_of, read, render
from frametalk.core.audio import first_audible
from frametalk.errors import ConfigError

SET = ROOT / "latency_tests" / "turns" / "set.toml"
PER_MS = 16
COMMAND = {"id": "one", "kind": "command", "voice": "slt", "pieces": ["pull the lever"]}


@pytest.fixture(scope="module")
def shipped() -> tuple[Utterance, ...]:
    return read(SET)


def of_kind(utterances: tuple[Utterance, ...], *kinds: str) -> list[Utterance]:
    return [utterance for utterance in utterances if utterance.kind in kinds]


def loud(rendered: Rendered, start: int, end: int) -> np.ndarray:
    """Where between the two samples anything can be heard, counted from the first sample of all."""
    return np.flatnonzero(np.abs(rendered.samples[start:end].astype(np.int32)) >= 104) + start


# ---- the shipped set -----------------------------------------------------------------------------


def test_the_set_holds_enough_of_each_kind(shipped):
    counts = Counter(utterance.kind for utterance in shipped)
    assert counts["command"] >= 24
    assert counts["paused"] >= 24
    assert counts["statement"] >= 8
    assert counts["backchannel"] >= 12
    assert counts["cough"] + counts["noise"] >= 10
    assert counts["interruption"] >= 14


def test_the_length_of_a_pause_does_not_tell_its_kind(shipped):
    pauses = {"finished": [], "unfinished": []}
    for utterance in shipped:
        for pause_ms, kind in zip(utterance.pauses_ms, utterance.pause_kinds, strict=True):
            pauses[kind].append(pause_ms)
    for lengths in pauses.values():
        assert len(lengths) >= 16
        assert min(lengths) < 250
        assert max(lengths) == 900
    assert abs(np.mean(pauses["finished"]) - np.mean(pauses["unfinished"])) < 50


def test_each_voice_speaks_about_as_much(shipped):
    for kind in ("command", "paused", "backchannel", "interruption"):
        voices = Counter(utterance.voice for utterance in of_kind(shipped, kind))
        assert set(voices) == {"slt", "rms", "awb", "kal16"}
        assert max(voices.values()) - min(voices.values()) <= 2


# ---- what is said --------------------------------------------------------------------------------


@pytest.mark.real
def test_pauses_are_as_long_as_labelled(shipped):
    require_program("flite")
    for utterance in of_kind(shipped, "paused"):
        rendered = render(utterance)
        assert rendered.text == " ".join(utterance.pieces)
        assert tuple(kind for *_, kind in rendered.pauses) == utterance.pause_kinds
        for (start, end, _), pause_ms in zip(rendered.pauses, utterance.pauses_ms, strict=True):
            heard = loud(rendered, end, len(rendered.samples))[0] - loud(rendered, 0, start)[-1] - 1
            assert heard / PER_MS == pytest.approx(pause_ms, abs=1), utterance.id
            assert (end - start) / PER_MS == pause_ms


@pytest.mark.real
def test_an_utterance_is_audible_from_its_onset_to_its_end(shipped):
    require_program("flite")
    for utterance in shipped:
        rendered = render(utterance)
        heard = loud(rendered, 0, len(rendered.samples))
        assert heard[0] == pytest.approx(rendered.onset, abs=PER_MS), utterance.id
        assert heard[-1] + 1 == pytest.approx(rendered.end, abs=PER_MS), utterance.id
        assert (rendered.onset, rendered.end) == (rendered.pieces[0][0], rendered.pieces[-1][1])


@pytest.mark.real
def test_no_piece_has_a_silence_as_long_as_a_pause(shipped):
    # kal16 says nothing audible for 160 ms after the start of "where": that would be no labelled pause.
    require_program("flite")
    for utterance in of_kind(shipped, "command", "paused", "statement", "interruption"):
        rendered = render(utterance)
        for start, end in rendered.pieces:
            assert np.diff(loud(rendered, start, end)).max() < 150 * PER_MS, utterance.id


def test_other_voices_than_flites_are_refused(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None if name == "flite" else f"/bin/{name}")
    monkeypatch.setattr("frametalk.headless.speech._run", lambda *_: np.ones(160, np.int16))
    never_said = Utterance(id="a", kind="statement", voice="rms", pieces=("so far so good today",))
    with pytest.raises(ConfigError, match=r"espeak-ng.*apt-get install flite"):
        render(never_said)


# ---- bursts --------------------------------------------------------------------------------------


def test_bursts_peak_at_their_level_and_are_the_same_each_time(shipped):
    for utterance in of_kind(shipped, "cough", "noise"):
        rendered = render(utterance)
        peak = np.abs(rendered.samples.astype(np.int32)).max() / 32_768
        assert 20 * np.log10(peak) == pytest.approx(utterance.level_db, abs=0.5), utterance.id
        assert np.array_equal(rendered.samples, render(utterance).samples)
        assert (rendered.text, rendered.pauses, len(rendered.pieces)) == ("", (), 1)


@pytest.mark.parametrize("seed", range(10))
def test_a_cough_is_sudden_and_short(seed):
    rendered = render(Utterance(id="c", kind="cough", sound="cough", seed=seed, level_db=-6))
    sound = np.abs(rendered.samples[rendered.onset : rendered.end].astype(np.int32))
    assert 120 < len(sound) / PER_MS <= 350
    assert sound.argmax() / PER_MS < 40


def test_around_the_sound_lies_a_faint_noise_floor():
    rendered = render(Utterance(id="c", kind="cough", sound="cough", seed=1, level_db=-6))
    for quiet in (rendered.samples[: rendered.onset], rendered.samples[rendered.end :]):
        rms = np.sqrt(np.mean(quiet.astype(float) ** 2)) / 32_768
        assert 20 * np.log10(rms) == pytest.approx(turn_set.FLOOR_DB, abs=1)


# ---- echo ----------------------------------------------------------------------------------------


def level_db(samples: np.ndarray) -> float:
    return 10 * np.log10(np.sum(samples.astype(float) ** 2))


@pytest.fixture
def reply() -> np.ndarray:
    return (
        (np.random.default_rng(7).standard_normal(32_000) * 6_000)
        .clip(-32_768, 32_767)
        .astype("i2")
    )


@pytest.mark.parametrize(("delay_ms", "wanted_db"), [(0, 0), (40, -12), (187.5, -30)])
def test_a_plain_echo_is_the_reply_later_and_fainter(reply, delay_ms, wanted_db):
    echo = echo_of(reply, delay_ms, wanted_db, seed=1, room=False)
    delay = int(delay_ms * PER_MS)
    assert not echo[:delay].any()
    assert np.abs(echo[delay:] - reply * 10 ** (wanted_db / 20)).max() <= 0.51


@pytest.mark.parametrize("seed", range(5))
def test_a_room_keeps_delay_and_level(reply, seed):
    echo = echo_of(reply, 40, -12, seed)
    assert first_audible(echo) == pytest.approx(40 * PER_MS, abs=PER_MS)
    assert level_db(echo) - level_db(reply) == pytest.approx(-12, abs=0.5)
    assert len(echo) == 40 * PER_MS + len(reply) + 150 * PER_MS - 1
    assert not np.array_equal(echo, echo_of(reply, 40, -12, seed + 1))


def test_echoes_of_parts_add_up_to_that_of_the_whole(reply):
    whole = echo_of(reply, 40, -12, seed=3)
    first, second = (echo_of(part, 40, -12, seed=3) for part in (reply[:16_000], reply[16_000:]))
    added = np.pad(first, (0, 16_000)).astype(int) + np.pad(second, (16_000, 0))
    assert np.abs(added - whole).max() <= 1


def test_a_reply_of_nothing_has_no_echo():
    assert not echo_of(np.zeros(0, np.int16), 40, -12, seed=1).any()


# ---- bad sets ------------------------------------------------------------------------------------


def toml(table: dict[str, object]) -> str:
    """One utterance as a line of TOML; numbers and texts look as Python's `repr` has them."""
    return "{" + ", ".join(f"{key} = {value!r}" for key, value in table.items()) + "}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "song"}, r"'song'.*kinds are command, paused"),
        ({"voice": "fred"}, r"'fred'.*voices slt, rms"),
        ({"speaker": "slt"}, r"unknown field `speaker`.*keys id, kind"),
        ({"pieces": []}, r"nobody says anything.*`pieces`"),
        ({"pieces": ["pull", " "]}, r"nobody says anything"),
        ({"pauses_ms": [300]}, r"1, 1 and 0.*between every two pieces"),
        ({"pieces": ["pull the", "lever"], "kind": "paused"}, r"2, 0 and 0.*between every two"),
        ({"kind": "paused"}, r"a paused of 1 pieces.*at least one"),
        ({"kind": "cough"}, r"a cough of the sound None.*`sound` of a cough"),
        ({"kind": "noise", "sound": "cough"}, r"a noise of the sound 'cough'"),
        ({"kind": "noise", "sound": "hum"}, r"a burst has no words"),
        ({"sound": "hum"}, r"a command is said.*leave sound"),
    ],
)
def test_a_bad_utterance_is_named_with_its_remedy(tmp_path, change, words):
    with pytest.raises(ConfigError, match=rf"bad\.toml: utterance 'one': .*{words}"):
        read(written(tmp_path, toml(COMMAND | change)))


@pytest.mark.parametrize("pause_ms", [199, 901, -300])
def test_a_pause_out_of_range_is_refused(tmp_path, pause_ms):
    paused = COMMAND | {"kind": "paused", "pieces": ["pull the", "lever"]}
    paused |= {"pauses_ms": [pause_ms], "pause_kinds": ["unfinished"]}
    with pytest.raises(ConfigError, match=rf"'one': a pause of {pause_ms} ms \(stay in 200-900 ms"):
        read(written(tmp_path, toml(paused)))


def test_a_burst_above_full_scale_is_refused(tmp_path):
    hum = {"id": "h", "kind": "noise", "sound": "hum", "level_db": 3}
    with pytest.raises(ConfigError, match=r"utterance 'h': level_db = 3\.0 .*give 0 or less"):
        read(written(tmp_path, toml(hum)))


def test_an_id_may_be_given_once(tmp_path):
    with pytest.raises(ConfigError, match=r"utterance 'one': this id is taken .*its own id"):
        read(written(tmp_path, toml(COMMAND), toml(COMMAND)))


def test_an_utterance_without_id_is_named_by_its_number(tmp_path):
    with pytest.raises(ConfigError, match=r"bad\.toml: utterance 2: .*`id`"):
        read(written(tmp_path, toml(COMMAND), '{kind = "command"}'))


@pytest.mark.parametrize(
    "text",
    ["", "utterance = []", "utterance = 3", "utterance = [1]", "[[sentence]]\nid = 'a'", "="],
)
def test_what_is_no_set_is_refused(tmp_path, text):
    file = tmp_path / "bad.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        read(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml: No such file"):
        read(tmp_path / "none.toml")


def written(folder: Path, *utterances: str) -> Path:
    file = folder / "bad.toml"
    file.write_text(f"utterance = [{', '.join(utterances)}]", encoding="utf-8")
    return file
