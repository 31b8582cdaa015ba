"""The folder of models, and what a name or a path leads to."""

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
def test_a_path_is_not_looked_up_in_the_folder(kept: Path, name: str) -> None:
    with pytest.raises(AdapterError) as caught:
        models.locate(name)
    assert caught.value.remedy == "check the path"


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="follows the XDG specification")
@pytest.mark.parametrize(
    ("data_home", "parent"),
    [
        ("/data", "/data"),
        ("", "~/.local/share"),
        ("relative", "~/.local/share"),  # the specification says to ignore it
    ],
)
def test_models_lie_in_the_users_data_by_default(
    monkeypatch: pytest.MonkeyPatch, data_home: str, parent: str
) -> None:
    monkeypatch.delenv(models.ENVIRONMENT, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", data_home)
    assert models.folder() == Path(parent).expanduser() / "frametalk" / "models"


@pytest.mark.parametrize(
    ("files", "licence"),
    [
        ({"manifest.json": '{"licence": "CC0"}', "MODEL_CARD": "* License: MIT"}, "CC0"),
        ({"manifest.json": '{"licence": 3}', "MODEL_CARD": "# Card\n\n* License: MIT\n"}, "MIT"),
        ({"manifest.json": "[]"}, ""),
        ({"MODEL_CARD": "Licence: see URL"}, "see URL"),
        ({}, ""),
    ],
)
def test_a_licence_is_read_from_the_manifest_or_the_card(
    kept: Path, files: dict[str, str], licence: str
) -> None:
    voice = kept / "en_US-lessac-medium" / "en_US-lessac-medium.onnx"
    for name, text in files.items():
        voice.with_name(name).write_text(text, encoding="utf-8")
    assert models.licence(voice) == licence
