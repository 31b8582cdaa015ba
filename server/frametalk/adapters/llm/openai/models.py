"""The contract of language models: pieces of an answer, limits, and failures."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.tool_deltas import CallPart
from frametalk.errors import AdapterError, Stage

REMEDIES = {
    "mind_auth": "set api_key, or api_key_env to the name of the variable that contains it",
    "mind_model": "check model and base_url: the server does not serve that model there",
    "mind_rate_limit": "wait, or use a larger plan; name a provider in fallbacks",
    "mind_timeout": "choose a faster model or raise the limit; name a provider in fallbacks",
    "mind_connect": "start the model server, or correct base_url",
    "mind_request": "lower scene_tokens or history_tokens, or choose a model that supports tools",
    "mind_server": "see the model server's log",
    "mind_stream": "see the model server's log",
    "mind_empty": "see the model server's log",
    "mind_too_long": "lower max_tokens",
    "mind_unavailable": "see the errors before this one; the models are tried again automatically",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of an answer's time in each phase, and of its length.

    `first_token_ms` is from the request to the first word or call, for all providers together.
    """

    first_token_ms: float = 2_000
    between_tokens_ms: float = 1_500
    whole_ms: float = 20_000
    max_token_characters: int = 4_000
    max_characters: int = 1_500


# A small model on a processor writes two words a second, and it may have to share the processor.
LOCAL_LIMITS = Limits(between_tokens_ms=5_000, whole_ms=60_000)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a streamed answer. `finish` is the finish reason, usually in the last piece with content.

    `usage` is (prompt tokens, completion tokens) so far; `cached_share` (0 to 1) the part of the prompt
    that the server had in its cache, if it says so. `done`: the server has ended the stream as the
    protocol says, which a connection that breaks does not.
    """

    text: str = ""
    calls: tuple[CallPart, ...] = ()
    finish: str = ""
    usage: tuple[int, int] | None = None
    cached_share: float = 0.0
    done: bool = False


@dataclass(slots=True)
class Habits:
    """What earlier answers have shown of a model.

    `thinks_first`: whether its answers begin with a thought that has only a closing tag; None: unknown.
    """

    thinks_first: bool | None = None


class Model(Protocol):
    """One model on one server. `name` is for logs and errors."""

    name: str

    async def start(self) -> None: ...

    def answer(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """Stream an answer. Raises ModelError. `aclose` cancels the request at once."""
        ...

    async def check(self) -> None:
        """Check that its server answers. Raises ModelError."""
        ...

    async def close(self) -> None: ...


class ModelError(Exception):
    """An answer that failed, from its beginning or in the middle.

    `sure`: the next request would fail too. `for_s`: the server's Retry-After. `enough`: the text so far
    is an answer, so no fallback is needed.
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
