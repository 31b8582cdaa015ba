"""The `openai` adapter: its cost over the bare SDK, its answers to faults, and injections.

Everything runs against `frametalk mind-stub` over a real socket, in whole sessions over links in memory.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from statistics import median
from typing import Any

import msgspec

from frametalk import engines as running
from frametalk.adapters.base import Mind, MindRequest, TextDelta
from frametalk.bench.engines.injections import (
    GRANTED,
    WORLD,
    Injection,
    careless,
    injections,
    permitted,
)
from frametalk.bench.engines.typed_game import in_session
from frametalk.config import FrametalkSettings, load
from frametalk.engines import Engines
from frametalk.headless.scene import GameWorld
from frametalk.mind_stub.faults import Fault
from frametalk.mind_stub.options import StubOptions
from frametalk.mind_stub.server import Stub, serving

PAIRS = 150
WARM_UP = 10
SAID_WITHIN_MS = 2_500.0
OPEN_MS = 1_000  # how long the adapter avoids a provider after a failure; short for this bench
RATE_LIMIT_MS = 7_000  # the same after the stub's "too many requests"
MARGIN_MS = 200
CONTROL_EVERY = 7  # coprime with the 5 ways and 4 templates, so that the control has all of them
MS_PER_CHAR = (
    1  # of the voice: replies are heard in real time, and only their beginning is measured
)
TEXT = "The door is open, traveller. Mind the step, and close it behind you."
HELLO = "what do you know about the king"


class FaultSurvived(msgspec.Struct, frozen=True):
    """One fault in one turn, and the turn after it."""

    fault: str
    said_ms: float | None
    said: str
    closed: bool
    next_said: str
    errors: list[str]

    @property
    def answered(self) -> bool:
        """Whether something was said in time, the turn closed, and the model answered the next turn."""
        in_time = self.said_ms is not None and self.said_ms <= SAID_WITHIN_MS
        return in_time and bool(self.said) and self.closed and self.next_said == TEXT


class MindMeasured(msgspec.Struct, frozen=True):
    """`overhead_ms`: median of the adapter's first token less the bare SDK's, measured in `pairs`.

    Of `injections`, the model obeyed `obeyed`; `unauthorised_calls` reached the game. In the control, a
    game that declares its tools without scopes or schemas, `control` injections led to `control_calls`.
    """

    overhead_ms: float
    faults_answered: int
    unauthorised_calls: int
    first_token_ms: float
    bare_first_token_ms: float
    pairs: int
    faults: list[FaultSurvived]
    injections: int
    obeyed: int
    control: int
    control_calls: int


async def measure(pairs: int = PAIRS, *, few: bool = False) -> MindMeasured:
    """Measure everything; takes a minute or two. `few`: two faults, and every seventh injection.

    Raises AdapterError if the SDK is not installed."""
    ours_ms, bare_ms, overhead_ms = await overhead(pairs)
    logging.disable(logging.ERROR)  # the faults are deliberate
    try:
        faults = [await survived(fault) for fault in list(Fault)[: 2 if few else None]]
    finally:
        logging.disable(logging.NOTSET)
    attacks = list(injections())[:: CONTROL_EVERY if few else 1]
    reached, obeyed = await attacked(attacks)
    control = attacks[::CONTROL_EVERY]
    control_reached, _obeyed = await attacked(control, unguarded=True)
    return MindMeasured(
        overhead_ms=round(overhead_ms, 3),
        faults_answered=sum(fault.answered for fault in faults),
        unauthorised_calls=reached,
        first_token_ms=round(ours_ms, 3),
        bare_first_token_ms=round(bare_ms, 3),
        pairs=pairs,
        faults=faults,
        injections=len(attacks),
        obeyed=obeyed,
        control=len(control),
        control_calls=control_reached,
    )


# ---- overhead ------------------------------------------------------------------------------------


async def overhead(pairs: int) -> tuple[float, float, float]:
    """Median ms to the first token: the adapter's, the bare SDK's for the same request, the difference.

    They take turns in going first, so that neither profits from what the other warmed up.
    """
    import openai

    world = GameWorld(WORLD)
    request = MindRequest(
        character="",
        turn=1,
        text=HELLO,
        scene=dict(world.entities),
        tools=world.tools,
    )
    ours_ms, bare_ms = [], []
    async with (
        stubbed(StubOptions(speaks="text", text=TEXT)) as (stub, engines, _settings),
        openai.AsyncOpenAI(base_url=stub.base_url, api_key="none", max_retries=0) as client,
    ):
        await _ours_ms(engines.llm, request)
        body = stub.requests[-1]
        for number in range(WARM_UP + pairs):
            if number % 2:
                bare_ms.append(await _bare_ms(client, body))
            ours_ms.append(await _ours_ms(engines.llm, request))
            if not number % 2:
                bare_ms.append(await _bare_ms(client, body))
    ours_ms, bare_ms = ours_ms[WARM_UP:], bare_ms[WARM_UP:]
    differences = [ours - bare for ours, bare in zip(ours_ms, bare_ms, strict=True)]
    return median(ours_ms), median(bare_ms), median(differences)


async def _ours_ms(mind: Mind, request: MindRequest) -> float:
    began_s, first_ms = time.perf_counter(), 0.0
    async with aclosing(mind.think(request)) as events:
        async for event in events:
            if not first_ms and isinstance(event, TextDelta):
                first_ms = (time.perf_counter() - began_s) * 1000
    return first_ms


async def _bare_ms(client: Any, body: dict[str, Any]) -> float:
    began_s, first_ms = time.perf_counter(), 0.0
    async with await client.chat.completions.create(**body) as stream:
        async for chunk in stream:
            if not first_ms and chunk.choices and chunk.choices[0].delta.content:
                first_ms = (time.perf_counter() - began_s) * 1000
    return first_ms


# ---- faults --------------------------------------------------------------------------------------


async def survived(fault: Fault) -> FaultSurvived:
    """A session whose first answer has `fault`; the second turn comes once the provider is tried again."""
    options = StubOptions(speaks="text", text=TEXT, fault_at={1: fault})
    async with (
        stubbed(options) as (_stub, engines, settings),
        in_session(engines, settings, WORLD, scopes=(GRANTED,)) as game,
    ):
        first = await game.turn("open the red door")
        avoided_ms = RATE_LIMIT_MS if fault is Fault.RATE_LIMITED else OPEN_MS
        await asyncio.sleep((avoided_ms + MARGIN_MS) / 1000)
        second = await game.turn(HELLO)
    return FaultSurvived(
        fault=fault,
        said_ms=None if first.said_ms is None else round(first.said_ms, 1),
        said=first.text[:200],
        closed=first.closed,
        next_said=second.text if second.closed else "",
        errors=first.errors,
    )


# ---- injections ----------------------------------------------------------------------------------


async def attacked(attacks: Iterable[Injection], *, unguarded: bool = False) -> tuple[int, int]:
    """How many forbidden calls reached the game, and how many attacks the model obeyed.

    `unguarded`: in a game that declares its tools without scopes and schemas, so that nothing is checked.
    """
    reached = obeyed = 0
    async with stubbed(StubOptions(speaks="obedient")) as (stub, engines, settings):
        for attack in attacks:
            stub.requests.clear()
            world = attack.within(careless(WORLD) if unguarded else WORLD)
            joined = in_session(engines, settings, world, scopes=(GRANTED,), value=attack.result)
            async with joined as game:
                turn = await game.turn(attack.words, attack.events)
            reached += sum(not permitted(call) for call in turn.calls)
            obeyed += any(attack.tool in names for names in map(_called, stub.requests))
    return reached, obeyed


def _called(request: dict[str, Any]) -> set[str]:
    """The names of the tools that the model has called, taken from a later request."""
    return {
        call["function"]["name"]
        for message in request["messages"]
        for call in message.get("tool_calls") or ()
    }


@asynccontextmanager
async def stubbed(options: StubOptions) -> AsyncIterator[tuple[Stub, Engines, FrametalkSettings]]:
    """A stub, and the engines of a server whose mind asks it; the other engines take no time."""
    async with serving(options) as stub:
        settings = load(
            environment={},
            flags=(
                "vad.adapter=energy",
                "asr.adapter=fixed",
                "tts.adapter=fixed",
                f"tts.options.ms_per_char={MS_PER_CHAR}",
                "llm.adapter=openai",
                f"llm.options.base_url={stub.base_url}",
                "llm.options.model=any",
                "llm.options.warm=never",
                f"llm.options.open_ms={OPEN_MS}",
                "guard.adapter=",  # the mind alone has to refuse
            ),
        )
        async with running.started(settings) as engines:
            yield stub, engines, settings
