"""What a session's replies keep to, whatever the mind says: the guard, the caps, and the disclosure."""

from __future__ import annotations

from dataclasses import dataclass, field

from frametalk.adapters.base import Guard
from frametalk.context import SessionContext
from frametalk.core.caps import Accounts
from frametalk.core.guard.judge import Verdict
from frametalk.pipeline.character import Character
from frametalk.pipeline.disclosing import SpokenDisclosure
from frametalk.pipeline.guarding import SessionGuard
from frametalk.pipeline.set_lines import SetLineBook
from frametalk.pipeline.spending import SessionSpending, no_caps


@dataclass(frozen=True, slots=True)
class PlayerTerms:
    """Who plays: their name in the token, what players have used today, and whether it is a child."""

    accounts: Accounts = field(default_factory=no_caps)
    subject: str = ""
    child: bool = False


@dataclass(frozen=True, slots=True)
class Conduct:
    """One session's."""

    guard: SessionGuard
    spending: SessionSpending
    disclosure: SpokenDisclosure
    lines: SetLineBook

    def close(self) -> None:
        """The session has ended."""
        self.disclosure.close()
        self.spending.close()


def conduct_of(
    context: SessionContext, guard: Guard | None, character: Character, player: PlayerTerms
) -> Conduct:
    """The conduct of a session with this player."""
    privacy, help_line = context.settings.privacy, context.settings.guard.help
    lines = SetLineBook(character, disclosure=privacy.disclosure, help_line=help_line)
    return Conduct(
        SessionGuard(context, guard, character, plain=player.child),
        SessionSpending(context, player.accounts, player.subject, lines),
        SpokenDisclosure(context, lines.disclosure if privacy.speak_disclosure else ""),
        lines,
    )


class Stopped(Exception):  # noqa: N818  (no failure: the reply goes on with a set line)
    """The reply must not go on as the mind wants it. Without a verdict a cap is reached."""

    def __init__(self, where: str, verdict: Verdict | None = None) -> None:
        super().__init__(where)
        self.where = where
        self.verdict = verdict
