"""Text as the guard compares it: without case, accents, disguises, or marks between words.

A *view* is one way to read a text: words in lower case with one space between them, and " . " where a
sentence ends. The plain view is what is written; the others undo what hides words: figures for letters,
spaces between letters, letters drawn out, letters of other scripts that look alike.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_CHARACTERS = 8_000  # of one text; the rest is not read

# Letters of other scripts, and signs, that look like Latin letters. Source: Unicode's UTS 39.
_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u0261\u04bb\u043a\u043c\u0442\u043d\u0432\u04cf\u051b\u051d"
    "\u03b1\u03bf\u03c1\u03b5\u03b9\u03ba\u03bd\u03c4\u03c5\u03c7\u03b7\u03c9\u03b2\u03b3\u03c3\u03c2"
    "\u0438\u043f\u0446\u0448\u044c\u044f"
    "\u0131\u0251\u0269\u026a\u1d04\u1d0f\u1d1c\u1d20\u1d21\u1d22\u1d00\u1d07\u1d0b\u1d0d\u1d18\u1d1b\u029f\u0274\u0280\ua731\ua730\u0192"
    "\u057d\u0585\u0570\u0578\u0581\u0566\u0575\u0563\u0584\u10ff\u04bd\u0454\u0491\u0433\u028f\u026f\u0279\u0254\u0259\u0287\u029e\u0265"
    "\u00f8\u0142\u0111\u00f0\u0127\u2c65\u00b5\u1d05\u0262\u029c\u1d0a\u0299\u02b8\u0443",
    "aeopcyxijsdghkmthbiqw"
    "aopeikvtuxnwbyss"
    "nnuwbr"
    "iaiicouvwzaekmptlnrsff"
    "uohngqjqfoeerrymroetkh"
    "olddhaudghjbyy",
)
_TO_LATIN = {
    **{code: chr(ord("a") + i) for i, code in enumerate(range(0x1F130, 0x1F14A))},  # squared
    **{code: chr(ord("a") + i) for i, code in enumerate(range(0x1F150, 0x1F16A))},  # dark circles
    **{code: chr(ord("a") + i) for i, code in enumerate(range(0x1F170, 0x1F18A))},  # dark squares
    **{code: chr(ord("a") + i) for i, code in enumerate(range(0x1F1E6, 0x1F200))},  # flags' letters
}
_FIGURES = str.maketrans("013456789@$!|+\u20ac\u00a3\u00a5", "oieasgtbgasiitely")
_WORD = re.compile(r"\S+")
_END = re.compile(r"[.!?\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019\u00bb)\]]*(?=\s|$)")
_LONG = re.compile(r"([^\W\d_])\1\1+")  # a letter that is drawn out: "nooo"
_APOSTROPHES = re.compile("['\u2019\u2018`\u00b4]")
# French and Italian words that lose their vowel before another one: "l'arme", "dell'arma".
_ELIDED = re.compile(
    r"\b((?:jus|lors|puis)?qu|[ldjtmsnc]|(?:d|n|s|co)?[ae]ll|quell|un)['\u2019](?=[^\W\d_]{2})"
)
_APART = re.compile(
    r"(?:^|\s)\S \S \S(?:\s|$)(?s:.*)\s{2}|\s{2}\S \S \S(?:\s|$)"
)  # "a  f i n e  d a y"
_WIDE = re.compile(r"\s{2,}")
_CAMEL = re.compile(r"([a-z])(?<!\bMc)(?<!\bMac)([A-Z])")
_MASKS = "*#%_\u2022\u25cf\u2588"
_EDGES = "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum())
_EDGES += "\u201c\u201d\u201e\u00ab\u00bb\u2026\u00bf\u00a1\u2013\u2014\u2022"
_MIN_SPACED = 3  # letters: "f u n"
_MIN_SPELLED = 4
_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=64)
def views(text: str) -> tuple[str, ...]:
    """Every way to read a text that differs from the ones before, the plain one first."""
    clean = _clean(text[:MAX_CHARACTERS])
    found = [_plain(clean)]
    if _hides(clean):
        whole = [_whole(word) for word in _sentences(clean)]
        for ones in ({}, {"11": "ll", "!!": "ll"}, {"1": "l", "!": "l", "|": "l"}):
            words = [_with_figures(word, ones) for word in whole]
            found += [" ".join(_unspaced(words)), " ".join(words)]
    else:
        found.append(" ".join(_unspaced(found[0].split(" "))))
    if _APART.search(text):
        found.append(_plain(_clean(" ".join(map(_joined, _WIDE.split(text))))))
    if _CAMEL.search(text):
        found.append(_plain(_clean(_CAMEL.sub(r"\1 \2", text))))
    if _ELIDED.search(clean):
        found.append(_plain(_ELIDED.sub(r"\1 ", clean)))
    found.append(_mended(found[0]))
    if any(_LONG.search(view) for view in found):
        found += [_LONG.sub(length, view) for view in found for length in (r"\1", r"\1\1")]
    return tuple(dict.fromkeys(_squeezed(view) for view in found))


def masked(text: str) -> tuple[tuple[str, str], ...]:
    """Words with letters replaced by stars, and their patterns: "d*g" is `d[a-z]g`."""
    found = []
    for written in _WORD.findall(_clean(text[:MAX_CHARACTERS])):
        word = written.strip(_EDGES.replace("*", "").replace("#", ""))
        letters = sum(map(str.isalpha, word))
        if letters > 1 and word[0].isalpha() and any(mask in word[1:] for mask in _MASKS):
            parts = re.split(f"([{re.escape(_MASKS)}]+)", word)
            found.append((word, "".join(_unmasked(part) for part in parts)))
    return tuple(found)


def spelled(text: str) -> tuple[str, ...]:
    """What is written letter by letter, without its spaces: of "to b e  k i n d now" it is "bekind".

    A word of one letter may stand beside it, so each also comes without its first and its last letter.
    """
    runs, run = [], ""
    for word in (*_plain(_clean(text[:MAX_CHARACTERS])).split(), "  "):
        if len(word) == 1:
            run += word
            continue
        if len(run) >= _MIN_SPELLED and not run.isdecimal():
            letters = run.translate(_FIGURES)
            runs += [letters, letters[1:], letters[:-1], letters[1:-1]]
        run = ""
    return tuple(runs)


def folded(word: str) -> str:
    """A word of the guard's own lists as the plain view has it."""
    return _plain(_clean(word))


