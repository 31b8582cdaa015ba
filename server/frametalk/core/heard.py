"""The ledger of one reply: from played samples to the words that the player heard."""

from __future__ import annotations

from dataclasses import dataclass, field

from frametalk.core.marks import Mark
from frametalk.errors import FrametalkError, Stage


@dataclass(slots=True)
class Clause:
    """What is said from sample `at` on, until `end`, which is None until it is complete."""

    text: str
    at: int
    spoken: str
    end: int | None = None
    # For each word the sample where it ends, and where it ends in `text`.
    words: list[tuple[int, int]] = field(default_factory=list)
    cursor: int = 0


@dataclass(frozen=True, slots=True)
class KeptLedger:
    """A ledger as it outlives a server that restarts."""

    sent: int
    played: int
    clauses: tuple[Clause, ...]


class Ledger:
    """What the player has heard of one reply. Samples are on the reply's clock.

    `sent` is the end of the sound that was sent, `played` the sample that the client last reported.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.played = 0
        self._clauses: list[Clause] = []

    def kept(self) -> KeptLedger:
        """All of it, to be restored elsewhere."""
        return KeptLedger(self.sent, self.played, tuple(self._clauses))

    def restore(self, kept: KeptLedger) -> None:
        """Go on from another ledger."""
        self.sent, self.played = kept.sent, kept.played
        self._clauses = list(kept.clauses)

    def begin_clause(self, text: str, at: int, spoken: str = "") -> None:
        """Start a clause at sample `at`: `text` as written, `spoken` if the voice says it otherwise."""
        self._clauses.append(Clause(text, at, spoken or text))

    def word(self, mark: Mark) -> None:
        """Take a word mark of the newest clause; a word that is not in its text is ignored."""
        clause = self._clauses[-1]
        found = clause.text.find(mark.name, clause.cursor) if mark.name else -1
        if found >= 0:
            clause.cursor = _past_punctuation(clause.text, found + len(mark.name))
            clause.words.append((mark.end, clause.cursor))

    def end_clause(self, end: int) -> None:
        """The newest clause's sound ends before sample `end`."""
        self._clauses[-1].end = end

    def report(self, sample: int) -> None:
        """The client has played all samples before `sample`.

        Raises FrametalkError `played_backwards` or `played_beyond` and leaves the ledger unchanged.
        """
        if sample < self.played:
            raise _played_error("played_backwards", f"{sample} after {self.played}")
        if sample > self.sent:
            raise _played_error("played_beyond", f"{sample}, but only {self.sent} were sent")
        self.played = sample

    def heard(self) -> str:
        """The words that were heard to their end."""
        return " ".join(filter(None, (self._heard_of(clause) for clause in self._clauses)))

    def sounding(self) -> str:
        """The clause being played and the one before it, as spoken: their echo may be heard now."""
        begun = [clause.spoken for clause in self._clauses if clause.at <= self.played]
        return " ".join(begun[-2:])

    def _heard_of(self, clause: Clause) -> str:
        if clause.end is not None and self.played >= clause.end:
            return clause.text
        ends = [cursor for end, cursor in clause.words if end <= self.played]
        return clause.text[: ends[-1]].strip() if ends else ""


def _past_punctuation(text: str, index: int) -> int:
    while index < len(text) and not text[index].isspace() and not text[index].isalnum():
        index += 1
    return index


def _played_error(code: str, what: str) -> FrametalkError:
    return FrametalkError(
        code,
        f"played reports sample {what}",
        stage=Stage.SPEAK,
        remedy="report samples on the reply's clock: never fewer than before, never more than were sent",
    )
