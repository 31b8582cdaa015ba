"""Prints a conversation to a terminal as it happens."""

from __future__ import annotations

from collections.abc import Callable

from frametalk.headless.actor import Said
from frametalk.headless.clock import Clock
from frametalk.headless.expect import BODILY, call_text
from frametalk.headless.log import LogEntry
from frametalk.headless.player import Player
from frametalk.headless.reply import Reply
from frametalk.headless.results import SimulationResult
from frametalk.headless.resuming import Resumed
from frametalk.headless.tool_calls import Call
from frametalk.wire import messages as m

Print = Callable[[str], None]
_NORMAL_CLOSURE = 1000
_SHOWN_STAGE_MS = 0.5  # shorter stages are left out of the line


class Reporter:
    """Turns log entries into lines: time, who, what."""

    def __init__(self, clock: Clock, write: Print, *, players: int) -> None:
        self._clock = clock
        self._write = write
        self._many = players > 1
        self._began_s = clock.now_s()

    def said(self, player: Player, said: Said) -> None:
        """A player begins to speak, or has typed."""
        self._line(player.name, f'"{said.text}"  ({said.source})')

    def watch(self, name: str, entry: LogEntry) -> None:
        """The player `name` has a new log entry."""
        what = entry.item
        line = self._message(what) if entry.kind == "message" else ""
        if isinstance(what, Call) and what.ended_s is not None:
            reason = f": {what.reason}" if what.reason else ""
            line = f"-> {call_text(what)} {what.state}{reason}"
        elif isinstance(what, Reply) and what.cut is not None and what.done:
            line = f'-- cut ({what.cut.reason}); heard: "{what.heard_text}"'
        elif isinstance(what, Resumed):
            took_ms = (what.resumed_s - what.broke_s) * 1000
            line = f"-- connection lost ({what.closed}), resumed after {took_ms:.0f} ms"
        elif entry.kind == "closed" and what.code != _NORMAL_CLOSURE:
            line = f"-- connection closed: {what}"
        if line:
            who, _, text = line.partition("\t")
            self._line(who if text else "", text or who, of=name)

    def _message(self, what: m.AnyMessage) -> str:
        if isinstance(what, m.Transcript):
            return f'~ understood: "{what.text}"' if what.final else ""
        if isinstance(what, m.ReplyText):
            return f'character\t"{what.text.strip()}"'
        if isinstance(what, m.ReplyMarks):
            cues = [f"{mark.kind} {mark.name}" for mark in what.marks if mark.kind in BODILY]
            return f"character\t* {', '.join(cues)}" if cues else ""
        if isinstance(what, m.Error):
            return f"!! {what.code}: {what.text}"
        if isinstance(what, m.Trace):
            return _waterfall(what)
        return ""

    def _line(self, who: str, text: str, of: str = "") -> None:
        at_s = self._clock.now_s() - self._began_s
        to = f" [{of}]" if of and self._many else ""
        self._write(f"{at_s:7.2f} {who:>10}{to}  {text}")


def _waterfall(trace: m.Trace) -> str:
    if trace.mouth_to_ear_ms is None:
        return f"~ not measured: {trace.unmeasured}"
    stages = [
        f"{stage.stage} {stage.ms:.0f}" for stage in trace.stages if stage.ms >= _SHOWN_STAGE_MS
    ]
    return f"~ mouth-to-ear {trace.mouth_to_ear_ms:.0f} ms = {' + '.join(stages)}"


def summary(result: SimulationResult) -> str:
    """The last lines: whether it passed, and its failures."""
    measured = sorted(
        turn.mouth_to_ear_ms for turn in result.turns if turn.mouth_to_ear_ms is not None
    )
    middle = f", mouth-to-ear median {measured[len(measured) // 2]:.0f} ms" if measured else ""
    head = f"{result.scenario}: {'passed' if result.passed else 'FAILED'}, "
    head += f"{len(result.turns)} turns{middle}"
    return "\n".join([head, *(f"  {failure}" for failure in result.failures)])
