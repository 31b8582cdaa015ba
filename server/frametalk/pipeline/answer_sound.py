"""Where in a reply's sound the answer to the turn is: a filler ahead of it is not the answer."""

from __future__ import annotations

from collections import deque


class AnswerSound:
    """One reply's. Samples are on the reply's clock; None as long as there is no such sample.

    `first`: the sample with which the answer's sound begins: 0 without a filler. `onset`: its first
    audible one.
    """

    def __init__(self) -> None:
        self.first: int | None = None
        self.onset: int | None = None
        # Sample and underruns of the client's newest reports; the newest may be of the filler's end.
        self._ahead = deque([(0, 0)], maxlen=2)

    def begin(self, at: int) -> None:
        """Sound of the answer begins at this sample; only the first one counts."""
        if self.first is None:
            self.first = at

    def report(self, sample: int, underruns: int) -> None:
        """The client has played all samples before `sample`, and ran dry so often until then."""
        is_ahead = self.first is None or sample < self.first
        if is_ahead and sample > self._ahead[-1][0]:
            self._ahead.append((sample, underruns))

    def underruns(self, so_far: int) -> int:
        """How many of the client's underruns are the answer's own.

        A client also runs dry between the end of the filler and the answer; that one does not count.
        """
        if not self.first:
            return so_far
        in_filler = max(count for sample, count in self._ahead if sample < self.first)
        return max(0, so_far - in_filler - 1)