def _unmasked(part: str) -> str:
    if part and part[0] in _MASKS:
        return "[a-z]" * len(part) if len(part) < 2 else f"[a-z]{{1,{len(part) + 1}}}"  # noqa: PLR2004
    return re.escape(part)


def _clean(text: str) -> str:
    """Lower case, one form of each character, no accents but that of \u00f1, nothing invisible."""
    text = unicodedata.normalize("NFKC", text.translate(_TO_LATIN)).casefold()
    if text.isascii():
        return text
    text = text.replace("\u00f1", "\ue000")
    text = "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if unicodedata.category(character) not in {"Mn", "Cf", "Me"}
    )
    return _latin(text).replace("\ue000", "\u00f1").replace("\u00e6", "ae").replace("\u0153", "oe")


def _latin(text: str) -> str:
    """Letters that look like Latin ones replaced, in words that have some Latin letters or only such."""
    return _WORD.sub(lambda found: _latin_word(found[0]), text)


def _latin_word(word: str) -> str:
    changed = word.translate(_ALIKE)
    return (
        changed if all(c.isascii() or not c.isalpha() or c == "\ue000" for c in changed) else word
    )


def _plain(clean: str) -> str:
    text = _APOSTROPHES.sub("", _END.sub(" \ue001 ", clean))
    text = "".join(c if c.isalnum() or c == "\ue001" else " " for c in text)
    return _squeezed(text.replace("\ue001", " . "))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _hides(clean: str) -> bool:
    """Whether a word has figures, signs or stops inside, so that it may be another one."""
    for word in _WORD.findall(clean):
        inner = word.strip(_EDGES.replace("$", "").replace("@", ""))
        if not inner.isalpha() and any(map(str.isalpha, inner)):
            return True
    return False


def _sentences(clean: str) -> list[str]:
    """The words, and "." where a sentence ends."""
    return _END.sub(" . ", clean).split()


def _whole(word: str) -> str:
    """A word without what stands before it, after it, and between its letters."""
    if word == ".":
        return word
    word = word.strip(_EDGES.replace("$", "").replace("@", "").replace("!", "").replace("|", ""))
    return "".join(c for c in word if c.isalnum() or c in "@$!|+\u20ac\u00a3\u00a5")


def _with_figures(word: str, ones: dict[str, str]) -> str:
    """A word with letters for its figures, if it has letters too; `ones` are those for a 1 that is no i."""
    if not any(map(str.isalpha, word)):
        return word
    for figure, letter in ones.items():
        word = word.replace(figure, letter)
    return word.translate(_FIGURES)


def _joined(part: str) -> str:
    return part.replace(" ", "") if all(len(word) == 1 for word in part.split()) else part


def _mended(view: str) -> str:
    """Pieces without a vowel are no words, so they are joined to the piece before: "fo rk" is "fork"."""
    words: list[str] = []
    for word in view.split(" "):
        if words and (_is_piece(word) or _is_piece(words[-1])):
            words[-1] += word
        else:
            words.append(word)
    return " ".join(words)


def _is_piece(word: str) -> bool:
    return len(word) > 1 and word.isalpha() and not _VOWELS & set(word)


def _unspaced(words: list[str]) -> list[str]:
    """Runs of single letters as one word: "f u n" is "fun"."""
    out: list[str] = []
    run: list[str] = []
    for word in (*words, ""):
        if len(word) == 1 and (word.isalnum() or word in "@$!|+"):
            run.append(word)
            continue
        if word == "." and run:
            continue  # "F. U. N."
        joined = "".join(run)
        if len(run) >= _MIN_SPACED:
            out.append(joined.translate(_FIGURES) if not joined.isdecimal() else joined)
        else:
            out += run
        run = []
        out.append(word)
    return out[:-1]
