"""Trials: what is measured, when, and what goes wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import soundfile

from conftest import ROOT
from frametalk.adapters import registry
from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.auto import trials
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.errors import AdapterError, ConfigError, Stage


class Engine:
    def __init__(self, log: list[str], error: Exception | None = None) -> None:
        self.log, self.error = log, error

    async def start(self) -> None:
        self.log.append("start")
        if self.error:
            raise self.error

    async def close(self) -> None:
        self.log.append("close")


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    file = tmp_path / "anna" / "anna.onnx"
    file.parent.mkdir()
    file.write_bytes(b"weights")
    return file


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine([])
    monkeypatch.setattr(registry, "create", lambda *_arguments: engine)
    return engine


async def tried(model: Path, *factors: float, limit: float = 0.5) -> float | None:
    """A trial in which the engine's runs have these factors."""
    left = list(factors)

    async def measure(engine: Engine) -> float:
        engine.log.append("run")
        return left.pop(0)

    return await trials.factor(
        "tts", "piper", {}, model=model, packages=(), measure=measure, limit=limit
    )


async def test_the_better_of_two_runs_counts_and_is_kept(model: Path, engine: Engine) -> None:
    assert await tried(model, 0.9, 0.2) == 0.2
    assert engine.log == ["start", "run", "run", "close"]
    assert await tried(model) == 0.2
    assert len(engine.log) == 4


async def test_another_model_file_is_tried_again(model: Path, engine: Engine) -> None:
    await tried(model, 0.2, 0.2)
    model.write_bytes(b"other weights")
    assert await tried(model, 0.4, 0.4) == 0.4


@pytest.mark.parametrize(
    "error",
    [
        AdapterError("voice_failed", "worn out", stage=Stage.SPEAK),
        OSError("worn out"),
        ValueError("worn out"),
    ],
)
async def test_an_engine_that_fails_is_logged_closed_and_not_kept(
    model: Path, engine: Engine, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    engine.error = error
    assert await tried(model) is None
    assert engine.log == ["start", "close"]
    assert "piper with anna is not used" in caplog.text
    assert "worn out" in caplog.text
    engine.error = None
    assert await tried(model, 0.2, 0.2) == 0.2


async def test_an_engine_that_fails_at_work_is_logged_and_closed(
    model: Path, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    assert await tried(model) is None  # there is no factor for its run
    assert engine.log == ["start", "run", "close"]
    assert "piper with anna is not used" in caplog.text


async def test_wrong_options_are_the_users_to_mend(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(*_arguments: Any) -> Any:
        raise ConfigError("unknown option 'x'")

    monkeypatch.setattr(registry, "create", create)
    with pytest.raises(ConfigError, match="unknown option"):
        await tried(model)


@pytest.mark.looptime
async def test_an_engine_that_takes_too_long_is_too_slow(model: Path, engine: Engine) -> None:
    async def forever(_engine: Engine) -> float:
        await asyncio.sleep(1_000)
        return 0.0

    found = await trials.factor(
        "tts", "piper", {}, model=model, packages=(), measure=forever, limit=0.5
    )
    assert found == trials.TOO_SLOW
    assert asyncio.get_running_loop().time() == trials.LIMIT_S
    assert engine.log == ["start", "close"]


@pytest.mark.looptime
async def test_trials_run_one_after_the_other(model: Path, engine: Engine) -> None:
    running = 0

    async def measure(_engine: Engine) -> float:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(1)
        running -= 1
        return 0.1

    await asyncio.gather(
        *(
            trials.factor("tts", name, {}, model=model, packages=(), measure=measure, limit=0.5)
            for name in ("a", "b")
        )
    )


def test_the_shipped_sound_is_that_of_the_command() -> None:
    data = ROOT / "server" / "frametalk" / "data"
    speech, rate_hz = soundfile.read(data / "speech" / "open_door_bring_key.flac", dtype="int16")
    assert rate_hz == 16_000
    assert (data / "trial.pcm").read_bytes() == speech.astype("<i2").tobytes()


async def test_engines_do_a_second_of_work() -> None:
    recogniser, voice = FixedRecogniser(texts=["open the door"]), FixedVoice()
    for engine, measure in ((recogniser, trials.hear), (voice, trials.speak)):
        await engine.start()  # type: ignore[attr-defined]
        assert 0 <= await measure(engine) < trials.TOO_SLOW
        await engine.close()  # type: ignore[attr-defined]


async def test_a_voice_without_sound_is_too_slow() -> None:
    class Mute:
        rate_hz = 16_000

        async def speak(self, _request: Any) -> Any:
            for chunk in ():
                yield chunk

    assert await trials.speak(Mute()) == trials.TOO_SLOW
