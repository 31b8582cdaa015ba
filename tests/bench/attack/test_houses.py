"""The inputs of servers with other settings: their names, codes and tokens."""

from __future__ import annotations

import re
from collections import Counter

import jwt
import pytest

from conftest import ROOT
from frametalk.bench.attack.houses import SECRET, _claims, _jwt, houses
from frametalk.bench.attack.inputs import handwritten

PAGE = (ROOT / "protocols" / "wire.md").read_text()
CODES = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
INPUTS = [one for house in houses() for one in house.inputs]


def test_every_input_has_a_name_of_its_own_and_a_code_of_the_page() -> None:
    names = Counter(one.name for one in (*INPUTS, *handwritten()))
    assert [name for name, count in names.items() if count > 1] == []
    assert {one.code for one in INPUTS if one.code} <= CODES
    assert len(INPUTS) >= 45


def test_a_token_with_all_claims_is_one_that_a_library_accepts() -> None:
    claims = jwt.decode(_jwt(_claims(sub="ada")), SECRET, ["HS256"], audience="frametalk")
    assert claims["sub"] == "ada"
    with pytest.raises(jwt.InvalidTokenError):
        jwt.decode(_jwt(_claims(), key=SECRET[::-1]), SECRET, ["HS256"], audience="frametalk")
