"""The inputs of servers with other settings: their names, codes and tokens."""

from __future__ import annotations

import re
from collections import Counter

import jwt
import msgspec
import pytest

from conftest import ROOT
from frametalk.adapters.base import GuardRequest
from frametalk.adapters.guard.embedded import EmbeddedGuard
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


def test_each_house_that_asks_for_tokens_also_lets_somebody_in() -> None:
    for house in houses():
        if any(one.code == "bad_token" for one in house.inputs):
            first, *_others = house.inputs
            assert (first.code, first.greeted) == ("", False)


async def test_the_guard_of_children_stops_each_turn_that_it_should_stop() -> None:
    guard = EmbeddedGuard()
    await guard.start()
    for one in INPUTS:
        if one.answered:
            (frame,) = one.frames
            text = msgspec.msgpack.decode(bytes(frame))["text"]
            stopped = await guard.judge(GuardRequest(text, "player", plain=True)) is not None
            assert stopped == (one.answered == "guard"), one.name
    await guard.close()
