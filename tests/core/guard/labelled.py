"""Lines that people labelled: what a guard must stop, whoever says it, and what it must let pass."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from frametalk.core.guard.judge import Side, Verdict, judge

HERE = Path(__file__).parent


class Line(NamedTuple):
    language: str
    topic: str
    side: str
    text: str

    @property
    def sides(self) -> tuple[Side, ...]:
        return ("player", "character") if self.side == "-" else (self.side,)  # type: ignore[return-value]

    @property
    def harmless(self) -> bool:
        return self.topic == "-"

    def verdicts(self) -> list[Verdict | None]:
        before, _, text = self.text.rpartition(" || ")
        return [judge(text, side, before=before, language=self.language) for side in self.sides]


def read(name: str) -> list[Line]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [Line(*line.split("\t")) for line in lines if line and not line.startswith("# ")]


LINES = [
    line
    for name in ("lines", "unseen_1", "unseen_2", "unseen_3", "unseen_4", "unseen_5")
    for line in read(f"{name}.tsv")
]
