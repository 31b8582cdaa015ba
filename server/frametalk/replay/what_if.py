"""Runs a recorded session with another engine or other settings, to see what would have changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from frametalk.config import FrametalkSettings
from frametalk.core.caps import Accounts
from frametalk.engines import Engines
from frametalk.metrics import Metrics
from frametalk.replay.account import Turn, account
from frametalk.replay.client import ScriptedClient
from frametalk.replay.entries import Kind
from frametalk.replay.files import Recording
from frametalk.replay.heard_again import engines_of, heard
from frametalk.replay.loop import VirtualLoop
from frametalk.replay.parts import outbound
from frametalk.replay.run import NoRecords
from frametalk.session import Session
from frametalk.session_state import Books
from frametalk.wire.codec import Media, encode

LINGER_S = 10.0  # after the last input, for replies that take longer than the recorded ones


@dataclass(frozen=True, slots=True)
class Comparison:
    """A session as it was, and as it would have been. `unknown`: questions without a recorded answer."""

    before: Sequence[Turn]
    after: Sequence[Turn]
    unknown: Sequence[str]


def on_virtual_time(
    recording: Recording, settings: FrametalkSettings, swapped: Mapping[str, Any]
) -> Comparison:
    """As `what_if`, in a small part of the session's time; no engine may be swapped for a real one."""

    def idle(wait_s: float | None) -> None:
        if wait_s is None:
            raise RuntimeError("the session waits for nothing")
        loop.now_s += wait_s

    loop = VirtualLoop(idle)
    try:
        return loop.run_until_complete(what_if(recording, settings, swapped))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def what_if(
    recording: Recording, settings: FrametalkSettings, swapped: Mapping[str, Any]
) -> Comparison:
    """Replace the recorded engines by those in `swapped`, by kind; None removes an engine.

    Engines take real time, so with any the event loop has to be an ordinary one.
    """
    loop = asyncio.get_running_loop()
    began_s = loop.time()

    def at_s() -> float:
        return loop.time() - began_s

    known = heard(recording)
    engines: Engines = replace(engines_of(recording, known, at_s), **swapped)
    client = ScriptedClient(recording, at_s)
    speech = _watch_speech(engines, settings, at_s)
    session = Session(
        client,
        replace(engines, vad=speech),
        settings,
        session_id=recording.header.session,
        metrics=Metrics(),
        now=loop.time,
        books=Books(accounts=Accounts(settings.caps.limits), records=NoRecords()),
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(session.run(), name="session")
        group.create_task(client.run(LINGER_S), name="client")
    after = account(_as_maps(client), speech.at_s)
    before = account(outbound(recording), speech_times(recording, settings))
    return Comparison(before, after, tuple(dict.fromkeys(known.unknown)))


def _as_maps(client: ScriptedClient) -> list[tuple[float, dict[str, Any] | None]]:
    return [
        (
            each.at_s,
            None if isinstance(each.item, Media) else msgspec.msgpack.decode(encode(each.item)),
        )
        for each in client.sent
    ]


def speech_times(recording: Recording, settings: FrametalkSettings) -> list[float]:
    """When the recorded session heard speech, in seconds from its beginning."""
    found, at_us = list[float](), 0
    for entry in recording.entries:
        match entry:
            case [Kind.CALL, _number, at_us, _within, ["t", float() as probability]]:
                if probability >= settings.turns.speech_probability:
                    found.append(at_us / 1e6)
            case [Kind.ANSWER | Kind.CALL, _task, at_us, *_]:
                pass
    return found


class _WatchedVad:
    """A VAD that notes when there is speech."""

    def __init__(self, vad: Any, threshold: float, at_s: Callable[[], float]) -> None:
        self.rate_hz, self.window_samples = vad.rate_hz, vad.window_samples
        self.at_s: list[float] = []
        self._stream = vad.open()
        self._threshold, self._now_s = threshold, at_s

    def open(self) -> _WatchedVad:
        return self

    def process(self, window: Any) -> float:
        probability: float = self._stream.process(window)
        self._note(probability)
        return probability

    def submit(self, window: Any, judged: Callable[[float], None]) -> None:
        def told(probability: float) -> None:
            self._note(probability)
            judged(probability)

        self._stream.submit(window, told)

    def settle(self) -> None:
        self._stream.settle()

    def _note(self, probability: float) -> None:
        if probability >= self._threshold:
            self.at_s.append(self._now_s())

    def reset(self) -> None:
        self._stream.reset()


def _watch_speech(engines: Engines, settings: FrametalkSettings, at_s: Callable[[], float]) -> Any:
    return _WatchedVad(engines.vad, settings.turns.speech_probability, at_s)
