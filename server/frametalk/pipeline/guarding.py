"""The guard of one session: before the mind, before the voice, and before a tool."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from frametalk.adapters.base import Guard, GuardRequest, MindRequest
from frametalk.context import SessionContext
from frametalk.core.dialogue import Entry, PlayerSaid
from frametalk.core.guard.judge import Verdict
from frametalk.errors import FrametalkError
from frametalk.pipeline.character import Character

log = logging.getLogger(__name__)

BEFORE_CHARACTERS = 200  # of what was said just before, for phrases that lie in two clauses
UNSAID = "..."  # in the history, for words of the player that the mind must not get
KEPT_TURNS = 64  # of stopped ones; older turns are out of the history or never come back


class SessionGuard:
    """Asks the guard, if there is one. A guard that fails stops the text, and the failure is reported."""

    def __init__(
        self, context: SessionContext, guard: Guard | None, character: Character, *, plain: bool
    ) -> None:
        self._context = context
        self._guard = guard
        self._character = character
        self._plain = plain
        self._stopped: dict[int, str] = {}  # turn -> the text of it that was stopped
        self._readings: set[str] = set()  # other readings of turns that were stopped

    async def player(self, turn: int, text: str, readings: Sequence[str] = ()) -> Verdict | None:
        """The verdict on a player's words; a reading that is stopped is only left out."""
        verdict = await self._check(GuardRequest(text, "player", tuple(readings)))
        self._readings = {each for each in readings if verdict and verdict.stops(each)}
        if verdict is None or not verdict.stops(text):
            self._stopped.pop(turn, None)
            return None
        self._stopped[turn] = text
        while len(self._stopped) > KEPT_TURNS:
            del self._stopped[next(iter(self._stopped))]
        return verdict

    async def clause(self, clause: str, before: str) -> Verdict | None:
        """The verdict on a clause that the character is about to say."""
        wording = self._character.wording(clause)
        before = (
            before[-BEFORE_CHARACTERS:].partition(" ")[2]
            if len(before) > BEFORE_CHARACTERS
            else before
        )
        also = (wording.shown, wording.spoken)
        return await self._check(GuardRequest(clause, "character", also, before))

    async def call(self, name: str, args: Mapping[str, Any]) -> Verdict | None:
        """The verdict on the texts in a tool call."""
        texts = " . ".join((name, *_texts(args)))
        return await self._check(GuardRequest(texts, "tool"))

    def screened(self, request: MindRequest) -> MindRequest:
        """The request without the player's words that were stopped."""
        if not (self._stopped or self._readings):
            return request
        return replace(
            request,
            history=tuple(self.screened_entry(entry) for entry in request.history),
            alternatives=tuple(r for r in request.alternatives if r not in self._readings),
        )

    def note(self, where: str, verdict: Verdict, turn: int) -> None:
        """Count and note a decision that has come into force, without the words."""
        self._context.metrics.guard(where, verdict.topic)
        self._context.audit.write("guard", turn=turn, where=where, topic=verdict.topic)
        log.info("the guard stopped words of the %s: %s", where, verdict.topic)

    def screened_entry(self, entry: Entry) -> Entry:
        """The entry of the history, without words of the player that were stopped."""
        if isinstance(entry, PlayerSaid) and self._stopped.get(entry.turn) == entry.text:
            return replace(entry, text=UNSAID)
        return entry

    async def _check(self, request: GuardRequest) -> Verdict | None:
        if self._guard is None:
            return None
        language = self._character.language
        try:
            with self._context.step("guard"):
                return await self._guard.judge(
                    replace(request, language=language, plain=self._plain)
                )
        except FrametalkError as error:
            self._context.report(error)
            return Verdict("guard_failed")


def _texts(value: Any) -> list[str]:
    """Every text in a call's arguments, keys too."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for key, each in value.items() for text in (str(key), *_texts(each))]
    if isinstance(value, Sequence):
        return [text for each in value for text in _texts(each)]
    return [] if value is None or isinstance(value, bool) else [json.dumps(value)]
