"""Accounts of sessions, players and days."""

from __future__ import annotations

from dataclasses import fields
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.core.caps import DAY_S, MAX_SUBJECTS, Accounts, Amounts, Limits

DAY = 20_000 * DAY_S


def test_a_limit_of_0_is_none() -> None:
    assert Amounts(1e9, 1e9, 1e9, 1e9).beyond(Amounts()) == ""


def test_the_first_amount_that_reaches_its_limit_is_named() -> None:
    limits = Amounts(tokens=100, speech_s=10)
    assert Amounts(tokens=99, speech_s=9).beyond(limits) == ""
    assert Amounts(tokens=99, speech_s=10).beyond(limits) == "speech_s"
    assert Amounts(tokens=100, speech_s=10).beyond(limits) == "tokens"


def test_a_player_and_the_day_have_their_own_limits() -> None:
    accounts = Accounts(Limits(subject=Amounts(tokens=100), day=Amounts(money=5)))
    accounts.charge("anna", Amounts(tokens=100, money=1), DAY)
    assert accounts.reached("anna", DAY) == "subject_tokens"
    assert accounts.reached("ben", DAY) == ""
    assert accounts.reached("", DAY) == ""
    accounts.charge("ben", Amounts(money=4), DAY)
    assert accounts.reached("", DAY) == "day_money"


def test_a_new_day_begins_with_nothing() -> None:
    accounts = Accounts(Limits(subject=Amounts(tokens=100), day=Amounts(tokens=100)))
    accounts.charge("anna", Amounts(tokens=100), DAY + DAY_S - 1)
    assert accounts.reached("anna", DAY + DAY_S - 1)
    assert accounts.reached("anna", DAY + DAY_S) == ""


@pytest.mark.parametrize("amount", [field.name for field in fields(Amounts)])
@pytest.mark.parametrize("whose", ["subject", "day"])
def test_each_amount_has_a_cap_for_a_player_and_for_the_day(whose: str, amount: str) -> None:
    accounts = Accounts(Limits(**{whose: Amounts(**{amount: 3})}))
    others = Amounts(**{field.name: 9 for field in fields(Amounts) if field.name != amount})
    accounts.charge("anna", others + Amounts(**{amount: 2}), DAY)
    assert accounts.reached("anna", DAY) == ""
    accounts.charge("anna", Amounts(**{amount: 1}), DAY)
    assert accounts.reached("anna", DAY) == f"{whose}_{amount}"
    assert accounts.reached("ben", DAY) == (f"day_{amount}" if whose == "day" else "")


def test_the_minutes_that_are_left_are_those_of_the_smaller_cap() -> None:
    accounts = Accounts(Limits(subject=Amounts(minutes=3), day=Amounts(minutes=5)))
    accounts.charge("anna", Amounts(minutes=1), DAY)
    assert accounts.minutes_left("anna", DAY) == 2
    accounts.charge("ben", Amounts(minutes=3.5), DAY)
    assert accounts.minutes_left("anna", DAY) == 0.5
    assert accounts.minutes_left("", DAY) == 0.5
    assert accounts.minutes_left("ben", DAY) == -0.5
    assert accounts.minutes_left("ben", DAY + DAY_S) == 3
    assert Accounts(Limits(subject=Amounts(minutes=3))).minutes_left("", DAY) == inf
    assert Accounts(Limits()).minutes_left("anna", DAY) == inf


def test_accounts_are_bounded() -> None:
    accounts = Accounts(Limits())
    for number in range(MAX_SUBJECTS + 10):
        accounts.charge(str(number), Amounts(tokens=1), DAY)
    assert len(accounts._subjects) == MAX_SUBJECTS


@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_amounts_add_up(tokens: list[float]) -> None:
    total = Amounts()
    for count in tokens:
        total = total + Amounts(tokens=count)
    assert total.tokens == sum(tokens)
