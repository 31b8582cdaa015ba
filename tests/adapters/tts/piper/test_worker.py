"""Piper in the worker, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frametalk.adapters.tts.piper.worker import LoadedVoice, PiperHandler
from frametalk.bench.random_models.piper import write
from frametalk.workers.child import ChildCall
from frametalk.workers.framing import Failed, Item

REQUEST = {
    "path": "", "speaker": "", "speed": 1.0, "volume": 1.0, "noise": (None, None),
    "text": "The blacksmith opened the red door and gave me the old key.",
}  # fmt: skip


@pytest.fixture
def handler(tmp_path: Path) -> PiperHandler:
    """A handler whose steps the test runs itself."""
    path = str(write(tmp_path / "voice.onnx", "micro"))
    return PiperHandler([path], threads=1, loaded=1)


def test_a_cancelled_clause_makes_no_further_chunk(handler: PiperHandler) -> None:
    sent: list[Any] = []
    call = ChildCall(1, sent.append, lambda _id: None)
    made: list[int] = []
    voice = handler._voice(handler._default)
    net = voice._split
    assert net is not None
    original = net.sound

    def counted(frames: Any, at: int, end: int) -> Any:
        made.append(end - at)
        return original(frames, at, end)

    net.sound = counted  # type: ignore[method-assign]
    steps = handler._speak(call, REQUEST)
    while len(sent) < 2:
        next(steps)
    call.cancelled = True
    assert list(steps) == []
    assert len(sent) == 2
    assert len(made) <= 3


def test_an_error_of_the_library_ends_the_clause_with_a_code(handler: PiperHandler) -> None:
    sent: list[Any] = []
    call = ChildCall(1, sent.append, lambda _id: None)
    list(handler._guarded(call, {**REQUEST, "volume": "loud"}))
    (failed,) = sent
    assert isinstance(failed, Failed)
    assert failed.code == "voice_failed"


def test_the_number_of_loaded_voices_is_bounded(handler: PiperHandler, tmp_path: Path) -> None:
    first = handler._default
    other = str(write(tmp_path / "other.onnx", "micro", seed=1))
    for path in (first, other, first):
        sent: list[Any] = []
        call = ChildCall(1, sent.append, lambda _id: None)
        list(handler._speak(call, {**REQUEST, "path": path}))
        assert any(isinstance(frame, Item) for frame in sent)
        assert list(handler._loaded) == [path]


def test_the_gain_is_measured_for_every_voice(tmp_path: Path) -> None:
    for seed in range(3):
        path = write(tmp_path / f"{seed}.onnx", "micro", seed=seed)
        assert LoadedVoice(path, 0).gain > 0.1


def test_voices_that_would_download_a_model_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "voice.onnx", "micro")
    settings = path.with_name("voice.onnx.json")
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace('"phoneme_type": "espeak"', '"phoneme_type": "pinyin"'), "utf-8"
    )
    with pytest.raises(Exception, match="would download"):
        LoadedVoice(path, 0)
