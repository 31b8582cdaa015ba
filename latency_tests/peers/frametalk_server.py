"""A real frametalk server on $BENCH_PORT whose recogniser, mind and voice are the harness's engines.

$FRAMETALK_PEERS is the harness's folder; $BENCH_MODE is a key of MODES; $BENCH_LLM_URL is the mind's
server; with $BENCH_TOOLS the mind may call the game's tools; the windows of `best` in s are
$BENCH_VAD_STOP (silence that ends a turn) and $BENCH_BARGE_IN (speech that cuts a reply).
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import ModuleType
from typing import Any

from frametalk.adapters.base import (
    Bias,
    Hypothesis,
    MindEvent,
    MindRequest,
    SpeechChunk,
    SpeechRequest,
    TextDelta,
    ToolRequest,
)
from frametalk.app import serve
from frametalk.config import TurnSettings, load
from frametalk.core.audio import RECOGNITION_RATE_HZ, ms_to_samples
from frametalk.core.dialogue import CharacterSaid, Entry, PlayerSaid, ToolRan
from frametalk.core.tools import ToolOutcome, ToolSpec
from frametalk.running import run

STOP_MS = 1000 * float(os.environ.get("BENCH_VAD_STOP", "0.2"))
BARGE_IN_MS = 1000 * float(os.environ.get("BENCH_BARGE_IN", TurnSettings().barge_in_ms / 1000))
# The harness gives every server one window, however complete a turn sounds.
DELAYS = [f"turns.{key}" for key in TurnSettings.__struct_fields__ if "endpoint_delay" in key]
MODES: Mapping[str, Mapping[str, float | str]] = {
    "default": {},
    "best": {
        "character.interruptible": "always",  # any speech interrupts, without waiting for a word
        "turns.barge_in_ms": BARGE_IN_MS,
        **dict.fromkeys(DELAYS, STOP_MS),
    },
}
TOOLS = bool(os.environ.get("BENCH_TOOLS"))
ENGINES = {"asr": "AtOnce", "llm": "OpenAiMind", "tts": "ToneVoice"}
PARTIAL_SAMPLES = RECOGNITION_RATE_HZ // 2  # half a second, as in the harness's pipecat server
PREROLL_SAMPLES = ms_to_samples(TurnSettings().preroll_ms, RECOGNITION_RATE_HZ)  # without speech
NAME = "peers"  # the name of the three adapters


def harness() -> ModuleType:
    """The harness's module fake_engines, from $FRAMETALK_PEERS or Python's path."""
    if folder := os.environ.get("FRAMETALK_PEERS"):
        sys.path.append(folder)
    try:
        return importlib.import_module("fake_engines")
    except ImportError:
        sys.exit("no fake_engines.py: set FRAMETALK_PEERS to the folder of the peer harness")


fake = harness()


class AtOnce:
    """A recogniser that returns the harness's sentence at once, and its first words as partial texts."""

    rate_hz = RECOGNITION_RATE_HZ

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def prepare(self, bias: Bias) -> None:
        """Nothing to build."""

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> AtOnceStream:
        """A stream for one stretch of speech."""
        return AtOnceStream(on_partial)


class AtOnceStream:
    """One stretch of speech. Each request for its text is an event in the harness's log."""

    def __init__(self, on_partial: Callable[[Hypothesis], None]) -> None:
        self._on_partial = on_partial
        self._partials = list(fake.PARTIALS)
        self._until_partial = PREROLL_SAMPLES + PARTIAL_SAMPLES

    def feed(self, pcm: bytes) -> None:
        """Report a few more words after each half second of speech."""
        self._until_partial -= len(pcm) // 2
        if self._until_partial <= 0 and self._partials:
            self._until_partial += PARTIAL_SAMPLES
            self._on_partial(Hypothesis(self._partials.pop(0)))

    async def finalize(self) -> Hypothesis:
        """The text as if only silence followed."""
        text = fake.transcribe()
        return Hypothesis(text, stable=len(text))

    async def finish(self) -> Hypothesis:
        """The harness's sentence."""
        return await self.finalize()

    def cancel(self) -> None:
        """Nothing is under way."""


