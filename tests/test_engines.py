"""Engines: started and closed together, and what keeps them from starting."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frametalk.adapters import registry
from frametalk.adapters.abilities import Advice, Choice
from frametalk.adapters.base import SpeechRequest
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import AdapterSettings, CharacterSettings, FrametalkSettings, VoiceSettings
from frametalk.engines import adapter_names, started
from frametalk.errors import AdapterError, ConfigError, FrametalkError, Stage

FIXED = FrametalkSettings(
    vad=AdapterSettings(adapter="energy"),
    asr=AdapterSettings(adapter="fixed"),
    llm=AdapterSettings(adapter="fixed"),
    tts=VoiceSettings(adapter="fixed", cache_mb=0),
    turn=AdapterSettings(adapter=""),
)


class Recorded:
    """An adapter that logs its start and close, and fails on demand."""

    def __init__(
        self, kind: str, log: list[str], *, start: Exception | None, close: Exception | None
    ) -> None:
        self.kind, self.log, self.fail_start, self.fail_close = kind, log, start, close

    async def start(self) -> None:
        self.log.append(f"starting {self.kind}")
        await asyncio.sleep(1)
        if self.fail_start is not None:
            raise self.fail_start
        self.log.append(f"started {self.kind}")

    async def close(self) -> None:
        self.log.append(f"closed {self.kind}")
        if self.fail_close is not None:
            raise self.fail_close


@pytest.fixture
def life(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Replaces the engines: `life(failures)` gives their log."""

    def replace(
        start: dict[str, Exception] | None = None, close: dict[str, Exception] | None = None
    ) -> list[str]:
        log: list[str] = []

        def create(kind: str, _name: str, _options: object) -> Recorded:
            return Recorded(kind, log, start=(start or {}).get(kind), close=(close or {}).get(kind))

        monkeypatch.setattr(registry, "create", create)
        return log

    return replace


ALL_CLOSED = {"closed vad", "closed asr", "closed llm", "closed tts", "closed guard"}


@pytest.mark.looptime
async def test_engines_start_side_by_side_and_close_together(life: Any) -> None:
    log = life()
    async with started(FIXED) as engines:
        assert asyncio.get_running_loop().time() == 1  # not five seconds
        assert engines.asr.kind == "asr"
        assert len(log) == 10
    assert set(log[10:]) == ALL_CLOSED


@pytest.mark.looptime
async def test_a_failure_names_adapter_and_remedy_and_closes_the_others(life: Any) -> None:
    lost = AdapterError("model_missing", "no model", stage=Stage.HEAR, remedy="get one")
    log = life(start={"asr": lost})
    with pytest.raises(AdapterError, match="the asr adapter 'fixed' did not start: no model") as e:
        async with started(FIXED):
            pytest.fail("must not start")
    assert (e.value.code, e.value.remedy, e.value.stage) == ("model_missing", "get one", Stage.HEAR)
    assert set(log) >= ALL_CLOSED


@pytest.mark.looptime
async def test_a_third_party_error_becomes_an_adapter_error(life: Any) -> None:
    life(start={"tts": ZeroDivisionError("by zero"), "llm": KeyError("x")})
    with pytest.raises(AdapterError, match=r"ZeroDivisionError|KeyError") as failure:
        async with started(FIXED):
            pytest.fail("must not start")
    assert failure.value.code == "engine_failed"
    assert "doctor" in failure.value.remedy


@pytest.mark.looptime
async def test_an_adapter_that_fails_to_close_does_not_keep_others_open(
    life: Any, caplog: pytest.LogCaptureFixture
) -> None:
    log = life(close={"vad": OSError("stuck")})
    async with started(FIXED):
        pass
    assert set(log) >= ALL_CLOSED
    assert "adapter 'energy' did not close" in caplog.text


async def test_adapters_are_created_by_name_with_their_options() -> None:
    options = {"texts": ["go north"]}
    settings = FrametalkSettings(
        vad=FIXED.vad,
        asr=AdapterSettings(adapter="fixed", options=options),
        llm=FIXED.llm,
        tts=FIXED.tts,
        turn=FIXED.turn,
    )
    async with started(settings) as engines:
        assert type(engines.vad).__name__ == "EnergyVad"
        assert type(engines.tts).__name__ == "FixedVoice"
    assert adapter_names(settings) == {
        "guard": "embedded",
        "vad": "energy",
        "asr": "fixed",
        "llm": "fixed",
        "tts": "fixed",
    }


