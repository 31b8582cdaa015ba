"""The labelled turns: the shipped set is complete and balanced; a bad set is refused with a remedy."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT
from frametalk.bench.turns.turn_set import Utterance, read
from frametalk.errors import ConfigError

SET = ROOT / "latency_tests" / "turns" / "set.toml"
COMMAND = {"id": "one", "kind": "command", "voice": "slt", "pieces": ["pull the lever"]}


@pytest.fixture(scope="module")
def shipped() -> tuple[Utterance, ...]:
    return read(SET)


def of_kind(utterances: tuple[Utterance, ...], *kinds: str) -> list[Utterance]:
    return [utterance for utterance in utterances if utterance.kind in kinds]


# ---- the shipped set -----------------------------------------------------------------------------


def test_the_set_has_enough_of_each_kind(shipped):
    counts = Counter(utterance.kind for utterance in shipped)
    assert counts["command"] >= 24
    assert counts["paused"] >= 24
    assert counts["statement"] >= 8
    assert counts["backchannel"] >= 12
    assert counts["cough"] + counts["noise"] >= 10
    assert counts["interruption"] >= 14


def test_the_length_of_a_pause_does_not_reveal_its_kind(shipped):
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


# ---- bad sets ------------------------------------------------------------------------------------


def toml(table: dict[str, object]) -> str:
    """One utterance as a line of TOML; numbers and texts look as Python's `repr` has them."""
    return "{" + ", ".join(f"{key} = {value!r}" for key, value in table.items()) + "}"


def written(folder: Path, *utterances: str) -> Path:
    file = folder / "bad.toml"
    file.write_text(f"utterance = [{', '.join(utterances)}]", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "song"}, r"'song'.*kinds are command, paused"),
        ({"voice": "fred"}, r"'fred'.*voices slt, rms"),
        ({"speaker": "slt"}, r"unknown field `speaker`.*keys id, kind"),
        ({"pieces": []}, r"there are no words.*`pieces`"),
        ({"pieces": ["pull", " "]}, r"there are no words"),
        ({"pauses_ms": [300]}, r"1 pieces, 1 pauses_ms and 0 pause_kinds.*between each two pieces"),
        (
            {"pieces": ["pull the", "lever"], "kind": "paused"},
            r"2 pieces, 0 pauses_ms and 0 pause_kinds.*between each two",
        ),
        ({"kind": "paused"}, r"a paused has 1 pieces.*`paused` has pauses"),
        ({"kind": "cough"}, r"a cough cannot have the sound None.*`sound` of a cough"),
        ({"kind": "noise", "sound": "cough"}, r"a noise cannot have the sound 'cough'"),
        ({"kind": "noise", "sound": "hum"}, r"a noise has no words"),
        ({"sound": "hum"}, r"a command is spoken.*leave out sound"),
    ],
)
def test_a_bad_utterance_is_named_with_its_remedy(tmp_path, change, words):
    with pytest.raises(ConfigError, match=rf"bad\.toml: utterance 'one': .*{words}"):
        read(written(tmp_path, toml(COMMAND | change)))


@pytest.mark.parametrize("pause_ms", [199, 901, -300])
def test_a_pause_out_of_range_is_refused(tmp_path, pause_ms):
    paused = COMMAND | {"kind": "paused", "pieces": ["pull the", "lever"]}
    paused |= {"pauses_ms": [pause_ms], "pause_kinds": ["unfinished"]}
    with pytest.raises(ConfigError, match=rf"'one': a pause of {pause_ms} ms \(use 200 to 900 ms"):
        read(written(tmp_path, toml(paused)))


def test_a_burst_above_full_scale_is_refused(tmp_path):
    hum = {"id": "h", "kind": "noise", "sound": "hum", "level_db": 3}
    with pytest.raises(ConfigError, match=r"utterance 'h': level_db = 3\.0 .*use 0 or less"):
        read(written(tmp_path, toml(hum)))


def test_an_id_can_be_used_only_once(tmp_path):
    with pytest.raises(ConfigError, match=r"'one': another utterance has this id .*different id"):
        read(written(tmp_path, toml(COMMAND), toml(COMMAND)))


def test_an_utterance_without_id_is_named_by_its_number(tmp_path):
    with pytest.raises(ConfigError, match=r"bad\.toml: utterance 2: .*`id`"):
        read(written(tmp_path, toml(COMMAND), '{kind = "command"}'))


@pytest.mark.parametrize(
    "text",
    ["", "utterance = []", "utterance = 3", "utterance = [1]", "[[sentence]]\nid = 'a'", "="],
)
def test_a_file_that_is_not_a_set_is_refused(tmp_path, text):
    file = tmp_path / "bad.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        read(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml: No such file"):
        read(tmp_path / "none.toml")
