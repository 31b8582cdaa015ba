"""The settings of the server under load, by its engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from frametalk.adapters import registry
from frametalk.bench.load.utterance import Utterance, utterance
from frametalk.bench.real.conversation import EMBEDDED, everything_real
from frametalk.bench.real.folder import Absent, models
from frametalk.config import TurnSettings
from frametalk.errors import ConfigError
from frametalk.headless.speech import speak
from frametalk.mind_stub.options import StubOptions
from frametalk.mind_stub.server import serving

if TYPE_CHECKING:
    from frametalk.adapters.base import Vad

WORDS = "where is the blacksmith"
RECOGNISER_MS, FIRST_TOKEN_MS, FIRST_CHUNK_MS = 60.0, 100.0, 40.0
REPLY = "Go down the street, past the well, and knock at the second door."  # about 3.8 s
TURNS = TurnSettings()
SCRIPTED_TURNS = msgspec.structs.replace(TURNS, pause_ms=TURNS.endpoint_delay_ms)
COMMON = ("log.level=WARNING", "server.max_sessions=1000", "server.port=0")
SCRIPTED = (
    *COMMON,
    "vad.adapter=silero",
    "asr.adapter=fixed",
    f"asr.options.finalize_ms={RECOGNISER_MS}",
    "tts.adapter=fixed",
    "tts.cache_mb=0",  # each reply takes the voice's full time
    f"tts.options.first_chunk_ms={FIRST_CHUNK_MS}",
    # One stage after the other, so that what is between them can be measured.
    "turns.drafts=false",
    f"turns.pause_ms={SCRIPTED_TURNS.pause_ms}",
    "turns.soft_start_ms=0",
)
MIND = (
    "llm.adapter=fixed",
    f'llm.options.text="{REPLY}"',
    f"llm.options.first_token_ms={FIRST_TOKEN_MS}",
)
TOKENS_PER_S = 50.0  # a small model on a good machine


class Engines(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the server, what is said to it, and how long its engines are set to take for a turn.

    `engines_ms` None: that is not known. `is_scripted`: the server runs on one core.
    """

    settings: tuple[str, ...]
    said: Utterance
    engines_ms: float | None = None
    is_scripted: bool = False


def scripted(vad: Vad, base_url: str = "") -> Engines:
    """Engines of fixed times, with the real voice activity detector.

    With `base_url` the mind is a server with OpenAI's API, whose words come one after another.
    """
    mind = MIND
    if base_url:
        mind = (
            "llm.adapter=openai",
            f"llm.options.base_url={base_url}",
            "llm.options.model=text",
        )
    clip, engines_ms = speak(WORDS), RECOGNISER_MS + FIRST_TOKEN_MS + FIRST_CHUNK_MS
    return Engines(
        settings=(*SCRIPTED, *mind),
        said=utterance(clip.samples, clip.audible_end, vad, SCRIPTED_TURNS),
        engines_ms=None if base_url else engines_ms,
        is_scripted=True,
    )


def others(settings: tuple[str, ...]) -> Engines:
    """Engines whose times are not known: a turn's end is when its speech ends."""
    clip = speak(WORDS)
    ends = clip.audible_end
    return Engines(settings=(*COMMON, *settings), said=Utterance(clip.samples, ends, ends))


@asynccontextmanager
async def opened(name: str, folder: Path | None) -> AsyncIterator[Engines]:
    """The engines of this name, while they are needed; `folder` has the models of `real`.

    Raises ConfigError without one, AdapterError without Silero.
    """
    if name == "embedded":
        yield others(EMBEDDED)
    elif name == "real":
        try:
            settings = everything_real(models(folder))
        except Absent as absent:
            raise ConfigError(str(absent), remedy="see latency_tests/README.md") from None
        yield others(settings)
    else:
        vad = registry.create("vad", "silero", {})
        await vad.start()
        if name == "scripted":
            yield scripted(vad)
            return
        stub = StubOptions(
            speaks="text", text=REPLY, first_token_ms=FIRST_TOKEN_MS, tokens_per_s=TOKENS_PER_S
        )
        async with serving(stub) as server:
            yield scripted(vad, server.base_url)
