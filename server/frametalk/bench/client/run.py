"""Run a game engine's client against a server of its own."""

from __future__ import annotations

import asyncio
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench import child
from frametalk.bench.client.engines import ENGINES
from frametalk.bench.report import Machine, this_machine
from frametalk.bench.server import running
from frametalk.errors import ConfigError, Fault, FrametalkError, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frametalk.bench.options import Options

TALKS_WITHIN_S = 120.0
RATES_HZ = (72, 90, 120)


class Cost(msgspec.Struct, frozen=True):
    """Percentiles of `n` frames and the highest value."""

    n: int
    p50: float
    p99: float
    max: float


class Lips(msgspec.Struct, frozen=True):
    """Over `n` frames: the median distance with its sign (above 0: the mouth is early), and the 95th
    percentile of the distance without it."""

    n: int
    p50: float
    p95: float


class ClientReport(msgspec.Struct, frozen=True):
    """The suite `client`: `frame_ms` is our part of the main thread in each frame of a reply.

    `frames_ms`: its value in each of them, in their order. `frame_share`: its 99th percentile as a share of
    a frame, by frame rate in Hz.
    """

    suite: str
    client: str
    engine: str
    replies: int
    frame_ms: Cost
    lips_ms: Lips
    frame_share: dict[str, float]
    garbage_bytes_per_frame: float | None
    machine: Machine
    frames_ms: list[float] = []


class _Measured(msgspec.Struct, frozen=True):
    """What a client's program writes; see Engine."""

    engine: str
    replies: int
    frame_ms: list[float]
    lips_ms: list[float]
    garbage_bytes_per_frame: float | None = None


async def client(options: Options) -> ClientReport:
    """Measure the client of `options.engine`.

    Raises ConfigError for an unknown engine or a missing program, FrametalkError `bench_client` when the
    program fails.
    """
    engine = ENGINES.get(options.engine)
    if engine is None:
        known = ", ".join(ENGINES)
        raise ConfigError(
            f"no engine {options.engine!r}", remedy=f"use --engine with one of {known}"
        )
    machine = this_machine()
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        engine.command("", result)  # a missing program is said before the server is started
        async with running(()) as server:
            await _run(engine.command(server.url, result))
        measured = _read(result)
    return summary(options.engine, measured, machine)


def summary(name: str, measured: _Measured, machine: Machine) -> ClientReport:
    """The percentiles. Raises FrametalkError `bench_client` when nothing was measured."""
    if not measured.frame_ms or not measured.lips_ms:
        raise _failed("it measured no frame", "")
    return ClientReport(
        suite="client",
        client=name,
        engine=measured.engine,
        replies=measured.replies,
        frame_ms=Cost(
            len(measured.frame_ms),
            _rank(measured.frame_ms, 0.50),
            _rank(measured.frame_ms, 0.99),
            _rank(measured.frame_ms, 1.0),
        ),
        frame_share={
            str(hz): round(_rank(measured.frame_ms, 0.99) * hz / 1000, 4) for hz in RATES_HZ
        },
        lips_ms=Lips(
            len(measured.lips_ms),
            _rank(measured.lips_ms, 0.50),
            _rank([abs(value) for value in measured.lips_ms], 0.95),
        ),
        garbage_bytes_per_frame=measured.garbage_bytes_per_frame,
        machine=machine,
        frames_ms=[round(ms, 3) for ms in measured.frame_ms],
    )


def _rank(values: Sequence[float], share: float) -> float:
    ranked = sorted(values)
    return round(ranked[math.ceil(share * len(ranked)) - 1], 3)


def _read(result: Path) -> _Measured:
    if not result.exists():
        raise _failed("it wrote no result", "")
    return msgspec.json.decode(result.read_bytes(), type=_Measured)


async def _run(command: Sequence[str]) -> None:
    process = await child.start(
        child.program(command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(TALKS_WITHIN_S):
            output, _ = await process.communicate()
    except TimeoutError:
        raise _failed(f"it did not end within {TALKS_WITHIN_S:.0f} s", "") from None
    finally:
        await child.end_group(process)
    if process.returncode:
        raise _failed(f"it ended with {process.returncode}", output.decode(errors="replace"))


def _failed(what: str, output: str) -> FrametalkError:
    return FrametalkError(
        "bench_client",
        f"the client's program failed: {what}\n{output[-2000:]}",
        stage=Stage.CONFIG,
        fault=Fault.USER,
        remedy="see its output",
    )
