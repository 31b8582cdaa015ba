"""The comparison of Autobahn's cases, and its table. CONTRIBUTING.md says how to run the cases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.autobahn_compare import RANKS, Outcome, differences, load, report

FOLDER = Path(__file__).parent
EXPECTED = FOLDER / "autobahn_expected.json"

GOOD: Outcome = ("OK", "OK")
LATE: Outcome = ("NON-STRICT", "OK")
BAD: Outcome = ("FAILED", "WRONG CODE")


def test_the_table_has_every_case_once_in_order() -> None:
    rows = json.loads(EXPECTED.read_bytes(), object_pairs_hook=list)
    numbers = [tuple(int(part) for part in case.split(".")) for case, _ in rows]
    assert len(numbers) == 246
    assert numbers == sorted(set(numbers))
    assert {category for category, *_ in numbers} == {1, 2, 3, 4, 5, 6, 7}


def test_the_table_has_only_outcomes_that_autobahn_knows() -> None:
    words = {word for outcome in load(EXPECTED).values() for word in outcome}
    assert words <= set(RANKS) - {"ABSENT"}


def test_servers_as_expected_differ_in_nothing() -> None:
    table = load(EXPECTED)
    assert differences(table, table, {"asyncio": table, "uvloop": table}) == []


@pytest.mark.parametrize(
    ("seen", "plain"),
    [
        (LATE, GOOD),
        (BAD, LATE),
        (("OK", "WRONG CODE"), GOOD),
        (("OK", "UNCLEAN"), LATE),
        (("INFORMATIONAL", "FAILED"), ("INFORMATIONAL", "INFORMATIONAL")),
    ],
)
def test_a_case_worse_than_plain_websockets_is_flagged_though_expected(
    seen: Outcome, plain: Outcome
) -> None:
    (found,) = differences({"3.2": seen}, {"3.2": plain}, {"uvloop": {"3.2": seen}})
    assert (found.case, found.server, found.worse) == ("3.2", "uvloop", True)


def test_a_case_that_a_server_never_finished_is_worse() -> None:
    (found,) = differences({"1.1.1": GOOD}, {"1.1.1": GOOD}, {"asyncio": {}})
    assert found.worse


def test_a_case_that_nothing_finished_is_other_than_expected() -> None:
    (found,) = differences({"1.1.1": GOOD}, {}, {"asyncio": {}})
    assert not found.worse


def test_a_case_better_than_plain_websockets_is_other_than_expected() -> None:
    (found,) = differences({"3.2": LATE}, {"3.2": LATE}, {"asyncio": {"3.2": GOOD}})
    assert not found.worse


def test_a_case_that_is_not_in_the_table_is_other_than_expected() -> None:
    (found,) = differences({}, {"3.2": GOOD}, {"asyncio": {"3.2": GOOD}})
    assert not found.worse


def test_the_report_counts_a_case_once_for_all_servers() -> None:
    plain = {"3.2": GOOD, "10.1": GOOD}
    servers = {"asyncio": {"3.2": BAD, "10.1": GOOD}, "uvloop": {"3.2": LATE, "10.1": GOOD}}
    lines = report(plain, servers, differences(plain, plain, servers)).splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "plain 2 OK",
        "asyncio 1 OK, 1 FAILED",
        "uvloop 1 OK, 1 NON-STRICT",
        "",
        "case server seen plain expected",
        "3.2 asyncio FAILED / WRONG CODE OK / OK OK / OK worse",
        "3.2 uvloop NON-STRICT / OK OK / OK OK / OK worse",
        "",
        "2 cases, 1 worse than plain websockets",
    ]


@pytest.mark.parametrize(("seen", "status"), [(GOOD, 0), (BAD, 1)])
def test_the_exit_status_says_whether_anything_differs(
    tmp_path: Path, seen: Outcome, status: int
) -> None:
    for name, outcome in {"expected": GOOD, "plain": GOOD, "asyncio": seen}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"7.1.5": outcome}), encoding="utf-8")
    names = ("expected.json", "plain", "asyncio")
    compare = [FOLDER / "autobahn_compare.py", *(tmp_path / name for name in names)]
    run = subprocess.run([sys.executable, *compare], check=False, capture_output=True, text=True)
    assert run.returncode == status, run.stderr
    assert run.stdout.endswith(f"1 cases, {status} worse than plain websockets\n")
