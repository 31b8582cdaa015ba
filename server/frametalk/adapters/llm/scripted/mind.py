"""The scripted mind: one step says a line and requests calls, the next says how they ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from frametalk.adapters.base import MindEvent, MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.character import (
    NOT_UNDERSTOOD,
    WHICH,
    Call,
    Character,
    Intent,
    load_all,
    phrases,
)
from frametalk.adapters.llm.scripted.intents import by_verbs, fitting
from frametalk.adapters.llm.scripted.matching import Patterns
from frametalk.adapters.llm.scripted.meanings import Match, Meaning
from frametalk.adapters.llm.scripted.phrases import read_patterns
from frametalk.adapters.llm.scripted.politeness import is_yes
from frametalk.adapters.llm.scripted.reports import acted_on, refusal_opening, report
from frametalk.adapters.llm.scripted.sayings import chosen, listed, thing
from frametalk.adapters.llm.scripted.things import Things
from frametalk.core.dialogue import PlayerSaid, ToolRan
from frametalk.core.languages import SetLines
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome

MAX_VERBS = 6  # named when it has not understood
MAX_OPTIONS = 6  # named when it asks back
SURE_TALK = 92.0  # likeness of talk that needs no model: a slip of the recogniser, not another word


class ScriptedMind:
    """Plays the characters of files. Stateless: equal requests have equal answers.

    `characters`: paths of character files, or names of built-in ones; empty is the blacksmith. Tools that
    a file does not mention are matched by their verbs. `first_token_ms` is a delay before the first
    event, like a model's.
    """

    def __init__(self, characters: tuple[str, ...] = (), first_token_ms: float = 0) -> None:
        self._files = load_all(characters)
        self._first_s = first_token_ms / 1000
        self.characters = tuple(self._files)

    def _as(self, name: str) -> Character:
        """The character of this name; the first for an unknown name."""
        return self._files.get(name, self._files[self.characters[0]])

    async def start(self) -> None:
        """Nothing to load: the files have been read."""

    async def close(self) -> None:
        """Nothing to free."""

    def phrases(self, character: str) -> tuple[str, ...]:
        """All patterns, in the form of the recogniser's bias."""
        return phrases(self._as(character))

    def set_lines(self, character: str) -> SetLines:
        """The file's own set lines."""
        return self._as(character).set_lines

    def greeting(self, character: str) -> str:
        """The file's greeting."""
        return self._as(character).greeting

    async def knows(self, request: MindRequest) -> bool:
        """Whether it answers for sure: to a pattern nearly word for word, or to how a call ended.

        Talk that is only like a pattern may mean something else.
        """
        if request.step > 0:
            return bool(request.outcomes)
        character = self._as(request.character)
        intents = [*fitting(character, request), *by_verbs(request.tools)]
        matches = await self._understand(character, request, intents)
        return bool(matches) and all(
            intents[match.meaning].call is not None or match.score >= SURE_TALK for match in matches
        )

    def not_understood(self, request: MindRequest) -> str:
        """What it says to words that it does not know."""
        return self._not_understood(self._as(request.character), request)

    def if_refused(self, request: MindRequest) -> str:
        """The first sentence of the report, if its first call is refused with a reason."""
        if not request.outcomes:
            return ""
        return refusal_opening(self._as(request.character), request.outcomes[0], request)

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        """Step 0 answers the player; later steps report how the calls ended."""
        if self._first_s:
            await asyncio.sleep(self._first_s)
        if request.step > 0:
            for outcome in request.outcomes:
                yield TextDelta(report(self._as(request.character), outcome, request) + " ")
            return
        character = self._as(request.character)
        intents = [*fitting(character, request), *by_verbs(request.tools)]
        matches = await self._understand(character, request, intents)
        if not matches:
            yield TextDelta(self._not_understood(character, request))
        for match in matches:
            intent = intents[match.meaning]
            if match.options:
                yield TextDelta(self._which(character, match, request) + " ")
                continue
            target = request.scene.get(str(match.slots.get("thing", "")))
            if intent.call is not None and not _affords(target, intent.call.name):
                outcome = ToolOutcome(0, intent.call.name, {}, "invalid")
                yield TextDelta(report(character, outcome, request, target) + " ")
                continue
            values = {"thing": thing(target, character.words), **_verbs(character, request)}
            if line := chosen(intent.lines, request.turn, values):
                yield TextDelta(line + " ")
            if intent.call is not None:
                yield ToolRequest(intent.call.name, _arguments(intent.call, match.slots))

    async def _understand(
        self, character: Character, request: MindRequest, intents: Sequence[Intent]
    ) -> list[Match]:
        things = await Things.of(request.scene, _pointed(request))
        meanings = [
            (pattern, Meaning(index, intent.call.name if intent.call else ""))
            for index, intent in enumerate(intents)
            for pattern in intent.patterns
        ]
        await read_patterns(pattern for pattern, _meaning in meanings)
        patterns = Patterns(
            meanings,
            things,
            _applicable(request),
            _called(character, request.scene),
        )
        before = _before(patterns, request)
        if (answered := _answered(patterns, request, before)) is not None:
            return [answered]
        return patterns.understand(request.text, request.alternatives, before)

    def _which(self, character: Character, match: Match, request: MindRequest) -> str:
        words = character.words
        names = [thing(request.scene[id_], words) for id_ in match.options[:MAX_OPTIONS]]
        things = listed(list(dict.fromkeys(names)), words.or_)
        values = {"things": things}
        return chosen(character.which, request.turn, values) or chosen(WHICH, 0, values)

    def _not_understood(self, character: Character, request: MindRequest) -> str:
        values, turn = _verbs(character, request), request.turn
        return chosen(character.not_understood, turn, values) or chosen(NOT_UNDERSTOOD, 0, values)


