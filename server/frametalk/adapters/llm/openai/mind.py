"""The adapter `openai`: its options as providers, limits and budgets."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from frametalk.adapters.llm.openai.breaker import LONGEST_OPEN_S, OPEN_S, Breaker
from frametalk.adapters.llm.openai.client import OpenAiModel
from frametalk.adapters.llm.openai.fallback import ServedModel
from frametalk.adapters.llm.openai.model_mind import ModelMind
from frametalk.adapters.llm.openai.models import Limits
from frametalk.adapters.llm.openai.prompt import Budgets, ToolChoice
from frametalk.adapters.llm.openai.providers import Price, Provider

Ms = Annotated[float, Meta(gt=0, le=600_000)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]

_LIMITS, _BUDGETS = Limits(), Budgets()  # the defaults


class OpenAiMind(ModelMind):
    """Characters played by a model on a server at `base_url`, with `fallbacks` in order.

    The options of the first provider are direct options, see `Provider`. Budgets are in estimated tokens.
    `connect_ms` is the limit to reach a server; for the other limits see `Limits`. A provider that failed
    gets no requests for `open_ms`, doubled each time, at most `open_longest_ms`.
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
        fallbacks: tuple[Provider, ...] = (),
        characters: tuple[str, ...] = (),
        tool_choice: ToolChoice = "auto",
        temperature: Annotated[float, Meta(ge=0, le=2)] | None = None,
        max_tokens: Count = 300,
        scene_tokens: Count = _BUDGETS.scene_tokens,
        history_tokens: Count = _BUDGETS.history_tokens,
        connect_ms: Ms = 1_000,
        first_token_ms: Ms = _LIMITS.first_token_ms,
        between_tokens_ms: Ms = _LIMITS.between_tokens_ms,
        whole_ms: Ms = _LIMITS.whole_ms,
        max_characters: Count = _LIMITS.max_characters,
        max_token_characters: Count = _LIMITS.max_token_characters,
        open_ms: Ms = OPEN_S * 1000,
        open_longest_ms: Ms = LONGEST_OPEN_S * 1000,
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
        )
        sampling: dict[str, Any] = {"max_tokens": max_tokens}
        if temperature is not None:
            sampling["temperature"] = temperature
        super().__init__(
            [
                ServedModel(
                    OpenAiModel(provider, sampling, connect_ms, whole_ms, where),
                    provider,
                    Breaker(open_s=open_ms / 1000, longest_s=open_longest_ms / 1000),
                )
                for where, provider in _with_prefixes(first, fallbacks)
            ],
            characters,
            Limits(
                first_token_ms, between_tokens_ms, whole_ms, max_token_characters, max_characters
            ),
            Budgets(scene_tokens, history_tokens),
            tool_choice,
        )


def _with_prefixes(first: Provider, fallbacks: tuple[Provider, ...]) -> list[tuple[str, Provider]]:
    """Each provider with the prefix of its options in the settings."""
    return [("", first), *((f"fallbacks[{i}].", each) for i, each in enumerate(fallbacks))]
