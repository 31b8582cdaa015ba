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


_ENDS = (".", "!", "?", "。", "．", "｡", "！", "？", "؟", "۔", "।", "॥")
_UNFINISHED = (",", "，", "、", "،", ";", "；", "؛", ":", "：", "-", "–", "—", "…", "...")
SURE, UNSURE = 0.95, 0.3  # probabilities at which a turn detector overrules the words


def completeness_of(
    text: str, commands: Commands, language: str = "en", alternatives: Sequence[str] = ()
) -> Completeness:
    """How complete the words sound. Punctuation counts where the recogniser writes it.

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
    if text.endswith(_ENDS):
        return Completeness.COMPLETE
    return Completeness.INCOMPLETE if commands.incomplete(text) else Completeness.UNKNOWN


def _ends_with(words: Sequence[str], phrases: Sequence[str]) -> bool:
    return f" {' '.join(words)}".endswith(tuple(f" {phrase}" for phrase in phrases))


def with_detector(by_words: Completeness, probability: float) -> Completeness:
    """The completeness by the words, moved one step towards what a turn detector is sure of.

    Incomplete words stay incomplete: detectors are more often wrong about an end.
    """
    if probability <= UNSURE:
        return (
            Completeness.UNKNOWN if by_words is Completeness.COMPLETE else Completeness.INCOMPLETE
        )
    if probability >= SURE and by_words is Completeness.UNKNOWN:
        return Completeness.COMPLETE
    return by_words


class DelaySettings(Protocol):
    """The silence that ends a turn, by how complete it sounds. `config.TurnSettings` is one."""

    @property
    def endpoint_delay_complete_ms(self) -> float:
        """After a complete command or sentence."""

    @property
    def endpoint_delay_ms(self) -> float:
        """After words of unknown completeness."""

    @property
    def endpoint_delay_incomplete_ms(self) -> float:
        """After words that sound incomplete."""

    @property
    def endpoint_delay_max_ms(self) -> float:
        """The longest delay for a player who often pauses."""


class EndpointDelays:
    """The endpoint delays for one player, who may pause longer inside turns than others do.

    Keeps the newest pauses of each completeness, with 0 for a turn that ended. When the player resumed
    after at least a fifth of them, the delay grows beyond the length of those pauses.
    """

    KEPT = 8
    SHARE = 0.8
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
        self._pauses_ms: dict[Completeness, deque[float]] = {
            kind: deque(maxlen=self.KEPT) for kind in Completeness
        }

    def add(self, kind: Completeness, pause_ms: float) -> None:
        """Record a pause of this length after which the player resumed; 0 for a turn that ended."""
        self._pauses_ms[kind].append(pause_ms)

    def correct(self, kind: Completeness, pause_ms: float) -> None:
        """Replace the newest entry: the player continued that turn after such a pause."""
        if self._pauses_ms[kind]:
            self._pauses_ms[kind].pop()
        self.add(kind, pause_ms)

    def delay_ms(self, kind: Completeness) -> float:
        """The silence that ends a turn which sounds like this."""
        base_ms, pauses_ms = self._base_ms[kind], sorted(self._pauses_ms[kind])
        if len(pauses_ms) < self.KEPT // 2:
            return base_ms
        usual_ms = pauses_ms[int(self.SHARE * (len(pauses_ms) - 1))] * self.MARGIN
        return min(max(base_ms, usual_ms), base_ms * self.MOST, max(base_ms, self._max_ms))
