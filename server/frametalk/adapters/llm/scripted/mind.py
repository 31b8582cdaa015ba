"""The scripted mind: one step says a line and requests calls, the next says how they ended."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from frametalk.adapters.base import MindEvent, MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.character import Answers, Call, Character, Intent, load_all, phrases
from frametalk.adapters.llm.scripted.matching import (
    Candidate,
    Match,
    expand,
    names_of,
    understand,
)
from frametalk.core.dialogue import ToolRan
from frametalk.core.tools import ToolOutcome, ToolSpec

_SENTENCE = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")
MAX_VERBS = 6  # named when it has not understood


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

    def greeting(self, character: str) -> str:
        """The file's greeting."""
        return self._as(character).greeting

    async def think(self, request: MindRequest) -> AsyncGenerator[MindEvent, None]:
        """Step 0 answers the player; later steps report how the calls ended."""
        if self._first_s:
            await asyncio.sleep(self._first_s)
        if request.step > 0:
            for outcome in request.outcomes:
                yield TextDelta(self._report(outcome, request) + " ")
            return
        character = self._as(request.character)
        intents = [*_fitting(character, request.scene), *_by_verbs(request.tools)]
        matches = self._understand(request, intents)
        if not matches:
            yield TextDelta(self._not_understood(request))
        for match in matches:
            intent = intents[match.meaning]
            if intent.lines:
                yield TextDelta(self._fill(_pick(intent.lines, request), match, request) + " ")
            if intent.call is not None:
                yield ToolRequest(intent.call.name, _arguments(intent.call, match.slots))

    def _understand(self, request: MindRequest, intents: Sequence[Intent]) -> list[Match]:
        names, pointed = names_of(request.scene), _pointed(request)
        candidates: dict[str, Candidate] = {}
        for meaning, intent in enumerate(intents):
            for pattern in intent.patterns:
                for candidate in expand(pattern, meaning, names, pointed):
                    candidates.setdefault(candidate.text, candidate)
        return understand((request.text, *request.alternatives), list(candidates.values()))

    def _report(self, outcome: ToolOutcome, request: MindRequest) -> str:
        answers = self._as(request.character).answers.get(outcome.name, Answers())
        line = _pick(getattr(answers, outcome.state), request)
        thing = request.scene.get(str(outcome.args.get("target", "")))
        return _filled(
            line,
            thing=f"the {thing.name}" if thing else "it",
            reason=outcome.reason or "something is wrong",
            value="" if outcome.value is None else str(outcome.value),
        )

    def _fill(self, line: str, match: Match, request: MindRequest) -> str:
        thing = request.scene.get(str(match.slots.get("thing", "")))
        return _filled(line, thing=f"the {thing.name}" if thing else "it")

    def _not_understood(self, request: MindRequest) -> str:
        verbs = [spec.verbs[0] for spec in request.tools if spec.verbs][:MAX_VERBS]
        listed = f"{', '.join(verbs[:-1])} or {verbs[-1]} things" if verbs[1:] else "talk"
        return _filled(_pick(self._as(request.character).not_understood, request), verbs=listed)


def _fitting(character: Character, scene: Mapping[str, Any]) -> list[Intent]:
    """Intents whose conditions hold in the scene."""
    return [
        intent
        for intent in character.intent
        if all(_state(scene, path) == value for path, value in intent.when.items())
    ]


def _by_verbs(tools: Sequence[ToolSpec]) -> list[Intent]:
    """Intents for tools that act on one thing, from their verbs."""
    intents = []
    for spec in tools:
        target = _entity_argument(spec)
        if target:
            patterns = tuple(f"{verb} {{thing}}" for verb in spec.verbs)
            call = Call(spec.name, {target: "{thing}"})
            if patterns:
                intents.append(Intent(patterns=patterns, call=call))
    return intents


def _entity_argument(spec: ToolSpec) -> str:
    """The only required argument of a tool, if it names a thing; else empty."""
    properties = spec.parameters.get("properties", {})
    required = spec.parameters.get("required", [])
    marked = [key for key in required if isinstance(properties.get(key), dict)]
    only = len(required) == 1 and marked and properties[marked[0]].get("x-entity")
    return str(marked[0]) if only else ""


def _pointed(request: MindRequest) -> list[str]:
    """What "it" and "there" may mean: the last things acted on, then what the player looks at."""
    acted = [
        str(entry.outcome.args["target"])
        for entry in request.history
        if isinstance(entry, ToolRan) and "target" in entry.outcome.args
    ]
    return [entity for entity in (*acted, *request.focus.entities) if entity in request.scene]


def _arguments(call: Call, slots: Mapping[str, object]) -> dict[str, Any]:
    """The call's arguments, without those whose slot was not said."""
    values = {
        key: slots.get(value.strip("{}"))
        if isinstance(value, str) and value.startswith("{")
        else value
        for key, value in call.args.items()
    }
    return {key: value for key, value in values.items() if value not in {None, ""}}


def _state(scene: Mapping[str, Any], path: str) -> object:
    entity, _, key = path.partition(".")
    return scene[entity].state.get(key) if entity in scene else None


def _pick(lines: Sequence[str], request: MindRequest) -> str:
    """A different line each turn."""
    return lines[request.turn % len(lines)]


def _filled(line: str, **values: str) -> str:
    """The line with its placeholders replaced; not by `format`, since values come from players."""
    for name, value in values.items():
        line = line.replace(f"{{{name}}}", value)
    return _SENTENCE.sub(lambda begin: begin.group().upper(), line)