class OpenAiMind:
    """Streams each step from $BENCH_LLM_URL."""

    characters = ("keeper",)

    def __init__(self) -> None:
        self._client: Any = None

    async def start(self) -> None:
        """Load the client library; it connects at the first turn."""
        from openai import AsyncOpenAI

        self._client = AsyncOpenAI(api_key="x", base_url=fake.LLM_URL, max_retries=0)

    async def close(self) -> None:
        """Drop the connections."""
        if self._client is not None:
            await self._client.close()

    async def think(self, request: MindRequest) -> AsyncIterator[MindEvent]:
        """Text as it comes, and a tool call once its arguments are complete."""
        tools = {"tools": list(map(_tool, request.tools))} if request.tools and TOOLS else {}
        name = ref = arguments = ""
        async with await self._client.chat.completions.create(
            model="fake", stream=True, messages=_messages(request.history), **tools
        ) as stream:
            async for event in stream:
                if not event.choices:
                    continue
                delta = event.choices[0].delta
                if delta.content:
                    yield TextDelta(delta.content)
                for call in delta.tool_calls or ():
                    name, ref = name or call.function.name, ref or call.id
                    arguments += call.function.arguments
        if name:
            yield ToolRequest(name, json.loads(arguments), ref)

    def phrases(self, character: str) -> tuple[str, ...]:
        """None: it does not expect any phrases."""
        return ()

    def greeting(self, character: str) -> str:
        """None: the player speaks first."""
        return ""


def _messages(history: Sequence[Entry]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": "system", "content": fake.SYSTEM_PROMPT}]
    for entry in history:
        if isinstance(entry, PlayerSaid):
            messages.append({"role": "user", "content": entry.text})
        elif isinstance(entry, CharacterSaid):
            messages.append({"role": "assistant", "content": entry.text})
        elif isinstance(entry, ToolRan):
            messages.extend(_outcome(entry.outcome))
    return messages


def _outcome(outcome: ToolOutcome) -> tuple[dict[str, Any], dict[str, Any]]:
    call = {"name": outcome.name, "arguments": json.dumps(outcome.args)}
    result = json.dumps({"state": outcome.state, "value": outcome.value, "reason": outcome.reason})
    ref = f"call_{outcome.call}"
    return (
        {"role": "assistant", "tool_calls": [{"id": ref, "type": "function", "function": call}]},
        {"role": "tool", "tool_call_id": ref, "content": result},
    )


def _tool(spec: ToolSpec) -> dict[str, Any]:
    described = {"name": spec.name, "description": spec.description, "parameters": spec.parameters}
    return {"type": "function", "function": described}


class ToneVoice:
    """The harness's tone, synthesised 20 times faster than real time, one chunk for each clause."""

    rate_hz: int = fake.TTS_RATE

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        """The tone, without marks: the other servers of the harness make none either."""
        async with aclosing(fake.synthesize(request.text)) as chunks:
            async for pcm in chunks:
                yield SpeechChunk(pcm)


def register(folder: Path) -> None:
    """Register the engines under NAME, like a package installed in `folder`."""
    package = folder / "frametalk_peers-0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Name: frametalk-peers\nVersion: 0\n")
    points = (f"[frametalk.{k}]\n{NAME} = {__name__}:{v}\n" for k, v in ENGINES.items())
    (package / "entry_points.txt").write_text("\n".join(points))
    sys.path.append(str(folder))


def main() -> None:
    """Serve until SIGTERM."""
    mode = os.environ.get("BENCH_MODE", "default")
    if mode not in MODES:
        sys.exit(f"unknown BENCH_MODE {mode!r}: use one of {', '.join(MODES)}")
    flags = {
        "server.port": os.environ.get("BENCH_PORT", "9200"),
        "server.drain_ms": 0,
        "tts.cache_mb": 0,
    }
    flags |= {f"{kind}.adapter": NAME for kind in ENGINES} | MODES[mode]
    with tempfile.TemporaryDirectory() as folder:
        register(Path(folder))
        run(serve(load(environment={}, flags=[f"{key}={value}" for key, value in flags.items()])))


if __name__ == "__main__":
    main()
