"""Models by name."""

from __future__ import annotations

import pytest

from frametalk import models
from frametalk.errors import ConfigError
from frametalk.model_store import catalogue


def test_every_listed_model_can_be_found_and_is_described() -> None:
    listed = catalogue.models()
    assert len({model.name for model in listed}) == len(listed)
    for model in listed:
        assert catalogue.find(model.name) == model
        assert models.is_name(model.name)
        assert model.size_mb
        assert model.licence
        assert model.about
        assert all(model.wants(file) for file in model.needed)
        assert bool(model.folder) == (model.kind == "piper")


def test_a_voice_that_is_not_listed_is_found_by_its_name() -> None:
    model = catalogue.find("es_MX-claude-high")
    assert (model.hub, model.folder) == (catalogue.VOICES, "es/es_MX/claude/high")
    assert model.licence == catalogue.SEE_CARD
    assert model.needed == ("es_MX-claude-high.onnx", "es_MX-claude-high.onnx.json")
    assert not model.wants("samples")


def test_the_hub_comes_before_the_package_index_and_some_models_have_one_source() -> None:
    assert catalogue.find("whisper-base").sources == ("hub", "index")
    assert catalogue.find("base.en").sources == ("hub",)
    turn = catalogue.find("smart-turn")
    assert (turn.sources, turn.hub) == (("index",), "")
    assert turn.needed == ("smart-turn-v3.2-cpu.onnx",)


def test_pins_give_every_file_that_an_engine_needs() -> None:
    for name, pins in catalogue.pins.pinned().items():
        files = {file.path for file in pins.files}
        assert set(catalogue.find(name).needed) <= files
        assert all(catalogue.find(name).wants(file) for file in files)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("tny.en", "tiny.en"), ("large", "large-v3"), ("en_US-norman", "en_US-norman-medium")],
)
def test_an_unknown_name_suggests_similar_ones(name: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        catalogue.find(name)
    assert hint in caught.value.remedy


@pytest.mark.parametrize("name", ["en_US-a/../b-low", "EN_us-a-low", "en_US-a-huge", "zzz"])
def test_other_names_are_unknown(name: str) -> None:
    with pytest.raises(ConfigError, match="unknown model"):
        catalogue.find(name)
