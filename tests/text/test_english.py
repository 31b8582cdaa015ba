"""English text read aloud."""

from __future__ import annotations

import pytest

from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import reword

READ_ALOUD = [
    ("That's 25 gold.", "That's twenty-five gold."),
    ("1,000 or 3.5 or -4 or 007", "one thousand or three point five or minus four or zero zero seven"),
    ("the 1st, 2nd and 25th", "the first, second and twenty-fifth"),
    ("1/2, 3/4, 5/7, 9/4", "one half, three quarters, five sevenths, nine over four"),
    ("½ a cup, ¼, ¾", "one half a cup, one quarter, three quarters"),
    ("3-5 days, 3–5 km", "three to five days, three to five kilometres"),
    ("25% of it", "twenty-five percent of it"),
    ("$3.50, $1, £2.01", "three dollars and fifty cents, one dollar, two pounds and one penny"),
    ("$5 million, 5 €", "five million dollars, five euros"),
    ("12 °C, 1 km, 5m", "twelve degrees Celsius, one kilometre, five metres"),
    ("2 kg, 30 km/h", "two kilograms, thirty kilometres per hour"),
    # years only in the right context
    ("In 1984, since 1905", "In nineteen eighty-four, since nineteen oh-five"),
    ("1984 gold", "one thousand nine hundred and eighty-four gold"),
    ("in 1984 gold", "in one thousand nine hundred and eighty-four gold"),
    ("the 1980s", "the nineteen eighties"),
    # times
    ("at 7:30 or 14:05", "at seven thirty or fourteen oh five"),
    ("at 7:00, 9 am, 7:30 p.m.", "at seven o'clock, nine a m, seven thirty p m"),
    # abbreviations
    ("Dr. Smith of Main St. is here", "Doctor Smith of Main Street is here"),
    ("St. George, Mr. Bean vs. Mrs. Hale", "Saint George, Mister Bean versus Missus Hale"),
    ("swords, e.g. mine, etc.", "swords, for example mine, et cetera."),
    ("No. 5, #6, No.", "number five, number six, No."),
    # Roman numerals
    ("King Edward VII", "King Edward the seventh"),
    ("Henry VIII in World War II", "Henry the eighth in World War two"),
    ("Pope Pius V prayed", "Pope Pius the fifth prayed"),
    ("I am King I say, Vitamin C, XX, Chapter IV", "I am King I say, Vitamin C, XX, Chapter four"),
    # symbols and addresses
    ("5 * 3 = 15 & more", "five times three equals fifteen and more"),
    ("https://www.example.com/x?y=1.", "example dot com."),
    ("a.b@c.org", "a dot b at c dot org"),
    ("version 1.2.3", "version one point two point three"),
    # left to the voice
    ("A4, x5, v2", "A4, x5, v2"),
    ("It ended 25:61.", "It ended 25:61."),
    ("9,999,999,999,999,999,999", "9,999,999,999,999,999,999"),
    ("555-1234", "five five five one two three four"),
    ("What? Never!", "What? Never!"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "spoken"), READ_ALOUD)
def test_written_english_is_read_aloud(written: str, spoken: str) -> None:
    assert reword(written, "en-US", number_words).spoken == spoken
