"""One turn being recognised, and the place of its words on the microphone's clock."""

from __future__ import annotations

from dataclasses import dataclass

from frametalk.adapters.base import Hypothesis, RecogniserStream
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.wire.messages import WordHeard


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
        return (self.first + at) * self.mic_rate_hz // RECOGNITION_RATE_HZ
