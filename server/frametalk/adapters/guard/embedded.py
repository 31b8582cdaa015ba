"""The guard that comes with frametalk: rules in data files, at less than a millisecond a clause."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from frametalk.adapters.base import GuardRequest
from frametalk.core.guard.judge import (
    Side,
    Verdict,
    judge,
    own_rules,
    rule_set,
    topics,
    verdict_on,
)
from frametalk.core.guard.rules import RuleSet
from frametalk.errors import ConfigError

PIECE_CHARACTERS = 300  # that are judged at once: about a millisecond
OVERLAP_CHARACTERS = 120  # of the piece before, for phrases that lie in both


class EmbeddedGuard:
    """Judges by the rules in `data/guard/` and in `files`, which are written in the same way.

    `allow` lists topics that are not looked for; docs/guard.md lists them all.
    """

    def __init__(self, allow: tuple[str, ...] = (), files: tuple[str, ...] = ()) -> None:
        self._allowed = frozenset(allow)
        self._files = tuple(map(Path, files))
        self._rules: tuple[RuleSet, ...] = ()

    async def start(self) -> None:
        """Read the rules, off the event loop. Raises ConfigError for an unknown topic and a bad file."""
        self._rules = await asyncio.to_thread(self._read)

    async def close(self) -> None:
        """Nothing to free."""

    async def judge(self, request: GuardRequest) -> Verdict | None:
        """The verdict of the rules, each text on its own."""
        judged = {text: await self._judge(text, request) for text in request.texts}
        return verdict_on({text: verdict.topic for text, verdict in judged.items() if verdict})

    async def _judge(self, text: str, request: GuardRequest) -> Verdict | None:
        # A tool call is written by the mind. Rules for the player alone are for what is asked of the
        # character ("are you an AI?"); where the player asks it, the turn never reaches the mind.
        side: Side = "player" if request.side == "player" else "character"
        for before, piece in _pieces(text, request.before):
            verdict = judge(
                piece,
                side,
                before=before,
                language=request.language,
                plain=request.plain,
                allowed=self._allowed,
                rules=self._rules,
            )
            if verdict is not None:
                return verdict
            if len(text) > PIECE_CHARACTERS:
                await asyncio.sleep(0)  # a long text must not hold the event loop
        return None

    def _read(self) -> tuple[RuleSet, ...]:
        rules = (rule_set(), *(own_rules(_toml(file), str(file)) for file in self._files))
        if unknown := sorted(self._allowed - set(topics(rules))):
            raise ConfigError(
                f"[guard.options] allow: there is no topic {unknown[0]!r}",
                remedy=f"use some of: {', '.join(topics(rules))}",
            )
        return rules


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"[guard.options] files: {file}: {error}") from None


def _pieces(text: str, before: str) -> Iterator[tuple[str, str]]:
    """The text in pieces that end between words, each with what stands before it."""
    at = 0
    while at < len(text) or not at:
        end = at + PIECE_CHARACTERS
        if end < len(text) and (space := text.rfind(" ", at + 1, end)) > 0:
            end = space
        yield before, text[at:end]
        before, at = text[max(0, end - OVERLAP_CHARACTERS) : end].partition(" ")[2], end
