"""How fast a model reads its prompts, and how long its first word may take by that. Pure."""

from __future__ import annotations

SLOWEST = 0.1  # characters a millisecond that are assumed while nothing has been read: 25 tokens/s
PATIENCE = (
    2.5  # times the expected duration: other programs run too, and an answer may have to wait
)
MIN_CHARACTERS = 200  # fewer that were not in the server's cache tell nothing about its speed
_FASTER = (
    1.25  # how much one fast answer may raise a slow estimate: its prompt may have been cached
)


class Pace:
    """The speed of one model on one server, in characters of prompt a millisecond; 0: not known yet.

    An answer whose prompt was in the server's cache looks fast, so slow answers count more.
    """

    def __init__(self) -> None:
        self.rate = 0.0
        self._reading: tuple[int, float] | None = None

    def began(self, characters: int, now_ms: float) -> None:
        """The server has begun to read a prompt of which it knows nothing yet."""
        self._reading = (characters, now_ms)

    def ended(self) -> None:
        """The server has read that prompt, or will not."""
        self._reading = None

    def read(self, characters: int, took_ms: float) -> None:
        """So many characters took so long, until the first token."""
        if characters < MIN_CHARACTERS or took_ms <= 0:
            return
        rate = characters / took_ms
        self.rate = min(rate, self.rate * _FASTER) if self.rate else rate

    def first_ms(self, characters: int, now_ms: float, least_ms: float, most_ms: float) -> float:
        """The limit for the first token of an answer to a prompt of so many characters."""
        if not self.rate:
            return min(least_ms + self._left_ms(now_ms, SLOWEST), most_ms)
        expected_ms = characters / self.rate + self._left_ms(now_ms, self.rate)
        return min(max(least_ms, PATIENCE * expected_ms), most_ms)

    def _left_ms(self, now_ms: float, rate: float) -> float:
        """How long the prompt that is being read will probably still take."""
        if self._reading is None:
            return 0.0
        characters, began_ms = self._reading
        return max(0.0, characters / rate - (now_ms - began_ms))
