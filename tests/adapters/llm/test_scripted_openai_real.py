"""A script with a real, very small language model behind it, in a whole session."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from conftest import ROOT, require
from frametalk import engines as running
from frametalk.adapters.abilities import Warmed
from frametalk.adapters.base import MindRequest
from frametalk.adapters.llm.openai.mind import OpenAiMind
from frametalk.bench.engines.typed_game import in_session
from frametalk.config import load
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from prompt_size import prompt_tokens

pytestmark = pytest.mark.real

START_S = 30
FAST_ENGINES = ("vad.adapter=energy", "asr.adapter=fixed", "tts.adapter=fixed", "turn.adapter=")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def base_url(real_models: Callable[[str], Path]) -> AsyncIterator[str]:
    """The address of llama.cpp's server with SmolLM2-135M, on one thread."""
    (gguf,) = real_models("smollm2-135m").glob("*.gguf")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, ROOT / "tests" / "llama_server.py", gguf, str(port), "4096", "1"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert server.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            require(await server.stdout.readline(), "llama.cpp's server (pip install xllamacpp)")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()


# So small a model draws an empty answer now and then.
LIKELIEST = "max_tokens = 24, temperature = 0"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_command_is_the_scripts_and_the_rest_is_the_models(base_url: str) -> None:
    flags = (
        *FAST_ENGINES,
        "llm.adapter=scripted+openai",
        f'llm.options.openai={{base_url = "{base_url}", model = "any", {LIKELIEST}}}',
    )
    settings, tavern = load(environment={}, flags=flags), load_world("tavern")
    world = GameWorld(tavern)
    async with running.started(settings) as engines:
        mind = engines.llm
        assert isinstance(mind, Warmed)
        # Before the session: on a busy machine this takes longer than a player waits.
        await mind.warm(MindRequest("blacksmith", 0, "", scene=world.entities, tools=world.tools))
        async with in_session(engines, settings, tavern) as game:
            command = await game.turn("open the red door")
            free = await game.turn("do you ever leave the village")
    assert [(call.name, call.args) for call in command.calls] == [("open", {"target": "door"})]
    assert "red door" in command.text.casefold()
    assert (free.calls, free.errors) == ([], [])
    assert free.text
    assert "<|" not in free.text


@pytest.mark.asyncio(loop_scope="module")
async def test_the_first_prompt_of_the_tavern_is_short_and_its_template_drops_tools(
    base_url: str,
) -> None:
    assert 300 < await prompt_tokens(base_url, "any") <= 500
    mind = OpenAiMind(base_url=base_url, model="any")
    await mind.start()
    assert [advice.text for advice in await mind.advice(thorough=False)]
    await mind.close()
