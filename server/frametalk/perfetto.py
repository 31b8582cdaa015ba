"""Sessions as a trace that https://ui.perfetto.dev and chrome://tracing open.

The format is Chrome's Trace Event Format: complete events (`X`) and instants (`i`) in microseconds. The
server's monotonic clock is the only one: a client's times are moved to it, and workers share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from frametalk.diary import Diary, TurnEntry
from frametalk.trace import CLIENT_STAGES, INPUT_DEVICE
from frametalk.workers.supervisor import CallTime

Event = dict[str, Any]

TURNS, DECISIONS = "turns", "decisions"


def trace_events(
    sessions: Iterable[tuple[str, Diary]],
    calls: Iterable[CallTime] = (),
    server_pid: int = 0,
    *,
    turn: int | None = None,
) -> dict[str, Any]:
    """The whole file, for `json`. Each session is shown as a process, and each worker process too.

    Of the workers' `calls` those are shown that were under way during the sessions. `turn`: only this turn.
    """
    events: list[Event] = []
    for number, (name, diary) in enumerate(sessions, 1):
        events.extend(_session(number, name, diary, turn))
    events.extend(_workers(_during(events, calls), server_pid))
    return {"traceEvents": events, "displayTimeUnit": "ms"}


class _Tracks:
    """The tracks of one shown process: things that may overlap are on tracks of their own."""

    def __init__(self, pid: int, name: str) -> None:
        self._pid = pid
        self._numbers: dict[str, int] = {}
        self._ends_us: dict[str, list[float]] = {}  # of the newest slice of each lane
        self.events: list[Event] = [_meta("process_name", pid, 0, name)]

    def slice(self, track: str, name: str, at_s: float, seconds: float, **args: Any) -> None:
        """Something that took time. Those of one track come in the order in which they began.

        One that begins before another has ended gets a lane of its own: on one lane such slices are lost.
        """
        end_us, lanes = _us(at_s + seconds), self._ends_us.setdefault(track, [])
        lane = next((i for i, end in enumerate(lanes) if end <= _us(at_s)), len(lanes))
        lanes[lane : lane + 1] = [end_us]
        shown = f"{track} {lane + 1}" if lane else track
        event = self._event("X", shown, name, at_s, args)
        event["dur"] = round(end_us - event["ts"], 1)

    def instant(self, track: str, name: str, at_s: float, **args: Any) -> None:
        """Something that happened."""
        self._event("i", track, name, at_s, args)["s"] = "t"

    def _event(self, kind: str, track: str, name: str, at_s: float, args: dict[str, Any]) -> Event:
        if track not in self._numbers:
            self._numbers[track] = len(self._numbers) + 1
            self.events.append(_meta("thread_name", self._pid, self._numbers[track], track))
        event = {
            "ph": kind,
            "name": name,
            "ts": _us(at_s),
            "pid": self._pid,
            "tid": self._numbers[track],
            "args": args,
        }
        self.events.append(event)
        return event


def _session(pid: int, name: str, diary: Diary, only: int | None) -> list[Event]:
    tracks = _Tracks(pid, name)
    for turn in sorted(diary.turns, key=_began_s):
        if only in {None, turn.turn}:
            _turn(tracks, turn)
    for entry in sorted(diary.entries, key=lambda each: each.at_s):
        if only not in {None, entry.turn}:
            continue
        if entry.kind == "step":
            tracks.slice(entry.name, entry.name, entry.at_s, entry.seconds, turn=entry.turn)
        else:
            tracks.instant(DECISIONS, entry.name, entry.at_s, kind=entry.kind, turn=entry.turn)
    return tracks.events


def _began_s(turn: TurnEntry) -> float:
    """When its mouth-to-ear began; of one that was not measured, when that was certain."""
    heard_s = turn.ended_s if turn.heard_s is None else turn.heard_s
    return heard_s - (turn.mouth_to_ear_ms or 0.0) / 1000


def _turn(tracks: _Tracks, turn: TurnEntry) -> None:
    """Its waterfall: one slice, with the stages of the server and of the client beneath."""
    if turn.mouth_to_ear_ms is None:
        what = f"turn {turn.turn} was not measured: {turn.unmeasured}"
        tracks.instant(TURNS, what, turn.ended_s, turn=turn.turn)
        return
    total_s, at_s = turn.mouth_to_ear_ms / 1000, _began_s(turn)
    about = {"turn": turn.turn, "reply": turn.reply, "ready": turn.ready}
    place = "estimated" if turn.heard_s is not None else "end of the turn: the clocks do not meet"
    tracks.slice(TURNS, f"mouth to ear {turn.mouth_to_ear_ms:.0f} ms", at_s, total_s, **about)
    for stage, ms in turn.stages:
        side = "client" if stage in (INPUT_DEVICE, *CLIENT_STAGES) else "server"
        tracks.slice(f"stages: {side}", stage, at_s, ms / 1000, turn=turn.turn, place=place)
        at_s += ms / 1000


def _during(events: list[Event], calls: Iterable[CallTime]) -> Iterator[CallTime]:
    """The calls between the first and the last of these events."""
    timed = [event for event in events if "ts" in event]
    if not timed:
        return
    first_us = min(event["ts"] for event in timed)
    last_us = max(event["ts"] + event.get("dur", 0) for event in timed)
    for call in calls:
        if call.began_s * 1e6 <= last_us and call.ended_s * 1e6 >= first_us:
            yield call


def _workers(calls: Iterable[CallTime], server_pid: int) -> Iterator[Event]:
    processes: dict[int, _Tracks] = {}
    for call in sorted(calls, key=lambda each: each.began_s):
        if call.pid not in processes:
            name = f"worker {call.worker} of {server_pid}"
            # Real process ids begin far above the numbers of sessions.
            processes[call.pid] = _Tracks(call.pid + 1_000_000, name)
        seconds = call.ended_s - call.began_s
        processes[call.pid].slice("calls", call.op, call.began_s, seconds)
    for tracks in processes.values():
        yield from tracks.events


def _us(at_s: float) -> float:
    return round(at_s * 1e6, 1)


def _meta(what: str, pid: int, tid: int, name: str) -> Event:
    return {"ph": "M", "name": what, "pid": pid, "tid": tid, "args": {"name": name}}
