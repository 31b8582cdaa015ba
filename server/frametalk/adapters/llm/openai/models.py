"""What a mind needs of a language model, whoever serves it: pieces of an answer, and how it may fail."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.tool_deltas import CallPart
from frametalk.errors import AdapterError, Stage

REMEDIES = {
    "mind_auth": "set api_key, or api_key_env to the name of the variable that holds it",
    "mind_model": "check model and base_url: the server does not serve that model there",
    "mind_rate_limit": "wait, or use a larger plan; name a provider in fallbacks",
    "mind_timeout": "choose a faster model or raise the limit; name a provider in fallbacks",
    "mind_connect": "start the model server, or correct base_url",
    "mind_request": "the server refuses the request: a smaller scene_tokens or history_tokens, or a "
    "model that takes tools",
    "mind_server": "see the model server's log",
    "mind_stream": "see the model server's log; it broke off or sent what is no answer",
    "mind_empty": "the model said nothing: see the model server's log",
    "mind_too_long": "lower max_tokens; the answer was ended",
    "mind_unavailable": "the errors before this one say why; it is tried again by itself",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may take in each phase, and how much of it is taken.

    `first_token_ms` runs from the request to the first word or call, all providers together.
    """

    first_token_ms: float = 2_000
    between_tokens_ms: float = 1_500
    whole_ms: float = 20_000
    max_token_characters: int = 4_000
    max_characters: int = 1_500


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a streamed answer. `finish` is the reason, once it is finished.

    `usage` is (prompt tokens, completion tokens) so far.
    """

    text: str = ""
    calls: tuple[CallPart, ...] = ()
    finish: str = ""
    usage: tuple[int, int] | None = None


class Model(Protocol):
    """One model on one server. `name` is for logs and errors."""

    name: str

    async def start(self) -> None: ...

    def answer(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """Stream an answer. Raises ModelError. Closing the iterator ends the request at once."""
        ...

    async def check(self) -> None:
        """Look whether its server answers. Raises ModelError."""
        ...

    async def close(self) -> None: ...


class ModelError(Exception):
    """An answer that cannot be had, or ended before its end.

    `sure`: the next request would fail too. `for_s`: the server asked to be left alone for this long.
    `enough`: what was said makes an answer, nobody need go on.
    """

    def __init__(
        self,
        code: str,
        text: str,
        *,
        sure: bool = False,
        for_s: float | None = None,
        enough: bool = False,
    ) -> None:
        super().__init__(text)
        self.error = AdapterError(code, text, stage=Stage.THINK, remedy=REMEDIES[code])
        self.sure = sure
        self.for_s = for_s
        self.enough = enough
