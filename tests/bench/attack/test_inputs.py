"""The bad inputs have names of their own, and codes that the wire's page has."""

from __future__ import annotations

import re
from collections import Counter

from conftest import ROOT
from frametalk.bench.attack.inputs import handwritten
from frametalk.bench.attack.wrong_fields import inputs

PAGE = (ROOT / "protocols" / "wire.md").read_text()
CODES = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))


def test_every_input_has_a_name_of_its_own() -> None:
    names = Counter(one.name for one in (*handwritten(), *inputs()))
    assert [name for name, count in names.items() if count > 1] == []
    assert len(names) >= 120


def test_every_code_is_one_of_the_page() -> None:
    assert {one.code for one in (*handwritten(), *inputs()) if one.code} <= CODES
