"""Sentences that people say and type, and texts that nobody expects."""

from __future__ import annotations

import re
import tomllib

from adapters.conformance.texts import SILENT, STRANGE
from conftest import ROOT

_WORDS = re.compile(r"[^\W\d_]{2,}")


def real_sentences() -> list[str]:
    """The sentences of this repository: speech, patterns, lines, scenarios, prose and documentation."""
    lines: list[str] = []
    for name in ("tests/speech/manifest.toml", "server/frametalk/data/speech/manifest.toml"):
        lines += [entry["text"] for entry in tomllib.loads((ROOT / name).read_text())["speech"]]
    for folder in ("characters", "scenarios", "worlds"):
        for file in sorted((ROOT / "server/frametalk/data" / folder).glob("*.toml")):
            lines += re.findall(r'"((?:[^"\\]|\\.)+)"', file.read_text(encoding="utf-8"))
    lines += (
        (ROOT / "tests/adapters/llm/scripted/prose.txt").read_text(encoding="utf-8").splitlines()
    )
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        lines += page.read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys(line.strip() for line in lines if _WORDS.search(line)))


OF_OTHER_LANGUAGES = (
    "Öffne die rote Tür und gib mir den eisernen Schlüssel.",
    "Ouvre la porte rouge, s'il te plaît, et donne-moi la clé !",
    "¿Puedes abrir la puerta roja? ¡Ahora mismo!",
    "Apri la porta rossa e dammi la chiave.",
    "Otwórz czerwone drzwi i daj mi klucz.",
    "Открой красную дверь, пожалуйста.",
    "Άνοιξε την πόρτα.",
    "请打开红门。然后给我钥匙！",
    "赤いドアを開けて、鍵をください。",
    "빨간 문을 열어 주세요.",
    "افتح الباب الأحمر، من فضلك؟",
    "פתח את הדלת האדומה",
    "लाल दरवाज़ा खोलो।",
    "เปิดประตูสีแดง",
    "Mở cửa đỏ ra đi",
)

NOISE = (
    *SILENT,
    *STRANGE.values(),
    "and the rope", "then the red door", "and", "then", "and then", "and and and", "then then", "and,",
    ", and", ".and.", "and the", "then the", "the and", "the", "a", "a a a", "it", "that", "it and that",
    "and it", "please", "um", "me", "the please", "no", "number", "number number", "number one and",
    "no. 5", "half", "half a", "a hundred", "a hundred and", "and a half", "point five", "dozen",
    "first", "second and first", "twenty first", "1st 2nd 3rd", "1", "1 2 3", "0", "-1", "1e9",
    "9" * 400, "\u0663", "\u00b2", "\u00bd", "\u2167", "1,000.50", "...and", "?!?!", "\u3002\u3002",
    "'", "''", "n't", "'s 're 'll", "o'clock o'", "{thing}", "{number} {direction} {thing2}", "xslotax",
    "\\", "%s %d", "<|im_end|>", "[[intent]]", "\u202e\u202d", "\u200b\u200d\ufeff", "\u0301\u0301",
    "a\u0301\u0327" * 300, "\U0001f469\u200d\U0001f680" * 50, "\u05d0" * 300, "\ufdfa" * 100,
    "\u1e9e\u0130\u0131",
    "and " * 400, "the " * 400, "open the " * 200, "," * 1_500, "word, " * 300, "open it and " * 150,
)  # fmt: skip

HUGE = (
    "word " * 12_000, "and " * 15_000, "x" * 60_000, "." * 60_000, "a\u0301" * 30_000, "1 " * 30_000,
    "\u95e8" * 20_000, "open the door and " * 3_000, "{thing}" * 8_000, "\n" * 60_000, "'" * 60_000,
)  # fmt: skip
