"""What adapters may offer beyond their contracts. Each is optional.

An adapter offers one by having its members, without inheriting; `isinstance` tells whether it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from frametalk.adapters.base import MindRequest, SpeechRequest
from frametalk.core.languages import SetLines


@runtime_checkable
class Checked(Protocol):
    """An adapter that depends on something `start` does not need, such as a remote server."""

    async def check(self) -> None:
        """Check, after `start`, that it is available. Raises AdapterError with the remedy."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What an adapter chose: another adapter's name (empty: none), why, and how to get a better one."""

    adapter: str
    why: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        why = ": ".join(filter(None, (self.why, self.remedy)))
        return f"{self.adapter or 'none'} ({why})" if why else self.adapter or "none"


@runtime_checkable
class Chooses(Protocol):
    """An adapter that chooses another one when it starts, and then has a `choice`."""

    choice: Choice


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that works, but not as its user probably wants; `remedy` says what to do."""

    text: str
    remedy: str


@runtime_checkable
class Advises(Protocol):
    """An adapter that can see, after `start`, what keeps it from working well."""

    async def advice(self, *, thorough: bool) -> tuple[Advice, ...]:
        """What to change, or nothing. May take seconds; never raises for a server's failure.

        `thorough`: a person asked, so it may cost a little.
        """
        ...


@runtime_checkable
class SendsAway(Protocol):
    """An adapter that sends what it gets to other machines."""

    hosts: tuple[str, ...]
    """The names or addresses of those machines, without this one."""


@runtime_checkable
class HearsLanguages(Protocol):
    """A recogniser of some languages only. BCP 47 tags, known after `start`; empty: any."""

    languages: tuple[str, ...]


@runtime_checkable
class Warmed(Protocol):
    """A mind that can prepare for a session, such as by having a server read the prompt."""

    async def warm(self, request: MindRequest) -> None:
        """Prepare for turns like `request`, whose text is empty. May be cancelled; never raises for a
        server's failure.
        """
        ...


@runtime_checkable
class Foresees(Protocol):
    """A mind that knows how its report of a refused call begins before the game refuses."""

    def if_refused(self, request: MindRequest) -> str:
        """The first sentence of the step that follows, if the first call of `request.outcomes` is
        refused; empty if it depends on the reason.
        """
        ...


@runtime_checkable
class AnswersQuickly(Protocol):
    """A mind that has quicker answers than its best ones, for `MindRequest.quick`."""

    has_quick_answers: bool


@runtime_checkable
class HasSetLines(Protocol):
    """A mind whose characters have lines of their own for what any character must say."""

    def set_lines(self, character: str) -> SetLines:
        """Its lines; those that are empty are said in the words of the session's language."""
        ...


@runtime_checkable
class Prepares(Protocol):
    """A voice that can make a clause in advance, so that its sound begins at once."""

    async def prepare(self, request: SpeechRequest) -> None:
        """Begin a clause that is spoken soon or never; returns when its sound could begin.

        Raises AdapterError as `speak` does.
        """
        ...


@runtime_checkable
class SpeaksLanguages(Protocol):
    """A voice engine that speaks only some languages; one without it gets any."""

    def languages(self, voice: str) -> tuple[str, ...]:
        """BCP 47 tags of what `voice` (as in `SpeechRequest`) speaks; empty: any. Call it after `start`."""
        ...


@runtime_checkable
class ListsVoices(Protocol):
    """A voice engine that lists its voices."""

    async def voices(self) -> tuple[str, ...]:
        """Every name that `SpeechRequest.voice` takes. Call it after `start`."""
        ...


@runtime_checkable
class LicensesVoices(Protocol):
    """A voice engine that knows the licences of its voices."""

    def licence(self, voice: str, language: str) -> str:
        """The licence of what speaks for `voice` and `language` (as in `SpeechRequest`); empty if it is not
        known. Call it after `start`.
        """
        ...
