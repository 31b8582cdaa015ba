"""What the suite says: enough of each kind, and what its recordings say."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from frametalk.bench.real import corpus
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.headless.speech import shipped
from frametalk.headless.text import plain


def test_there_are_enough_sentences_of_each_kind() -> None:
    sentences = corpus.load()
    assert len(sentences.commands) >= 20
    assert len(sentences.free) >= 8
    assert len(sentences.sentences) >= 20


def test_commands_are_not_the_shipped_recordings_again() -> None:
    own = {plain(clip.text) for clip in shipped()}
    assert own.isdisjoint(plain(line.text) for line in corpus.load().commands)
    assert len(corpus.own_recordings()) == len(own)


def test_recordings_are_read_from_all_folders_with_the_words_that_are_known(tmp_path: Path) -> None:
    import soundfile

    for folder, name in (("a", "known.wav"), ("b", "strange.flac")):
        (tmp_path / folder).mkdir()
        soundfile.write(tmp_path / folder / name, np.zeros(24_000), 24_000)
    (tmp_path / "a" / "notes.txt").write_text("no sound")
    found = corpus.recordings((tmp_path / "a", tmp_path / "b"), {"known": "some words"})
    assert [(one.name, one.text, one.sound_s) for one in found] == [
        ("known", "some words", 1.0),
        ("strange", "", 1.0),
    ]


def test_silence_lies_around_speech() -> None:
    sound = corpus.quiet_around(np.full(RECOGNITION_RATE_HZ, 99, np.int16))
    spoken = np.flatnonzero(sound)
    assert (len(sound) - len(spoken)) / RECOGNITION_RATE_HZ == 0.45
    assert spoken[0] / RECOGNITION_RATE_HZ == 0.2
