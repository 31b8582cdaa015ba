"""Where models lie, and what a name or a path leads to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from frametalk import models
from frametalk.errors import AdapterError


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The models folder, with one model of several files and one voice."""
    folder = tmp_path / "models"
    (folder / "tiny.en").mkdir(parents=True)
    (folder / "en_US-lessac-medium").mkdir()
    (folder / "en_US-lessac-medium" / "en_US-lessac-medium.onnx").touch()
    monkeypatch.setenv(models.ENVIRONMENT, str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_pulled_model_is_found_by_its_name(kept: Path) -> None:
    assert models.locate("tiny.en") == kept / "tiny.en"


def test_a_pulled_voice_is_its_onnx_file(kept: Path) -> None:
    voice = kept / "en_US-lessac-medium" / "en_US-lessac-medium.onnx"
    assert models.locate("en_US-lessac-medium") == voice


def test_a_path_that_exists_stays_as_it_is(kept: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.touch()
    assert models.locate(str(own)) == own
    assert models.locate("own.onnx") == Path("own.onnx")


def test_a_missing_name_says_how_to_get_it(kept: Path) -> None:
    with pytest.raises(AdapterError) as caught:
        models.locate("base.en")
    assert caught.value.code == "model_missing"
    assert str(kept) in caught.value.text
    assert caught.value.remedy == "frametalk models pull base.en"


@pytest.mark.parametrize("name", ["", "../models/tiny.en/none", "/no/such/model.onnx", "..."])
def test_what_can_be_no_name_is_never_looked_up_in_the_folder(kept: Path, name: str) -> None:
    with pytest.raises(AdapterError) as caught:
        models.locate(name)
    assert caught.value.remedy == "check the path"


def test_without_a_word_of_the_user_models_lie_among_the_user_s_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(models.ENVIRONMENT, raising=False)
    for platform, variable in (("linux", "XDG_DATA_HOME"), ("win32", "LOCALAPPDATA")):
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setenv(variable, str(tmp_path))
        assert models.folder() == tmp_path / "frametalk" / "models"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert models.folder().parts[-4:] == ("Library", "Application Support", "frametalk", "models")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")  # the specification says: to be ignored
    assert models.folder() == Path.home() / ".local" / "share" / "frametalk" / "models"
