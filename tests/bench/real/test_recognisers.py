"""Recognisers are made from the folder, and each hears the same speech once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frametalk.adapters.base import Hypothesis
from frametalk.bench.real import recognisers as module
from frametalk.bench.real.folder import Absent, Models
from frametalk.bench.real.hearing import Heard
from frametalk.bench.real.recognisers import Recognisers
from heard_texts import speech


def test_a_recogniser_without_its_model_is_absent(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="whisper-base"):
        Recognisers(Models(tmp_path)).create("base")


def test_the_hints_are_the_tavern_s_words() -> None:
    hints = Recognisers(Models(Path("nowhere"))).hints
    assert "red door" in hints.things
    assert "open" in hints.verbs
    assert "tell me a story" in hints.phrases


async def test_speech_of_a_name_is_recognised_once_with_and_once_without_hints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard_so_far: list[tuple[str, bool]] = []

    async def hear(_recogniser: Any, _work: Any, said: Any, bias: Any) -> Heard:
        heard_so_far.append((said.name, bool(bias.things)))
        return Heard(said, Hypothesis(said.text), 0.0)

    monkeypatch.setattr(module, "hear", hear)
    recognisers = Recognisers(Models(Path("nowhere")))
    one, other = speech("one"), speech("other")
    for speeches in ([one], [other, one]):
        heard = await recognisers.heard("scene", speeches, hints=False)
        assert [each.speech for each in heard] == speeches
    await recognisers.heard("scene", [one], hints=True)
    assert heard_so_far == [("one", False), ("other", False), ("one", True)]
