"""The picture of what was said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from frametalk.byhand.picture import draw
from frametalk.byhand.saying import Said
from frametalk.core.marks import Mark
from frametalk.errors import ConfigError

SAID = Said(
    16_000,
    (np.sin(np.arange(8_000)) * 9_000).astype(np.int16),
    (
        Mark("word", 0, 4_000, "papa"),
        Mark("viseme", 0, 2_000, "PP"),
        Mark("viseme", 2_000, 4_000, "aa"),
    ),
    (),
)


@pytest.mark.parametrize(("name", "begins"), [("s.png", b"\x89PNG"), ("s.svg", b"<?xml")])
def test_the_files_name_chooses_the_format(tmp_path: Path, name: str, begins: bytes) -> None:
    draw(SAID, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_the_picture_names_words_and_shapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import matplotlib as mpl

    monkeypatch.setitem(mpl.rcParams, "svg.fonttype", "none")  # letters stay letters
    draw(SAID, tmp_path / "s.svg")
    text = (tmp_path / "s.svg").read_text()
    assert ">papa<" in text
    assert ">PP<" in text


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        draw(SAID, tmp_path / "s.txt")
    assert "png" in caught.value.remedy


def test_without_matplotlib_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(ConfigError) as caught:
        draw(SAID, tmp_path / "s.png")
    assert caught.value.remedy == 'pip install "frametalk[plot]"'
