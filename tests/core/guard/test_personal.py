"""Personal data in what is said, and numbers of a game that are none."""

from __future__ import annotations

import pytest

from frametalk.core.guard.personal import found


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.com",
        "anna.smith (at) mail.example.org",
        "4111 1111 1111 1111",
        "5500-0000-0000-0004",
        "DE89 3704 0044 0532 0130 00",
        "es91 2100 0418 4502 0005 1332",
        "+49 170 1234567",
        "0170/1234567 or 0170 1234567",
        "(555) 123-4567",
    ],
)
def test_personal_data_is_found(text: str) -> None:
    assert found(f"Write to {text}, please.")


@pytest.mark.parametrize(
    "text",
    [
        "I have 1000000 gold.",
        "Room 0815 on floor 3.",
        "4 8 15 16 23 42",
        "It is due 01/15/2024.",
        "4111 1111 1111 1112 is my score",
        "3.14159265358979",
        "Turn @ the gate.",
        "12:30 to 13:45",
    ],
)
def test_numbers_of_a_game_are_none(text: str) -> None:
    assert not found(text)
