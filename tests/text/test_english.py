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
    # times, dates, years
    ("3:45pm, 9am-5pm, 9-5pm", "three forty-five p m, nine a m to five p m, nine to five p m"),
    ("12:05:30 or 00:00", "twelve oh five and thirty seconds or midnight"),
    ("on 2024-01-15", "on January fifteenth, twenty twenty-four"),
    ("on 15.01.2024", "on January fifteenth, twenty twenty-four"),
    ("Jan 1, 1980, or 4 July", "January first, nineteen eighty, or the fourth of July"),
    ("May 5 people, June 2024", "May five people, June twenty twenty-four"),
    ("1914-1918, 1914–18", "nineteen fourteen to nineteen eighteen, nineteen fourteen to eighteen"),
    ("1500-2000 men, the '80s", "one thousand five hundred to two thousand men, the eighties"),
    # money, sizes, telephone numbers
    ("$5-10, $5–$10", "five to ten dollars, five to ten dollars"),
    ("£1.50-2", "one pound and fifty pence to two pounds"),
    ("$1.5M, $0.50, $5/day", "one point five million dollars, fifty cents, five dollars per day"),
    ("2½, 1½ cups, 2 1/2", "two and a half, one and a half cups, two and a half"),
    ("24/7, 50/50, 9/11", "twenty-four seven, fifty fifty, nine eleven"),
    ("5'11\" or 6' tall", "five foot eleven or six feet tall"),
    ("10%-20%, 1st-3rd", "ten to twenty percent, first to third"),
    ("call 911, (555) 123-4567", "call nine one one, five five five one two three four five six seven"),
    ("5 m-my lords, 10 g-gold", "five m-my lords, ten g-gold"),
    # left to the voice
    ("1/2/2024, 10/31, 1.000.000", "1/2/2024, 10/31, 1.000.000"),
    ("a 12\" blade, 6' of it", "a 12\" blade, 6' of it"),
    ("A4, x5, v2", "A4, x5, v2"),
    ("It ended 25:61.", "It ended 25:61."),
    ("9,999,999,999,999,999,999", "9,999,999,999,999,999,999"),
    ("555-1234", "five five five one two three four"),
    ("What? Never!", "What? Never!"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "spoken"), READ_ALOUD)
def test_written_english_is_read_aloud(written: str, spoken: str) -> None:
    assert reword(written, "en-US", number_words).spoken == spoken
