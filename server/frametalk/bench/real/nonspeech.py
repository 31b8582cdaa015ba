"""Words that a recogniser believes to hear where nobody speaks."""

from __future__ import annotations

import asyncio

from frametalk.bench.real.context import Context, Values
from frametalk.bench.real.folder import Absent
from frametalk.bench.real.noises import noises
from frametalk.bench.real.recognisers import Name

WHO: tuple[tuple[Name, bool], ...] = (
    ("base", False),
    ("base", True),
    ("tiny", False),
    ("tiny", True),
    ("joined", True),
)


async def measure(context: Context) -> Values:
    """The key `nonspeech_believed`: words, of all recognisers, with and without the scene's hints.

    `nonspeech_believed_n` is the number of sounds, each recognised by all of them;
    `nonspeech_believed_by` has the texts. Raises Absent without any recogniser.
    """
    sounds = context.some(noises())
    by: dict[str, list[str]] = {}

    async def recognised(name: Name, hints: bool) -> None:
        key = f"{name}, with hints" if hints else name
        try:
            heard = await context.recognisers.heard(name, sounds, hints=hints)
        except Absent as absent:
            context.skipped[f"nonspeech_believed_by.{key}"] = str(absent)
            return
        by[key] = [f"{one.speech.name} | {one.text}" for one in heard if one.text.strip()]

    async with asyncio.TaskGroup() as group:
        for name, hints in WHO:
            group.create_task(recognised(name, hints))
    if not by:
        raise Absent("there is no Whisper model")
    words = [text.partition(" | ")[2].split() for texts in by.values() for text in texts]
    return {
        "nonspeech_believed": sum(map(len, words)),
        "nonspeech_believed_n": len(sounds),
        "nonspeech_believed_by": by,
    }
