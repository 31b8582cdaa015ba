"""The page: complete, valid, alone, and safe whatever a result contains."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import bench_results
from conftest import ROOT
from frametalk.bench.html.page import write
from frametalk.cli import main
from frametalk.errors import ConfigError

BUDGETS = ROOT / "latency_tests" / "budgets.toml"
HOSTILE = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
VOID = {"meta", "link", "br"}


class Reader(HTMLParser):
    """Checks that every element is closed in its order; keeps tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(file: Path) -> Reader:
    reader = Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    reader.close()
    assert not reader.open
    return reader


def everything(folder: Path, change: Any = lambda data: data) -> list[Path]:
    return [
        bench_results.written(folder / f"{name}.json", change(made()))
        for name, made in bench_results.ALL.items()
    ]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.html"


def test_every_suite_has_a_section_and_the_drawings_of_its_kind(tmp_path: Path, out: Path) -> None:
    write(everything(tmp_path), out, BUDGETS)
    sections = re.split("<section", out.read_text(encoding="utf-8"))[1:]
    shown = dict(zip(bench_results.ALL, sections, strict=True))
    assert all(f"<h2>{name} ({name}.json)</h2>" in section for name, section in shown.items())
    for name, drawing in (
        ("overhead", "Waterfalls: parts_ms"),
        ("turns", "False cuts against the response gap"),
        ("load", "Where the processor time went"),
        ("client", "Our share of a frame"),
        ("attack", "floods[pings].neighbour_ms"),
    ):
        assert [key for key, section in shown.items() if drawing in section] == [name]
    assert {key for key, section in shown.items() if "<h3>Budgets</h3>" in section} == {*shown}
    assert "levels[sessions=50].overhead_ms.p95" in shown["load"]


def test_a_result_without_budgets_has_no_table_of_them(tmp_path: Path, out: Path) -> None:
    limits = tmp_path / "none.toml"
    limits.write_text("")
    write([bench_results.written(tmp_path / "a.json", bench_results.load())], out, limits)
    assert "<h3>Budgets</h3>" not in out.read_text(encoding="utf-8")


def test_a_level_that_was_not_measured_is_shown_so(tmp_path: Path, out: Path) -> None:
    limits = tmp_path / "load.toml"
    limits.write_text("[[load]]\nvalue = 'levels[sessions=100].rss_mb'\nmax = 1\nwhy = ''\n")
    write([bench_results.written(tmp_path / "a.json", bench_results.load())], out, limits)
    assert '<b class="dim">not measured</b>' in out.read_text(encoding="utf-8")


def test_the_page_needs_nothing_else(tmp_path: Path, out: Path) -> None:
    write(everything(tmp_path), out, BUDGETS)
    reader = read(out)
    assert any(value.startswith("default-src 'none'") for _name, value in reader.attributes)
    assert not {"script", "img", "iframe", "object", "embed"} & set(reader.tags)
    assert not [name for name, _value in reader.attributes if name.startswith("on")]
    addresses = [value for name, value in reader.attributes if name in {"href", "src"}]
    assert all(re.fullmatch(r"#s\d+|data:,", address) for address in addresses)
    assert not re.search(r"https?:|//\w|@import|url\(", out.read_text(encoding="utf-8"))


def hostile(value: Any) -> Any:
    """The result with its texts and some of its names replaced."""
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, list):
        return [hostile(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: hostile(each) for name, each in value.items()}
    if not any(isinstance(each, str | dict | list) for each in kept.values()) or "p50" in kept:
        return kept  # numbers by name, which a text would make invalid
    return kept | {HOSTILE: HOSTILE}


def test_texts_of_a_result_are_shown_and_never_become_elements(tmp_path: Path, out: Path) -> None:
    write(everything(tmp_path, hostile), out)
    reader = read(out)
    assert not {"script", "img"} & set(reader.tags)
    assert HOSTILE in "".join(reader.text)


def test_a_file_name_is_text_too(tmp_path: Path, out: Path) -> None:
    file = bench_results.written(tmp_path / "<script>.json", bench_results.load())
    write([file], out)
    assert "script" not in read(out).tags


def test_a_stopped_result_says_so(tmp_path: Path, out: Path) -> None:
    data = bench_results.overhead() | {"stopped": True}
    write([bench_results.written(tmp_path / "a.json", data)], out)
    assert "Stopped by Ctrl-C" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        {"levels": [{"sessions": "many"}]},
        {"curve": "flat"},
        {"frame_ms": {"p50": "fast"}},
        {"machine": None},
        {"parts_ms": {"a": {"values": ["x"]}}},
        {"wait_ms": {"values": [None] * 9, "p50": 1, "n": 9}},
    ],
)
def test_a_file_that_is_no_result_is_named(
    tmp_path: Path, out: Path, change: dict[str, Any]
) -> None:
    file = bench_results.written(tmp_path / "odd.json", bench_results.attack() | change)
    with pytest.raises(ConfigError, match=r"odd\.json") as caught:
        write([file], out)
    assert "--json" in caught.value.remedy
    assert not out.exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = bench_results.written(tmp_path / "a.json", bench_results.load())
    with pytest.raises(ConfigError, match=r"absent.*No such file"):
        write([file], tmp_path / "absent" / "out.html")


def test_the_command_writes_the_page_and_prints_its_name(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = map(str, everything(tmp_path))
    assert main(["bench", "report", *results, "--html", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert out.stat().st_size < 400_000


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["bench", "report", "--html", "out.html"], "RESULT.json"),
        (["bench", "report", "a.json"], "--html OUT.html"),
        (["bench", "report", "absent.json", "--html", "out.html"], "absent.json"),
        (["bench", "overhead", "--html", "out.html"], "frametalk bench report"),
    ],
)
def test_the_command_says_what_is_missing(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) != 0
    assert named in capsys.readouterr().err
