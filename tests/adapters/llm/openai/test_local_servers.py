"""What is asked of a local server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from frametalk.adapters.llm.openai.local_servers import LocalServer
from frametalk.adapters.llm.openai.providers import Provider

LLAMA = {
    "/props": {"total_slots": 2},
    "/v1/models": {"data": [{"id": "m", "owned_by": "llamacpp"}]},
}


def server(answers: Mapping[str, Any], at_once: int | None = None) -> LocalServer:
    async def get(path: str) -> Any:
        return answers.get(path)

    provider = Provider(base_url="http://127.0.0.1:1/v1", model="m", at_once=at_once)
    return LocalServer(provider, get)


async def test_llama_cpp_says_how_many_requests_it_takes() -> None:
    assert await server(LLAMA).at_once() == 2
    assert await server(LLAMA, at_once=5).at_once() == 5
    assert await server({}).at_once() == 0
    assert await server({"/props": {"total_slots": "many"}}).at_once() == 0


@pytest.mark.parametrize(
    ("models", "keeps"),
    [
        (LLAMA["/v1/models"], True),
        ({"data": [{"id": "m", "owned_by": "library"}]}, True),
        ({"data": [{"id": "m"}]}, False),
        ({"data": [{"id": "m", "owned_by": "acme"}]}, False),
        ({"data": []}, False),
        ([], False),
        (None, False),
    ],
)
async def test_servers_of_a_known_make_keep_prompts(models: Any, keeps: bool) -> None:
    assert await server({"/v1/models": models}).keeps_prompts() is keeps


async def test_a_server_that_comes_later_is_asked_again() -> None:
    answers: dict[str, Any] = {}
    one = server(answers)
    assert not await one.keeps_prompts()
    answers.update(LLAMA)
    assert await one.keeps_prompts()
