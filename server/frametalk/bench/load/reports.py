"""What a process of the load suite prints: whole lines, or an error that says how it ended."""

from __future__ import annotations

import asyncio
import signal
from typing import IO, TypeVar

import msgspec

from frametalk.errors import Fault, FrametalkError, Stage

LINE_BYTES = 2**26  # more than any result has
ENDS_WITHIN_S = 5.0  # after its output has ended
SHOWN = 300  # characters of an error
T = TypeVar("T")


class Reports:
    """The lines on the standard output of a process; `log` is the file of its standard error.

    `name` and `remedy` are for errors.
    """

    def __init__(
        self, name: str, process: asyncio.subprocess.Process, log: IO[bytes], remedy: str
    ) -> None:
        self._name, self._remedy = name, remedy
        self._process, self._log = process, log

    async def line(self) -> bytes:
        """The next line. Raises FrametalkError `bench_load` if the process ends before its end."""
        assert self._process.stdout is not None  # noqa: S101  (a pipe)
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):
            where = f"after {len(line)} bytes of its result" if line else "before its result"
            raise self.failure(f"{await self._end()} {where}")
        return line

    async def read(self, kind: type[T]) -> T:
        """The next line, decoded as JSON. Raises FrametalkError `bench_load` if it is not a `kind`."""
        line = await self.line()
        try:
            return msgspec.json.decode(line, type=kind)
        except msgspec.DecodeError as error:
            shown = line[:80].decode(errors="replace").strip()
            raise self.failure(f"printed no {kind.__name__} ({error}): {shown}") from None

    def failure(self, what: str) -> FrametalkError:
        """What the process did, with the last line of its standard error."""
        self._log.seek(0)
        printed = self._log.read().decode(errors="replace").strip().splitlines()
        last = printed[-1][:SHOWN] if printed else "nothing on its standard error"
        return FrametalkError(
            "bench_load",
            f"{self._name} {what}: {last}",
            stage=Stage.CONFIG,
            fault=Fault.SERVER,
            remedy=self._remedy,
            fatal=True,
        )

    async def _end(self) -> str:
        """How it ended."""
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                code = await self._process.wait()
        except TimeoutError:
            return "closed its output, but goes on,"
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"
