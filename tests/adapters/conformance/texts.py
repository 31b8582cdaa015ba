"""Texts that games, players and models send, and that break what was tested with English only."""

from __future__ import annotations

# Without anything to say.
SILENT = ("", " ", " \n\t ", "...", "\u2014", "?!")

# Each has something to say: the word "hello".
STRANGE = {
    "NUL": "hello\0there",
    "emoji": "hello \U0001f5e1\ufe0f\U0001f468\u200d\U0001f469\u200d\U0001f467 there",
    "right to left": "hello \u0634\u0643\u0631\u0627 \u202eereht\u202c there",
    "combining": "hello re\u0301sume\u0301 Z\u0335\u0321\u0322a\u0341\u0328lgo",
    "no alphabet": "hello \u4f60\u597d there",
    "markup": "hello <break time='9s'/> [[h@l'oU]] {thing} %s %n &amp; \\n there",
    "control": "hello \x1b[31m\x07\r\x7f\ufeff\u2028there",
    "one long word": "hello " + "a" * 400,
}

# Half of a surrogate pair, as a model's tokens may split it; clients cannot send it.
HALF_A_SURROGATE = "hello \ud83d there"

LONG_SENTENCE = "This is a very long story about a blacksmith. "
