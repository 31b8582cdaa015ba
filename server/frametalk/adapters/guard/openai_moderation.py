"""The adapter `openai_moderation`: a server with OpenAI's moderation request, after the embedded rules."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta

from frametalk.adapters.base import GuardRequest
from frametalk.adapters.guard.embedded import EmbeddedGuard
from frametalk.core.guard.judge import Verdict, verdict_on
from frametalk.errors import AdapterError, ConfigError, Stage

Score = Annotated[float, Meta(ge=0, le=1)]
Ms = Annotated[float, Meta(gt=0, le=60_000)]

TOPICS = {"self-harm": "self_harm", "sexual/minors": "minors"}  # the others keep their name


class OpenAiModerationGuard:
    """What the embedded rules let pass is judged by a model at `base_url`.

    `thresholds`: from which score on a category stops a text, by OpenAI's names of categories; for the
    others the server's own judgement counts. `limit_ms`: the time for one request. `allow` and `files`: as
    of the embedded guard; `allow` also takes the server's categories.
    """

    def __init__(  # noqa: PLR0913  (options of the settings, each named once)
        self,
        *,
        base_url: str = "https://api.openai.com/v1",
        model: str = "omni-moderation-latest",
        api_key: str = "",
        api_key_env: str = "",
        thresholds: dict[str, Score] | None = None,
        limit_ms: Ms = 2_000,
        allow: tuple[str, ...] = (),
        files: tuple[str, ...] = (),
        embedded: bool = True,
    ) -> None:
        self._url, self._model = base_url, model
        self._key = _key(base_url, api_key, api_key_env)
        self._thresholds = thresholds or {}
        self._limit_s = limit_ms / 1000
        self._allowed = frozenset(allow)
        own = tuple(topic for topic in allow if "/" not in topic)
        self._embedded = EmbeddedGuard(own, files) if embedded else None
        self._client: Any = None
        self._failures: tuple[type[Exception], ...] = ()
        host = urlsplit(base_url).hostname
        if not host:
            raise ConfigError(f"[guard.options] base_url: {base_url!r} is not a server's address")
        self.hosts = (host,)

    async def start(self) -> None:
        """Load the library, off the event loop; sends nothing."""
        if self._embedded is not None:
            await self._embedded.start()
        if self._client is None:
            self._client = await asyncio.to_thread(self._new_client)

    async def close(self) -> None:
        """Close the connections; safe twice."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def judge(self, request: GuardRequest) -> Verdict | None:
        """The verdict of the rules, else of the server, which is asked at most once.

        Raises AdapterError `guard_failed`.
        """
        stopped: dict[str, str] = {}
        if self._embedded is not None and (verdict := await self._embedded.judge(request)):
            if verdict.stops(request.text):
                return verdict
            stopped = dict.fromkeys(verdict.texts, verdict.topic)
        left = [text for text in request.texts if text.strip() and text not in stopped]
        if left:
            stopped |= await self._ask(left, request.before)
        return verdict_on({text: stopped[text] for text in request.texts if text in stopped})

    async def _ask(self, texts: Sequence[str], before: str) -> dict[str, str]:
        """The topics of those texts that the server stops."""
        if self._client is None:
            raise _failed("it is not started")
        inputs = [f"{before} {text}".strip() for text in texts]
        try:
            async with asyncio.timeout(self._limit_s):
                answer = await self._client.moderations.create(
                    model=self._model, input=inputs if len(inputs) > 1 else inputs[0]
                )
            topics = [self._topic(result) for result in answer.results]
            return {text: topic for text, topic in zip(texts, topics, strict=True) if topic}
        except TimeoutError:
            raise _failed(f"no answer within {self._limit_s * 1000:.0f} ms") from None
        except self._failures as error:
            raise _failed(f"{type(error).__name__}") from None
        except (AttributeError, IndexError, RuntimeError, TypeError, ValueError) as error:
            raise _failed(f"its answer cannot be read: {type(error).__name__}") from None

    def _topic(self, result: Any) -> str:
        """The category that stops a text, of several the one with the highest score; empty: none does."""
        scores = result.category_scores.model_dump(by_alias=True)
        flags = result.categories.model_dump(by_alias=True)
        stopped = {
            name: scores.get(name) or 0.0
            for name, flagged in flags.items()
            if self._stops(name, bool(flagged), scores.get(name) or 0.0)
        }
        if not stopped:
            return ""
        name = max(stopped, key=lambda each: stopped[each])
        return TOPICS.get(name) or TOPICS.get(name.partition("/")[0]) or name

    def _stops(self, name: str, flagged: bool, score: float) -> bool:
        if name in self._allowed:
            return False
        return score >= self._thresholds[name] if name in self._thresholds else flagged

    def _new_client(self) -> Any:
        try:
            import openai
        except ImportError as error:
            raise AdapterError(
                "engine_missing",
                f"openai is not installed: {error}",
                stage=Stage.THINK,
                remedy='pip install "frametalk[openai]"',
                fatal=True,
            ) from None
        self._failures = (openai.OpenAIError,)
        return openai.AsyncOpenAI(base_url=self._url, api_key=self._key, max_retries=0)


def _key(base_url: str, api_key: str, api_key_env: str) -> str:
    host = urlsplit(base_url).hostname or ""
    if host == "api.openai.com" and not (api_key or api_key_env):
        api_key_env = "OPENAI_API_KEY"
    if not api_key_env:
        return api_key or "none"  # the library requires one, local servers accept any
    if not (key := os.environ.get(api_key_env, "")):
        raise ConfigError(
            f"[guard.options] api_key_env: the environment variable {api_key_env} is not set",
            remedy=f"set {api_key_env} to the key before the server starts",
        )
    return key


def _failed(why: str) -> AdapterError:
    return AdapterError(
        "guard_failed",
        f"the moderation server did not judge a text: {why}",
        stage=Stage.THINK,
        remedy="start the server, or correct guard.options; until then the text is not said",
    )