@pytest.mark.parametrize(
    ("asr", "error"),
    [
        (AdapterSettings(adapter="absent"), ConfigError),
        (AdapterSettings(adapter="fixed", options={"colour": "red"}), ConfigError),
    ],
)
async def test_an_unknown_adapter_or_option_is_refused(
    asr: AdapterSettings, error: type[FrametalkError]
) -> None:
    settings = FrametalkSettings(vad=FIXED.vad, asr=asr, llm=FIXED.llm, tts=FIXED.tts)
    with pytest.raises(error) as failure:
        async with started(settings):
            pytest.fail("must not start")
    assert failure.value.remedy


async def test_the_settings_character_file_reaches_the_mind(tmp_path: Path) -> None:
    character = CharacterSettings(file=str(tmp_path / "absent.toml"))
    settings = msgspec.structs.replace(
        FIXED, llm=AdapterSettings(adapter="scripted"), character=character
    )
    with pytest.raises(FrametalkError, match=r"absent\.toml"):
        async with started(settings):
            pytest.fail("must not start")


GUARD = 'name = "guard"\n[[intent]]\npatterns = ["hello"]\nlines = ["Halt."]\n'


async def test_characters_with_a_file_or_a_section_are_known_the_default_first(
    tmp_path: Path,
) -> None:
    (tmp_path / "guard.toml").write_text(GUARD)
    guard = CharacterSettings(file=str(tmp_path / "guard.toml"))
    settings = msgspec.structs.replace(
        FIXED,
        llm=AdapterSettings(adapter="scripted"),
        character=guard,
        characters={"blacksmith": CharacterSettings(voice="slow")},
    )
    async with started(settings) as engines:
        assert engines.llm.characters == ("guard", "blacksmith")


async def test_a_section_of_an_unknown_character_is_refused() -> None:
    settings = msgspec.structs.replace(FIXED, characters={"gaurd": CharacterSettings()})
    with pytest.raises(ConfigError, match=r"\[characters.gaurd\]") as refused:
        async with started(settings):
            pytest.fail("must not start")
    assert "fixed" in refused.value.remedy


class Chooser(Recorded):
    """A turn detector that chose another one, or none."""

    adapter = ""

    async def start(self) -> None:
        self.choice = Choice(self.adapter, "not pulled", "pull it")


@pytest.mark.parametrize(
    ("adapter", "line"),
    [
        ("", "turn: none (not pulled: pull it)"),
        ("smart_turn", "turn: smart_turn (not pulled: pull it)"),
    ],
)
async def test_what_was_chosen_is_logged_and_a_detector_that_chose_none_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, adapter: str, line: str
) -> None:
    chooser = Chooser("turn", [], start=None, close=None)
    chooser.adapter = adapter
    create = registry.create
    monkeypatch.setattr(
        registry, "create", lambda kind, *args: chooser if kind == "turn" else create(kind, *args)
    )
    caplog.set_level("INFO", "frametalk.engines")
    settings = msgspec.structs.replace(FIXED, turn=AdapterSettings(adapter="auto"))
    async with started(settings) as engines:
        assert (engines.turn is None) == (adapter == "")
        assert engines.choices["turn"].adapter == adapter
    assert line in caplog.text


async def test_what_keeps_the_mind_from_working_well_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def advice(mind: FixedMind, *, thorough: bool) -> tuple[Advice, ...]:
        return (Advice("it drops the tools", "choose another"),)

    async with started(FIXED) as engines:
        await engines.advise()
        assert caplog.text == ""
        monkeypatch.setattr(FixedMind, "advice", advice, raising=False)
        await engines.advise()
    assert "it drops the tools; choose another" in caplog.text


async def test_clauses_are_cached_unless_the_settings_turn_it_off() -> None:
    looked_up: list[bool] = []
    for cache_mb in (1, 0):
        voice = VoiceSettings(adapter="fixed", cache_mb=cache_mb)
        settings = msgspec.structs.replace(FIXED, tts=voice)
        async with started(settings, cache_looked_up=looked_up.append) as engines:
            for _ in range(2):
                assert [chunk async for chunk in engines.tts.speak(SpeechRequest("Very well."))]
    assert looked_up == [False, True]
