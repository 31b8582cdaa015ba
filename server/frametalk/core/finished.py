"""How finished a turn sounds, and how long to wait for more of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from frametalk.core.commands import Commands, words_of


class Finished(Enum):
    """How a turn sounds at its pause."""

    COMPLETE = auto()
    OPEN = auto()  # nothing is known
    UNFINISHED = auto()


# Words after which something comes: conjunctions, prepositions, articles, auxiliaries, fillers.
_TRAILING: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        "and or but because so if when while than then that which whose although unless until plus "
        "the a an my your his her our their its some any every each both either neither "
        "to of with without from into onto in on at for by about under over behind beside between "
        "through towards near like as per via "
        "i we they he she is are was were be been am do does did can could will would shall should "
        "may might must have has had not very really just also "
        "um uh er erm hmm hm well let lets let's i'm it's maybe".split()
    ),
    "de": frozenset(
        "und oder aber weil wenn dass ob als denn sondern der die das den dem des ein eine einen "
        "einem einer mein meine meinen dein deine mit ohne von vom zu zum zur in im an am auf aus "
        "bei für über unter nach vor durch gegen um ich du wir ihr sie ist sind war bin kann will "
        "muss soll äh ähm hm also".split()
    ),
    "fr": frozenset(
        "et ou mais parce que si quand comme le la les un une des du de d' mon ma mes ton ta tes à "
        "au aux avec sans pour par dans sur sous chez vers je tu il elle nous vous est sont suis "
        "peux veux euh heu ben alors donc".split()
    ),
    "es": frozenset(
        "y o pero porque si cuando como que el la los las un una unos unas mi mis tu tus de del a "
        "al con sin para por en sobre entre hasta desde yo es son está soy puedo quiero eh este "
        "pues entonces".split()
    ),
}
_TAGS = ("you know", "i mean", "you see", "you mean")
_ENDS = (".", "!", "?", "。", "！", "？")
_GOES_ON = (",", ";", ":", "-", "–", "—", "…", "...")
SURE, UNSURE = 0.95, 0.3  # what a judge of the sound must be to change what the words say


def how_finished(
    text: str, commands: Commands, language: str = "en", alternatives: Sequence[str] = ()
) -> Finished:
    """How finished the words sound. Punctuation counts where the recogniser writes it.

    Where the text says nothing, another reading of the same sound that is a whole command does.
    """
    kind = _by_words(text.strip(), commands, language)
    if kind is Finished.OPEN and any(map(commands.complete, alternatives)):
        return Finished.COMPLETE
    return kind


def _by_words(text: str, commands: Commands, language: str) -> Finished:
    if not text:
        return Finished.OPEN
    if text.endswith(_GOES_ON):
        return Finished.UNFINISHED
    if commands.complete(text):
        return Finished.COMPLETE
    words = words_of(text)
    trailing = _TRAILING.get(language[:2].lower(), frozenset())
    if (words and words[-1] in trailing) or " ".join(words).endswith(_TAGS):
        return Finished.UNFINISHED
    if text.endswith(_ENDS):
        return Finished.COMPLETE
    return Finished.UNFINISHED if commands.wants_more(text) else Finished.OPEN


def with_sound(by_words: Finished, probability: float) -> Finished:
    """What the words say, moved one step where a judge of the sound is sure of something else.

    Words that are clearly unfinished stay so: a judge is more often wrong when it says "over".
    """
    if probability <= UNSURE:
        return Finished.OPEN if by_words is Finished.COMPLETE else Finished.UNFINISHED
    if probability >= SURE and by_words is Finished.OPEN:
        return Finished.COMPLETE
    return by_words


@dataclass(frozen=True, slots=True)
class Waits:
    """Silence that ends a turn, by how finished it sounds."""

    complete_ms: float = 208
    open_ms: float = 480
    unfinished_ms: float = 1_400
    longest_ms: float = 2_000


class Patience:
    """How long to wait for this player, who may pause inside turns more than others do.

    Of each kind the newest pauses are remembered, 0 for a turn that was over. When a fifth of them was
    followed by more speech, the wait grows beyond what that speech needed.
    """

    REMEMBERED = 8
    SHARE = 0.8
    MARGIN = 1.15
    MOST = 3.0  # times the wait that was set

    def __init__(self, waits: Waits) -> None:
        self._base = {
            Finished.COMPLETE: waits.complete_ms,
            Finished.OPEN: waits.open_ms,
            Finished.UNFINISHED: max(waits.unfinished_ms, waits.open_ms, waits.complete_ms),
        }
        self._longest_ms = waits.longest_ms
        self._pauses: dict[Finished, deque[float]] = {
            kind: deque(maxlen=self.REMEMBERED) for kind in Finished
        }

    def note(self, kind: Finished, pause_ms: float) -> None:
        """The player went on after a pause of this length; 0: the turn was over."""
        self._pauses[kind].append(pause_ms)

    def amend(self, kind: Finished, pause_ms: float) -> None:
        """The turn that was noted last was not over: the player went on after such a pause."""
        if self._pauses[kind]:
            self._pauses[kind].pop()
        self.note(kind, pause_ms)

    def wait_ms(self, kind: Finished) -> float:
        """The silence after which a turn that sounds like this is over."""
        base_ms, pauses = self._base[kind], sorted(self._pauses[kind])
        if len(pauses) < self.REMEMBERED // 2:
            return base_ms
        usual_ms = pauses[int(self.SHARE * (len(pauses) - 1))] * self.MARGIN
        return min(max(base_ms, usual_ms), base_ms * self.MOST, max(base_ms, self._longest_ms))