def _verbs(character: Character, request: MindRequest) -> dict[str, str]:
    """What can be asked for: "open, close or give things"."""
    verbs = [spec.verbs[0] for spec in request.tools if spec.verbs][:MAX_VERBS]
    return {"verbs": f"{listed(verbs, character.words.or_)} things" if verbs else "talk"}


def _applicable(request: MindRequest) -> dict[str, set[str]]:
    """The ids of the things that each tool applies to."""
    ids: dict[str, set[str]] = {spec.name: set() for spec in request.tools}
    for id_, entity in request.scene.items():
        for tool in entity.affordances:
            if tool in ids:
                ids[tool].add(id_)
    return ids


def _affords(target: Entity | None, tool: str) -> bool:
    """Whether the tool applies to the thing, as far as that is known."""
    return target is None or not target.affordances or tool in target.affordances


def _called(character: Character, scene: Mapping[str, Entity]) -> list[str]:
    """The names by which the player calls the character."""
    own = [
        name
        for entity in scene.values()
        if character.name in {entity.id, entity.name}
        for name in (entity.name, *entity.aliases)
    ]
    return [character.name, *character.called, *own]


def _before(patterns: Patterns, request: MindRequest) -> list[Match]:
    """What the player's turn before meant, if something was done or asked about it."""
    said = [entry for entry in request.history if isinstance(entry, PlayerSaid)]
    if len(said) < 2:  # noqa: PLR2004
        return []
    before = patterns.understand(said[-2].text)
    acted = any(
        isinstance(entry, ToolRan) and entry.turn == said[-2].turn for entry in request.history
    )
    return [match for match in before if acted or match.options]


def _answered(patterns: Patterns, request: MindRequest, before: Sequence[Match]) -> Match | None:
    """The call that the turn before left unclear, if this turn says which thing was meant."""
    unclear = [match for match in before if match.options]
    if len(unclear) != 1:
        return None
    (asked,) = unclear
    chosen_id = patterns.named(request.text, asked.options)
    if not chosen_id and len(asked.options) == 1 and is_yes(request.text):
        chosen_id = asked.options[0]
    slots = {**asked.slots, asked.open_slot: chosen_id}
    return replace(asked, slots=slots, options=()) if chosen_id else None


def _pointed(request: MindRequest) -> list[str]:
    """What "it" may mean, likeliest first: what the player looks at, then the last things acted on."""
    acted = [
        acted_on(entry.outcome, request.scene)
        for entry in request.history
        if isinstance(entry, ToolRan)
    ]
    newest = reversed((*acted, *request.focus.entities))
    return list(dict.fromkeys(entity for entity in newest if entity in request.scene))


def _arguments(call: Call, slots: Mapping[str, object]) -> dict[str, Any]:
    """The call's arguments, without those whose slot was not said."""
    values = {
        key: slots.get(value.strip("{}"))
        if isinstance(value, str) and value.startswith("{")
        else value
        for key, value in call.args.items()
    }
    return {key: value for key, value in values.items() if value is not None and value != ""}
