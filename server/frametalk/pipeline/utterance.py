"""One turn being recognised, and the place of its words on the microphone's clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from frametalk.adapters.base import Hypothesis, RecogniserStream
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.core.commands import words_of
from frametalk.wire.messages import WordHeard

LONGEST_GAP_SAMPLES = RECOGNITION_RATE_HZ // 2  # recognisers need no long silence between words


@dataclass(slots=True)
class Utterance:
    """The stream that recognises a turn. `first`: its first sample, on the recognition clock."""

    turn: int
    stream: RecogniserStream
    first: int
    mic_rate_hz: int
    over_reply: bool  # it started over a reply
    rev: int = 1
    open: bool = True  # sound is still fed to it
    finalizing: int = 0  # texts that were asked for and have not come
    suspected: bool = False  # the newest partial text would interrupt the reply
    newest: str = ""  # partial text
    before: str = ""  # over the first sound of a reply: the text that the reply answers
    resumed: int | None = None  # the stream's sample at which the speech over the reply begins
    paused_at: int | None = None  # fed no further, on the recognition clock
    _skipped: list[tuple[int, int]] = field(
        default_factory=list
    )  # (stream's sample, samples left out)

    def resume(self, first: int, before: str) -> int:
        """Sound follows again from sample `first` of the recognition clock; `before`: the text so far.

        Returns how many samples of silence to feed before it: a long gap is shortened.
        """
        paused_at = first if self.paused_at is None else self.paused_at
        self.resumed = paused_at - self.first - sum(samples for _at, samples in self._skipped)
        silence = min(first - paused_at, LONGEST_GAP_SAMPLES)
        self._skipped.append((self.resumed, first - paused_at - silence))
        self.paused_at, self.before, self.suspected = None, before, False
        return silence

    def newer(self, heard: Hypothesis) -> str:
        """The words said over the reply, of a text that has those before it too."""
        if self.resumed is None:
            return heard.text
        if heard.words:
            newer = [word for word in heard.words if word.at + word.end >= 2 * self.resumed]
            return " ".join(word.text for word in newer)
        return " ".join(words_of(heard.text)[len(words_of(self.before)) :])

    def on_mic_clock(self, heard: Hypothesis) -> tuple[WordHeard, ...]:
        """The words, with their times on the microphone's own sample clock."""
        return tuple(
            WordHeard(
                text=word.text,
                at=self._mic_sample(word.at),
                end=self._mic_sample(word.end),
                confidence=min(1.0, max(0.0, word.confidence)),
            )
            for word in heard.words
        )

    def _mic_sample(self, at: int) -> int:
        skipped = sum(samples for since, samples in self._skipped if at >= since)
        return (self.first + at + skipped) * self.mic_rate_hz // RECOGNITION_RATE_HZ
