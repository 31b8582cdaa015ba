"""Sessions and workers as the page /debug shows them: plain data, without spoken words."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from frametalk.diary import Diary, TurnEntry
from frametalk.server import PastSession
from frametalk.session import Session
from frametalk.trace import DEVICE_STAGES
from frametalk.wire.messages import ClientInfo
from frametalk.workers.supervisor import Worker

SHOWN_ENTRIES = 80
SHOWN_TURNS = 12
SHOWN_DECISIONS = 4  # of a turn


def running_session(session: Session, now_s: float) -> dict[str, Any]:
    """A session that was admitted."""
    state, talk = session.state, session.conversation
    client = ClientInfo() if state.hello is None else state.hello.client
    shown = {"id": session.id, "client": client, "waits_for_connection": session.waits}
    shown |= {
        "queued_bytes": state.link.queued_bytes,
        "unconfirmed_bytes": state.link.unconfirmed_bytes,
    }
    if state.welcome is not None:
        shown["character"] = state.welcome.character
    if talk is not None:
        machine = talk.machine
        shown |= {"state": str(machine.state), "floor": machine.floor, "turn": machine.turn}
        shown["stands"] = state.context.client_time.stands
    return shown | _diary(state.context.diary, now_s)


def past_session(session: PastSession, now_s: float) -> dict[str, Any]:
    """A session that has ended."""
    return {"id": session.id, "client": session.client} | _diary(session.diary, now_s)


def worker(each: Worker) -> dict[str, Any]:
    """A worker process and its counts."""
    state = each.state
    return {
        "name": state.name,
        "pid": each.pid,
        "ready": each.ready,
        "pending": each.pending,
        "restarts": state.restarts,
        "reruns": state.reruns,
        "failed": state.failed,
        "resident_mb": round(state.resident_bytes / 1e6, 1),
    }


def _diary(diary: Diary, now_s: float) -> dict[str, Any]:
    measured = [t.mouth_to_ear_ms for t in diary.turns if t.mouth_to_ear_ms is not None]
    entries = list(islice(reversed(diary.entries), SHOWN_ENTRIES))
    return {
        "age_s": round(now_s - diary.began_s, 1),
        "turns": [_turn(turn, diary, now_s) for turn in islice(reversed(diary.turns), SHOWN_TURNS)],
        "mouth_to_ear_ms": _percentiles(measured),
        "unmeasured": len(diary.turns) - len(measured),
        "entries": [
            {
                "ago_s": round(now_s - entry.at_s, 3),
                "kind": entry.kind,
                "name": entry.name,
                "ms": round(entry.seconds * 1000, 1),
                "turn": entry.turn,
            }
            for entry in entries
        ],
    }


def _turn(turn: TurnEntry, diary: Diary, now_s: float) -> dict[str, Any]:
    ms = turn.mouth_to_ear_ms
    decisions = [
        entry.name
        for entry in diary.entries
        if entry.kind == "decision" and entry.turn == turn.turn
    ]
    return {
        "turn": turn.turn,
        "reply": turn.reply,
        "ago_s": round(now_s - turn.ended_s, 1),
        "mouth_to_ear_ms": None if ms is None else round(ms, 1),
        "stages": [
            {"stage": name, "ms": round(took_ms, 1), "estimated": name in DEVICE_STAGES}
            for name, took_ms in turn.stages
        ],
        "unseen": turn.unseen,
        "unmeasured": turn.unmeasured,
        "ready": turn.ready,
        "discarded": turn.discarded,
        "decisions": decisions[-SHOWN_DECISIONS:],
    }


def _percentiles(values: list[float]) -> dict[str, float | int | None]:
    if not values:
        return {"n": 0, "p50": None, "p95": None}
    p50, p95 = np.percentile(values, (50, 95))
    return {"n": len(values), "p50": round(float(p50), 1), "p95": round(float(p95), 1)}
