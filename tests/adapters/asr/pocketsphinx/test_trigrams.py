"""Counts of words in a row, and the back-off model in the ARPA file."""

from __future__ import annotations

import re

import pytest

from frametalk.adapters.asr.pocketsphinx.trigrams import END, MAX_CONTEXTS, START, Trigrams

OPEN = (("open",),)
THINGS = (("door",), ("iron", "key"))


def grams(model: Trigrams) -> dict[tuple[str, ...], tuple[float, float]]:
    """Probability and back-off weight of each entry in the file."""
    entries = {}
    for order, body in re.findall(r"\\(\d)-grams:\n(.*?)(?=\n\n)", model.arpa(), re.DOTALL):
        for line in body.strip().splitlines():
            probability, *words = line.split()
            backoff = words.pop() if len(words) > int(order) else "0"
            entries[tuple(words)] = (10 ** float(probability), 10 ** float(backoff))
    return entries


def test_words_of_a_pattern_are_counted_without_sentence_marks() -> None:
    model = Trigrams()
    model.add_pattern([OPEN, THINGS])
    assert set(model.words) == {"open", "door", "iron", "key"}


def test_the_weight_of_a_pattern_is_shared_among_its_fillings() -> None:
    model = Trigrams()
    model.add_pattern([OPEN, THINGS])
    model.add_pattern([OPEN, (("chest",),)], weight=2.0)
    pairs = {gram: found[0] for gram, found in grams(model).items() if len(gram) == 2}
    after_open = {
        newer: probability for (older, newer), probability in pairs.items() if older == "open"
    }
    assert after_open["chest"] == pytest.approx(4 * after_open["door"], rel=0.01)
    assert after_open["iron"] == pytest.approx(after_open["door"], rel=0.01)


def test_the_probabilities_after_a_word_add_up_to_one() -> None:
    model = Trigrams()
    for pattern in ([OPEN, THINGS], [THINGS], [(("stop",),)], [OPEN, (("the",),), THINGS]):
        model.add_pattern(pattern)
    entries = grams(model)
    vocabulary = [*model.words, END]
    for context in (START, "open", "the", "door", "iron", "key", "stop"):
        total = 0.0
        for word in vocabulary:
            backed_off = entries[context,][1] * entries[word,][0]
            total += entries.get((context, word), (backed_off, 0.0))[0]
        assert total == pytest.approx(1.0, abs=0.01), context


def test_a_pattern_with_many_fillings_is_counted_without_its_older_words() -> None:
    slot = tuple((f"word{number}",) for number in range(MAX_CONTEXTS // 10))
    model = Trigrams()
    model.add_pattern([slot, slot, slot])
    assert len(model.words) == len(slot)


def test_an_empty_pattern_is_ignored() -> None:
    model = Trigrams()
    model.add_pattern([])
    assert model.words == ()
