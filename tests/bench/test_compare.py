"""`frametalk bench compare`: two files, one table, and how the machines differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from frametalk.bench.compare import compare, table
from frametalk.bench.samples import Distribution
from frametalk.cli import main
from frametalk.errors import ConfigError


def a_file(folder: Path, name: str, shift_ms: float = 0, **changes: Any) -> Path:
    values = [300 + 10 * number + shift_ms + number % 3 for number in range(50)]
    data = {
        "suite": "overhead",
        "sessions": 1,
        "mouth_to_ear_ms": Distribution.of(values, [f"0.{number}" for number in range(50)]),
        "machine": {"system": "Linux 6", "cores": 2},
        "versions": {"frametalk": "1.0"},
        "calibration": {"loop_us": {"p50": 900.0}},
    }
    file = folder / name
    file.write_bytes(msgspec.json.encode(data | changes))
    return file


def test_what_moved_comes_first_and_machines_are_compared(tmp_path):
    old = a_file(tmp_path, "old.json", late_frames=0)
    new = a_file(
        tmp_path,
        "new.json",
        30,
        late_frames=2,
        versions={"frametalk": "1.1"},
        calibration={"loop_us": {"p50": 1200.0}},
    )
    found = compare(old, new)
    assert found.machines == [
        "frametalk: 1.0, now 1.1",
        "the calibration loop took 900 us, now 1200 us (+33%)",
    ]
    console = Console(width=160)
    with console.capture() as captured:
        console.print(table(found))
    shown = captured.get()
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in shown.splitlines()
        if line.startswith("│")
    ]
    assert "2 of 3 values moved beyond noise" in shown
    assert rows[0] == ["mouth_to_ear_ms.p50", "540", "570", "+30 (+6%)", "+30 to +30", "50 pairs"]
    assert rows[-1][:4] == ["late_frames", "0", "2", "+2 ?"]
    assert "frametalk: 1.0, now 1.1" in shown


def test_a_result_beside_itself_has_not_moved(tmp_path, capsys):
    file = str(a_file(tmp_path, "same.json"))
    assert main(["bench", "compare", file, file]) == 0
    shown = capsys.readouterr().out
    assert "0 of 2 values moved beyond noise" in shown
    assert "same machine, versions and speed" in shown


def test_the_comparison_can_be_printed_as_json(tmp_path, capsys):
    file = str(a_file(tmp_path, "same.json"))
    assert main(["bench", "compare", file, file, "--json"]) == 0
    assert msgspec.json.decode(capsys.readouterr().out)["changes"][0]["moved"] is False


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "bad.json"), ('{"suite": "turns"}', "has no 'machine'"), (None, "No such file")],
)
def test_a_file_that_is_no_result_is_refused(tmp_path, content, said):
    bad = tmp_path / "bad.json"
    if content is not None:
        bad.write_text(content)
    with pytest.raises(ConfigError, match=said):
        compare(a_file(tmp_path, "old.json"), bad)


def test_results_of_two_suites_are_refused(tmp_path):
    old, new = a_file(tmp_path, "old.json"), a_file(tmp_path, "new.json", suite="turns")
    with pytest.raises(ConfigError, match="same suite"):
        compare(old, new)


def test_one_file_is_not_enough_and_a_suite_takes_none(tmp_path, capsys):
    file = str(a_file(tmp_path, "old.json"))
    assert main(["bench", "compare", file]) == 2
    assert "takes two files, not 1" in capsys.readouterr().err
    assert main(["bench", "attack", file]) == 2
    assert "takes no files" in capsys.readouterr().err
