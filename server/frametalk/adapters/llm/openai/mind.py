"""The adapter `openai`: its options as providers, limits and budgets."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from frametalk.adapters.llm.openai.breaker import LONGEST_OPEN_S, OPEN_S, Breaker
from frametalk.adapters.llm.openai.client import OpenAiModel
from frametalk.adapters.llm.openai.fallback import ServedModel
from frametalk.adapters.llm.openai.local_servers import LocalServer
from frametalk.adapters.llm.openai.model_mind import ModelMind, WarmUps
from frametalk.adapters.llm.openai.models import LOCAL_LIMITS, Limits
from frametalk.adapters.llm.openai.pace import Pace
from frametalk.adapters.llm.openai.prompt import Budgets, ToolChoice
from frametalk.adapters.llm.openai.providers import Price, Provider, is_local
from frametalk.adapters.llm.openai.queued import QueuedModel

Ms = Annotated[float, Meta(gt=0, le=600_000)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]

_LIMITS, _BUDGETS = Limits(), Budgets()  # the defaults


class OpenAiMind(ModelMind):
    """Characters played by a model on a server at `base_url`, with `fallbacks` in order.

    The options of the first provider are direct options, see `Provider`. Budgets are in estimated tokens.
    `connect_ms` is the limit to reach a server; for the other limits see `Limits`. Without the option the
    limit to the first token is longer for a local model that reads slowly. A provider that failed gets no
    requests for `open_ms`, doubled each time, at most `open_longest_ms`. `warm`: have the first
    provider's server read the beginning of the prompt when a session begins.
    """

    def __init__(  # noqa: PLR0913  (options of the settings, each named once)
        self,
        *,
        base_url: str = "",
        model: str = "",
        api_key: str = "",
        api_key_env: str = "",
        prompt_price: Price = 0.0,
        completion_price: Price = 0.0,
        usage: bool = True,
        extra: dict[str, Any] | None = None,
        text_calls: bool = True,
        thinks_first: bool | None = None,
        at_once: Annotated[int, Meta(ge=0, le=10_000)] | None = None,
        fallbacks: tuple[Provider, ...] = (),
        characters: tuple[str, ...] = (),
        tool_choice: ToolChoice = "auto",
        temperature: Annotated[float, Meta(ge=0, le=2)] | None = None,
        max_tokens: Count = 300,
        scene_tokens: Count = _BUDGETS.scene_tokens,
        history_tokens: Count = _BUDGETS.history_tokens,
        connect_ms: Ms = 1_000,
        first_token_ms: Ms | None = None,
        between_tokens_ms: Ms | None = None,
        whole_ms: Ms | None = None,
        max_characters: Count = _LIMITS.max_characters,
        max_token_characters: Count = _LIMITS.max_token_characters,
        open_ms: Ms = OPEN_S * 1000,
        open_longest_ms: Ms = LONGEST_OPEN_S * 1000,
        warm: WarmUps = "local",
    ) -> None:
        first = Provider(
            base_url=base_url,
            model=model,
            api_key=api_key,
            api_key_env=api_key_env,
            prompt_price=prompt_price,
            completion_price=completion_price,
            usage=usage,
            extra=extra or {},
            text_calls=text_calls,
            thinks_first=thinks_first,
            at_once=at_once,
        )
        usual = LOCAL_LIMITS if is_local(first) else _LIMITS
        limits = Limits(
            first_token_ms or usual.first_token_ms,
            between_tokens_ms or usual.between_tokens_ms,
            whole_ms or usual.whole_ms,
            max_token_characters,
            max_characters,
        )
        sampling: dict[str, Any] = {"max_tokens": max_tokens}
        if temperature is not None:
            sampling["temperature"] = temperature

        def served(where: str, provider: Provider) -> ServedModel:
            model = OpenAiModel(provider, sampling, connect_ms, limits.whole_ms, where)
            breaker = Breaker(open_s=open_ms / 1000, longest_s=open_longest_ms / 1000)
            if not is_local(provider):
                return ServedModel(model, provider, breaker)
            pace = Pace()
            server = LocalServer(provider, model.get)
            queued = QueuedModel(model, pace, server.at_once)
            measured = pace if first_token_ms is None else None
            return ServedModel(queued, provider, breaker, pace=measured, server=server)

        super().__init__(
            [served(where, provider) for where, provider in _with_prefixes(first, fallbacks)],
            characters,
            limits,
            Budgets(scene_tokens, history_tokens),
            tool_choice,
            warm=warm,
        )


def _with_prefixes(first: Provider, fallbacks: tuple[Provider, ...]) -> list[tuple[str, Provider]]:
    """Each provider with the prefix of its options in the settings."""
    return [("", first), *((f"fallbacks[{i}].", each) for i, each in enumerate(fallbacks))]
