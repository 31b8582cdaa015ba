"""Accounts of sessions, players and days."""

from __future__ import annotations

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


def test_a_player_is_forgotten() -> None:
    accounts = Accounts(Limits(subject=Amounts(tokens=1)))
    accounts.charge("anna", Amounts(tokens=1), DAY)
    assert accounts.forget("anna")
    assert not accounts.forget("anna")
    assert accounts.reached("anna", DAY) == ""


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
