"""Run a game engine's client against a server of its own."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from frametalk.bench import child
from frametalk.bench.client.engines import ENGINES
from frametalk.bench.progress import keep
from frametalk.bench.report import Machine, this_machine
from frametalk.bench.samples import Distribution
from frametalk.bench.server import running
from frametalk.errors import ConfigError, Fault, FrametalkError, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from frametalk.bench.options import Options

TALKS_WITHIN_S = 120.0
RATES_HZ = (72, 90, 120)


class Cost(Distribution, frozen=True):
    """What each of `n` frames cost, and the highest of them."""

    max: float | None = None

    @classmethod
    def of(cls, values: Iterable[float], keys: Iterable[str] = ()) -> Cost:
        """The distribution of any number of frames."""
        found = Distribution.of(values, keys)
        return cls(**msgspec.structs.asdict(found), max=max(found.values, default=None))


class ClientReport(msgspec.Struct, frozen=True):
    """The suite `client`: `frame_ms` is our part of the main thread in each frame of a reply.

    `frame_share`: its 99th percentile as a share of a frame, by frame rate in Hz. `lips_ms` is the distance
    of mouth and sound with its sign (above 0: the mouth is early), `lips_distance_ms` without it.
    """

    suite: str
    client: str
    engine: str
    replies: int
    frame_ms: Cost
    lips_ms: Distribution
    lips_distance_ms: Distribution
    frame_share: dict[str, float]
    garbage_bytes_per_frame: float | None
    machine: Machine


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
    so_far: list[_Measured] = []
    keep(lambda: summary(options.engine, so_far[0], machine) if so_far else None)
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        engine.command("", result)  # a missing program is said before the server is started
        async with running(()) as server:
            try:
                await _run(engine.command(server.url, result))
            except BaseException:
                so_far += _written(result)
                raise
        return summary(options.engine, _whole(result), machine)


def summary(name: str, measured: _Measured, machine: Machine) -> ClientReport:
    """The percentiles."""
    frame_ms = Cost.of(measured.frame_ms)
    return ClientReport(
        suite="client",
        client=name,
        engine=measured.engine,
        replies=measured.replies,
        frame_ms=frame_ms,
        frame_share=shares(frame_ms.p99),
        lips_ms=Distribution.of(measured.lips_ms),
        lips_distance_ms=Distribution.of(map(abs, measured.lips_ms)),
        garbage_bytes_per_frame=measured.garbage_bytes_per_frame,
        machine=machine,
    )


def shares(ms: float | None) -> dict[str, float]:
    """A time as a part of a frame, by frame rate in Hz."""
    return {} if ms is None else {str(hz): round(ms * hz / 1000, 4) for hz in RATES_HZ}


def _whole(result: Path) -> _Measured:
    """The result of a program that has ended. Raises FrametalkError `bench_client` if it wrote none."""
    for measured in _written(result):
        if not measured.frame_ms or not measured.lips_ms:
            raise _failed("it measured no frame", "")
        return measured
    raise _failed("it wrote no result", "")


def _written(result: Path) -> list[_Measured]:
    """What the program has written up to now: nothing, or its newest result."""
    if not result.exists():
        return []
    return [msgspec.json.decode(result.read_bytes(), type=_Measured)]


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
