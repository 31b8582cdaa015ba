"""Lines of a process: whole, or an error."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from frametalk.bench import child
from frametalk.bench.load import reports
from frametalk.bench.load.reports import Reports
from frametalk.errors import FrametalkError

pytestmark = pytest.mark.real

LONG = "print('[' + '1,' * 400_000 + '1]')"  # more than a pipe holds


@asynccontextmanager
async def reporting(text: str) -> AsyncIterator[Reports]:
    with tempfile.TemporaryFile() as log:
        process = await child.start(
            child.code(text), stdout=asyncio.subprocess.PIPE, stderr=log, limit=reports.LINE_BYTES
        )
        try:
            yield Reports("the process", process, log, "try again")
        finally:
            await child.end_group(process)


async def test_a_line_longer_than_a_pipe_is_read_whole() -> None:
    async with reporting(LONG) as found:
        assert len(await found.read(list[int])) == 400_001


async def test_output_that_ends_while_the_process_goes_on_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reports, "ENDS_WITHIN_S", 0.0)
    async with reporting("import os, time; os.close(1); time.sleep(60)") as found:
        with pytest.raises(FrametalkError, match="closed its output, but goes on, before its"):
            await found.line()
