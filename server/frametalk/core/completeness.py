"""How complete a turn sounds, and how long a silence ends it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum, auto
from typing import Protocol

from frametalk.core.commands import Commands, words_of
from frametalk.core.languages import language_of


class Completeness(Enum):
    """How a turn sounds at a pause."""

    COMPLETE = auto()
    UNKNOWN = auto()
    INCOMPLETE = auto()


_UNFINISHED = (",", "，", "、", "،", ";", "；", "؛", ":", "：", "-", "–", "—", "…", "...")
SURE, UNSURE = (
    0.95,
    0.3,
)  # probabilities of an end from which a turn detector is sure of it, and of none
DETECTOR_SILENCE_MS = 160  # after the pause began to count: as much as detectors were trained on
LONGEST_OPENING = 8  # words: "if i pull the lever"; a longer text has a main clause too


def completeness_of(
    text: str, commands: Commands, language: str = "en", alternatives: Sequence[str] = ()
) -> Completeness:
    """How complete the words sound: complete is only what is known here as a whole command.

    A recogniser's comma says that more comes; its full stop says nothing, for it writes one at every pause.
    If the text alone is unknown, an alternative that is a whole command makes the turn complete.
    """
    kind = _by_words(text.strip(), commands, language)
    if kind is Completeness.UNKNOWN and any(map(commands.complete, alternatives)):
        return Completeness.COMPLETE
    return kind


def _by_words(text: str, commands: Commands, language: str) -> Completeness:
    if not text:
        return Completeness.UNKNOWN
    if text.endswith(_UNFINISHED):
        return Completeness.INCOMPLETE
    if commands.complete(text):
        return Completeness.COMPLETE
    words, known = words_of(text), language_of(language)
    if (words and words[-1] in known.trailing) or _ends_with(words, known.trailing_phrases):
        return Completeness.INCOMPLETE
    if words and words[0] in known.openings and len(words) <= LONGEST_OPENING and "," not in text:
        return Completeness.INCOMPLETE
    return Completeness.INCOMPLETE if commands.incomplete(text) else Completeness.UNKNOWN


def _ends_with(words: Sequence[str], phrases: Sequence[str]) -> bool:
    return f" {' '.join(words)}".endswith(tuple(f" {phrase}" for phrase in phrases))


class DelaySettings(Protocol):
    """The silence that ends a turn, by how complete it sounds. `config.TurnSettings` is one."""

    @property
    def endpoint_delay_complete_ms(self) -> float:
        """After a known command."""

    @property
    def endpoint_delay_ms(self) -> float:
        """After words of unknown completeness, where a turn detector does not doubt the end."""

    @property
    def endpoint_delay_incomplete_ms(self) -> float:
        """After words that sound incomplete."""

    @property
    def endpoint_delay_max_ms(self) -> float:
        """The longest delay for a player who often pauses."""


class EndpointDelays:
    """The endpoint delays for one player, who may pause longer inside turns than others do.

    Keeps the newest pauses after commands, and those after other words, with 0 for a turn that ended.
    When the player resumed after at least a fifth of them, after commands most of them, the delay grows
    beyond the length of those pauses. Pauses too short to end any turn do not count.
    """

    KEPT = 8
    SHARE = 0.8
    # Commands are answered fast until the habit is certain.
    SHARE_AFTER_COMMANDS = 0.5
    FEWEST_AFTER_COMMANDS = 4
    MARGIN = 1.15
    MOST = 3.0  # times the delay in the settings

    def __init__(self, settings: DelaySettings) -> None:
        complete_ms, unknown_ms = settings.endpoint_delay_complete_ms, settings.endpoint_delay_ms
        incomplete_ms = settings.endpoint_delay_incomplete_ms
        self._base_ms = {
            Completeness.COMPLETE: complete_ms,
            Completeness.UNKNOWN: unknown_ms,
            Completeness.INCOMPLETE: max(incomplete_ms, unknown_ms, complete_ms),
        }
        self._max_ms = settings.endpoint_delay_max_ms
        self._after_commands: deque[float] = deque(maxlen=self.KEPT)
        self._after_others: deque[float] = deque(maxlen=self.KEPT)

    def add(self, kind: Completeness, pause_ms: float) -> None:
        """Record a pause of this length after which the player resumed; 0 for a turn that ended."""
        if not 0 < pause_ms < self._base_ms[Completeness.COMPLETE]:
            self._pauses_ms(kind).append(pause_ms)

    def correct(self, kind: Completeness, pause_ms: float) -> None:
        """Replace the newest entry: the player continued that turn after such a pause."""
        if self._pauses_ms(kind):
            self._pauses_ms(kind).pop()
        self.add(kind, pause_ms)

    def delay_ms(self, kind: Completeness, end_probability: float | None = None) -> float:
        """The silence that ends a turn which sounds like this.

        `end_probability`: a turn detector's, if there is one. It lengthens the delay after words of unknown
        completeness: the less sure it is of an end, the more.
        """
        least_ms = self._base_ms[kind]
        if kind is Completeness.UNKNOWN and end_probability is not None:
            doubt = min(1.0, max(0.0, (SURE - end_probability) / (SURE - UNSURE)))
            least_ms += doubt * (self._base_ms[Completeness.INCOMPLETE] - least_ms)
        pauses_ms = sorted(self._pauses_ms(kind))
        is_command = kind is Completeness.COMPLETE
        if len(pauses_ms) < (self.FEWEST_AFTER_COMMANDS if is_command else 1):
            return least_ms
        share = self.SHARE_AFTER_COMMANDS if is_command else self.SHARE
        usual_ms = pauses_ms[int(share * (len(pauses_ms) - 1))] * self.MARGIN
        most_ms = min(self._base_ms[kind] * self.MOST, self._max_ms)
        return max(least_ms, min(usual_ms, most_ms))

    def _pauses_ms(self, kind: Completeness) -> deque[float]:
        return self._after_commands if kind is Completeness.COMPLETE else self._after_others
