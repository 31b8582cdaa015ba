"""What a local server is: how many requests it works on at once, whether it keeps what it has read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from frametalk.adapters.llm.openai.providers import Provider

Get = Callable[[str], Awaitable[Any]]

# Owners of models, as servers with a prefix cache name them: llama.cpp, Ollama, vLLM, SGLang, LM Studio,
# KoboldCpp, and our stub.
_WITH_CACHE = frozenset(
    "llamacpp library vllm sglang organization_owner koboldcpp frametalk".split()
)


class LocalServer:
    """The server of `provider`, asked with `get`, which returns the JSON at a path or None."""

    def __init__(self, provider: Provider, get: Get) -> None:
        self._provider = provider
        self._get = get
        self._keeps = False

    async def at_once(self) -> int:
        """How many requests it works on at once; 0: any number, or not known."""
        if self._provider.at_once is not None:
            return self._provider.at_once
        slots = _field(await self._get("/props"), "total_slots")  # only llama.cpp's server has it
        return slots if isinstance(slots, int) and slots > 0 else 0

    async def keeps_prompts(self) -> bool:
        """Whether it is known to have a cache of the prompts that it has read."""
        if not self._keeps:
            path = urlsplit(self._provider.base_url).path.rstrip("/")
            models = _field(await self._get(f"{path}/models"), "data")
            owners = [_field(model, "owned_by") for model in models or ()]
            self._keeps = not _WITH_CACHE.isdisjoint(filter(None, map(str, owners)))
        return self._keeps


def _field(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None
