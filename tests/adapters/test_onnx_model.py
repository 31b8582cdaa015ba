"""Models inside other packages' wheels, and sessions for them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from frametalk.adapters.onnx_model import load_session, packaged_model
from frametalk.errors import AdapterError

FILE = Path("data", "model.onnx")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an importable package that fails when it is imported."""
    folder = tmp_path / "carrier"
    (folder / "data").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def locate(name: str = "carrier") -> Path:
    return packaged_model(name, "carrier-wheel", FILE, "voice", "pip install carrier-wheel")


def test_the_file_is_found_without_an_import(package: Path) -> None:
    (package / FILE).touch()
    assert locate() == package / FILE


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("absent", "the carrier-wheel package"),
        ("carrier", f"{FILE} in carrier-wheel"),
    ],
)
@pytest.mark.usefixtures("package")
def test_a_missing_file_is_an_error_with_a_remedy(name: str, what: str) -> None:
    with pytest.raises(AdapterError) as caught:
        locate(name)
    assert caught.value.code == "engine_missing"
    assert caught.value.text == f"{what} is missing; it contains the voice model"
    assert caught.value.remedy == "pip install carrier-wheel"


def test_a_missing_runtime_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(AdapterError, match="engine_missing") as caught:
        load_session(FILE)
    assert "frametalk[turn]" in caught.value.remedy


def test_a_file_that_is_not_a_model_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"not a model")
    with pytest.raises(AdapterError, match="engine_failed") as caught:
        load_session(tmp_path / "bad.onnx", "pip install carrier-wheel")
    assert caught.value.remedy == "pip install carrier-wheel"
