"""One reply in the client: what came, what was heard of it, and when."""

from __future__ import annotations

import numpy as np

from frametalk.core.heard import Ledger
from frametalk.core.marks import Mark
from frametalk.headless.playback import Playback
from frametalk.wire.codec import Media
from frametalk.wire.messages import (
    ReplyBegin,
    ReplyCut,
    ReplyEnd,
    ReplyMarks,
    ReplyText,
    Trace,
)


class Reply:
    """Takes a reply's messages and media. `violations` lists where the server broke the wire's rules.

    `two_ways`: sound comes by a way of its own, and may overtake its marks.
    """

    def __init__(self, begin: ReplyBegin, at_s: float, *, two_ways: bool = False) -> None:
        self.begin = begin
        self.id = begin.reply
        self.began_s = at_s
        self.playback = Playback(begin.reply, begin.rate_hz)
        self.visemes: list[Mark] = []
        self.texts: list[ReplyText] = []
        self.cut: ReplyCut | None = None
        self.trace: Trace | None = None
        self.violations: list[str] = []
        self._two_ways = two_ways
        self._ledger = Ledger()
        self._ended: int | None = None

    @property
    def done(self) -> bool:
        """Whether it was played to its end or cut."""
        return self.playback.done_s is not None

    @property
    def text(self) -> str:
        """All captions so far."""
        return " ".join(text.text.strip() for text in self.texts)

    @property
    def heard_text(self) -> str:
        """The words that were heard completely."""
        self._ledger.sent = self.playback.available
        self._ledger.report(self.playback.played)
        return self._ledger.heard()

    def take_text(self, message: ReplyText) -> None:
        """Take a caption; the clause before it ends where this one begins."""
        if self.texts:
            self._ledger.end_clause(message.at)
        self.texts.append(message)
        self._ledger.begin_clause(message.text, message.at)

    def take_marks(self, message: ReplyMarks) -> None:
        """Take marks; each must come before the sound that it belongs to."""
        for mark in message.marks:
            if mark.kind == "viseme":
                if self.visemes and mark.at < self.visemes[-1].at:
                    self._violated(f"viseme at {mark.at} comes after one at {self.visemes[-1].at}")
                self.visemes.append(mark)
            elif mark.kind == "word" and self.texts:
                self._ledger.word(mark)
        first = min((mark.at for mark in message.marks), default=self.playback.available)
        if first < self.playback.available and not self._two_ways:
            self._violated(f"marks from {first} came after sound up to {self.playback.available}")

    def take_media(self, frame: Media, at_s: float) -> None:
        """Take sound; frames must follow each other without gaps."""
        if self._ended is not None:
            self._violated("media after reply.end")
        elif frame.sample != self.playback.available and not self.playback.was_cut:
            self._violated(f"media at {frame.sample}, expected {self.playback.available}")
        else:
            self.playback.feed(at_s, np.frombuffer(frame.payload, "<i2"))

    def take_end(self, message: ReplyEnd, at_s: float) -> None:
        """Take the end: all sound has come."""
        self._ended = message.samples
        if message.samples != self.playback.available:
            self._violated(
                f"reply.end says {message.samples} samples, {self.playback.available} came"
            )
        if self.texts:
            self._ledger.end_clause(self.playback.available)
        self.playback.end(at_s, self.playback.available)

    def take_cut(self, message: ReplyCut, at_s: float) -> None:
        """Stop at once; marks after that sample are void."""
        if self.done:
            return
        self.cut = message
        self.playback.cut(at_s)
        self.visemes = [mark for mark in self.visemes if mark.at < self.playback.played]

    def _violated(self, what: str) -> None:
        self.violations.append(f"reply {self.id}: {what}")
