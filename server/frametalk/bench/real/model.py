"""A small language model as the mind: the size of its first prompt, its first tokens, and a spoken turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from frametalk.adapters import registry
from frametalk.adapters.base import Mind, MindRequest, TextDelta, Trouble, Usage
from frametalk.bench import child
from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.conversation import everything_real, free, played
from frametalk.bench.real.folder import Absent
from frametalk.bench.samples import Distribution
from frametalk.bench.server import free_port, running
from frametalk.bench.turns.turn_set import WORLD
from frametalk.core.dialogue import PlayerSaid
from frametalk.errors import FrametalkError, Stage
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world

PROGRAM = "frametalk.bench.real.llama_server"
READY_TIMEOUT_S = 60.0
THREADS = "1"  # the other core is the recogniser's and the voice's
BOTH = "scripted+openai"
NAME = "local"  # llama.cpp serves its model under any name
LIMITS_MS = {"first_token_ms": 60_000, "between_tokens_ms": 20_000, "whole_ms": 120_000}
MAX_TOKENS = 80  # a shorter answer may end before its first sentence does, and says nothing
# A model this small sometimes gives nothing that can be said, and is then not asked for a while.
SILENT = frozenset({"mind_empty", "mind_unavailable"})
SPOKEN_TURNS = 3
QUESTIONS = (
    "hello there, how was your day",
    "what do you think of the rain",
    "do you miss your father",
    "did you ever see the sea",
)


class Answer(NamedTuple):
    """One answer of the model: tokens of its prompt, and time to its first text, None if it has none.

    An answer that is ended before its model has finished, because it repeats itself, has no count: 0.
    """

    prompt_tokens: int
    first_token_ms: float | None


async def measure(context: Context) -> Values:
    """The keys `prompt_tokens`, of the first turn, `first_token_ms`, by turn, and `model_turns`.

    Raises Absent without a server: neither `llm_url` nor xllamacpp and a model.
    """
    async with server(context) as url:
        options = {"base_url": url, "model": NAME, "max_tokens": MAX_TOKENS, **LIMITS_MS}
        answers = await answered(registry.create("llm", "openai", options), QUESTIONS)
        values = summary(answers)
        try:
            values["model_turns"] = await _spoken(context, url)
        except Absent as absent:
            context.skipped["model_turns"] = str(absent)
        return values


def summary(answers: Sequence[Answer]) -> Values:
    """The values of the answers: the first one's prompt is read cold, the others' in part.

    Raises FrametalkError if the server counts no tokens.
    """
    counts = [answer.prompt_tokens for answer in answers if answer.prompt_tokens]
    if not counts:
        raise FrametalkError(
            "bench_model",
            "the model's server does not count the tokens of a prompt",
            stage=Stage.THINK,
            remedy="use a server that sends `usage` at the end of a stream",
        )
    return {
        "prompt_tokens": counts[0],
        "prompt_tokens_n": 1,
        "first_token_ms": {
            "cold": answers[0].first_token_ms,
            "warm": Distribution.of(
                answer.first_token_ms for answer in answers[1:] if answer.first_token_ms
            ),
        },
    }


async def answered(mind: Mind, questions: Sequence[str]) -> list[Answer]:
    """What each question to the tavern's blacksmith takes, as the first turn of a session."""
    world = GameWorld(load_world(WORLD))
    await mind.start()
    try:
        answers = []
        for turn, text in enumerate(questions, 1):
            request = MindRequest(
                character=mind.characters[0],
                turn=turn,
                text=text,
                history=(PlayerSaid(turn, text),),
                scene=dict(world.entities),
                tools=world.tools,
            )
            answers.append(await _answer(mind, request))
        return answers
    finally:
        await mind.close()


async def _answer(mind: Mind, request: MindRequest) -> Answer:
    began_s, first_ms, tokens = time.perf_counter(), 0.0, 0
    try:
        async for event in mind.think(request):
            if isinstance(event, TextDelta) and not first_ms:
                first_ms = (time.perf_counter() - began_s) * 1000
            if isinstance(event, Usage):
                tokens = event.prompt_tokens
            if isinstance(event, Trouble):
                raise event.error
    except FrametalkError as error:
        if error.code not in SILENT:
            raise
    return Answer(tokens, first_ms or None)


async def _spoken(context: Context, url: str) -> Values:
    """Free speech answered by the model, with everything real: times and the server's own stages."""
    if BOTH not in registry.names("llm"):
        raise Absent(f"there is no mind {BOTH}")
    limits = ", ".join(f"{name}={limit}" for name, limit in LIMITS_MS.items())
    model = f'base_url="{url}", model="{NAME}", max_tokens={MAX_TOKENS}, {limits}'
    settings = (
        *everything_real(context.models),
        f"llm.adapter={BOTH}",
        f"llm.options.openai={{{model}}}",
    )
    async with running(settings) as server:
        trials, _traced = await played(server.url, free(context)[:SPOKEN_TURNS], "model")
    return {
        "mouth_to_ear_ms": Distribution.of(
            one.mouth_to_ear_ms for one in trials if one.mouth_to_ear_ms is not None
        ),
        "trials": trials,
    }


# ---- the model's server --------------------------------------------------------------------------


@asynccontextmanager
async def server(context: Context) -> AsyncIterator[str]:
    """The base URL of the model's server: one that runs, or llama.cpp's own until the block ends."""
    if context.llm_url:
        yield context.llm_url
        return
    gguf = context.models.language_model
    if find_spec("xllamacpp") is None:
        raise Absent("xllamacpp is not installed, and no --llm-url is given")
    async with _llama(gguf) as url:
        yield url


@asynccontextmanager
async def _llama(gguf: Path) -> AsyncIterator[str]:
    port = free_port()
    process = await child.start(
        child.module(PROGRAM, str(gguf), str(port), THREADS),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            if process.stdout is None or not await process.stdout.readline():
                raise FrametalkError(
                    "bench_model", f"llama.cpp cannot serve {gguf}", stage=Stage.THINK
                )
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
