"""A clause under way: its reader gets all chunks, whenever it begins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from frametalk.adapters.base import SpeechChunk
from frametalk.adapters.tts.prepared import PreparedClause
from frametalk.errors import AdapterError, Stage

CHUNKS = [SpeechChunk(bytes(2), ()), SpeechChunk(bytes(4), ()), SpeechChunk(bytes(6), ())]


async def spoken(count: int) -> AsyncGenerator[SpeechChunk, None]:
    """That many chunks, and then a failure unless these are all."""
    for chunk in CHUNKS[:count]:
        await asyncio.sleep(0)
        yield chunk
    if count < len(CHUNKS):
        raise AdapterError("voice_failed", "broken", stage=Stage.SPEAK)


async def read(clause: PreparedClause) -> list[SpeechChunk]:
    return [chunk async for chunk in clause.chunks()]


async def test_a_reader_gets_what_is_made_already_and_what_is_made_later() -> None:
    clause = PreparedClause(spoken(3))
    async with asyncio.TaskGroup() as group:
        early = group.create_task(read(clause))
        group.create_task(clause.make())
        await clause.begun()
    assert early.result() == await read(clause) == CHUNKS


async def test_a_failure_comes_after_the_chunks_before_it() -> None:
    clause = PreparedClause(spoken(2))
    await clause.make()
    await clause.begun()
    chunks = clause.chunks()
    assert [await anext(chunks), await anext(chunks)] == CHUNKS[:2]
    with pytest.raises(AdapterError, match="broken"):
        await anext(chunks)


async def test_a_clause_without_sound_has_begun_when_it_ends() -> None:
    clause = PreparedClause(spoken(0))
    await clause.make()
    with pytest.raises(AdapterError, match="broken"):
        await clause.begun()
