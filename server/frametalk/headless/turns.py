"""Collects turns from a player's log: what was said, understood, answered, heard and done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from frametalk.headless.actor import Said
from frametalk.headless.player import Player
from frametalk.headless.reply import Reply
from frametalk.wire import messages as m

SUM_TOLERANCE_MS = 1.0


class ToolUse(msgspec.Struct, kw_only=True):
    """One tool call and its outcome in the game."""

    name: str
    args: dict[str, Any]
    state: str
    reason: str = ""


class Turn(msgspec.Struct, kw_only=True):
    """One exchange. `turn` is the server's id; None for speech that did not become a turn.

    `mouth_to_ear_ms` and `waterfall_ms` are the server's; `measured_mouth_to_ear_ms` is measured by this
    client, from the last audible sample of the player's speech to the first of the reply.
    """

    player: str
    turn: int | None
    said: str = ""
    source: str = ""
    transcript: str = ""
    reply_text: str = ""
    heard_text: str = ""
    tools: list[ToolUse] = []
    mouth_to_ear_ms: float | None = None
    waterfall_ms: dict[str, float] = {}
    unmeasured: str = ""
    measured_mouth_to_ear_ms: float | None = None
    cut: str = ""
    underruns: int = 0

    @property
    def by_player(self) -> bool:
        """Whether the player began it."""
        return bool(self.said or self.transcript)


def collect(player: Player, said: Sequence[Said]) -> list[Turn]:
    """All of a player's turns in order, and replies that the player did not ask for."""
    decided = _decided(player)
    of_turn: dict[int | None, list[Said]] = {}
    for utterance in said:
        of_turn.setdefault(_turn_of(utterance, decided), []).append(utterance)
    finals = {
        message.turn: message.text for message in _messages(player, m.Transcript) if message.final
    }
    ids = sorted(
        {turn for turn in of_turn if turn is not None}
        | {turn for turn, text in finals.items() if text}
        | {reply.begin.turn for reply in player.replies.values()}
        | {call.message.turn for call in player.tools.calls.values()}
    )
    turns = [_turn(player, id_, of_turn.get(id_, []), finals.get(id_)) for id_ in ids]
    lost = [
        Turn(player=player.name, turn=None, said=utterance.text, source=utterance.source)
        for utterance in of_turn.get(None, [])
    ]
    return turns + lost


def _messages(player: Player, kind: type[Any]) -> list[Any]:
    return [entry.item for entry in player.log.entries if isinstance(entry.item, kind)]


def _decided(player: Player) -> dict[int, float]:
    """When each turn's words were final: its final transcript, or a typed turn's first message."""
    finals: dict[int, float] = {}
    first: dict[int, float] = {}
    for entry in player.log.entries:
        what = entry.item
        if isinstance(what, m.Transcript) and what.final:
            finals[what.turn] = entry.at_s
        elif isinstance(what, m.ReplyBegin | m.TurnStateChanged) and what.turn:
            first.setdefault(what.turn, entry.at_s)
    return first | finals


def _turn_of(said: Said, decided: dict[int, float]) -> int | None:
    """The first turn whose words were final after these words began."""
    later = [(at_s, turn) for turn, at_s in decided.items() if at_s >= said.start_s]
    return min(later)[1] if later else None


def _turn(player: Player, id_: int, said: list[Said], final: str | None) -> Turn:
    replies = [reply for reply in player.replies.values() if reply.begin.turn == id_]
    text = " ".join(utterance.text for utterance in said)
    typed = bool(said) and all(utterance.sound is None for utterance in said)
    turn = Turn(
        player=player.name,
        turn=id_,
        said=text,
        source=", ".join(dict.fromkeys(utterance.source for utterance in said)),
        transcript=text if typed and final is None else final or "",
        reply_text=" ".join(reply.text for reply in replies),
        heard_text=" ".join(filter(None, (reply.heard_text for reply in replies))),
        tools=[
            ToolUse(
                name=call.message.name,
                args=call.message.args,
                state=call.state,
                reason=call.reason,
            )
            for call in player.tools.calls.values()
            if call.message.turn == id_
        ],
        cut=next((reply.cut.reason for reply in replies if reply.cut is not None), ""),
        underruns=sum(reply.playback.underruns for reply in replies),
    )
    _add_times(turn, player, replies, said)
    return turn


def _add_times(turn: Turn, player: Player, replies: list[Reply], said: list[Said]) -> None:
    trace = next((reply.trace for reply in replies if reply.trace is not None), None)
    if trace is not None:
        turn.mouth_to_ear_ms = trace.mouth_to_ear_ms
        turn.waterfall_ms = {stage.stage: stage.ms for stage in trace.stages}
        turn.unmeasured = trace.unmeasured
    else:
        turn.unmeasured = "the server sent no trace"
    spoken = [utterance for utterance in said if utterance.sound is not None]
    heard = next((r.playback.audible_s for r in replies if r.playback.audible_s is not None), None)
    if spoken and heard is not None:
        ended_s = player.mic.time_of(spoken[-1].audible_end)
        turn.measured_mouth_to_ear_ms = (heard - ended_s) * 1000


def sum_error(turn: Turn) -> str:
    """A failure's text if the stages do not add up to mouth-to-ear, else empty."""
    if turn.mouth_to_ear_ms is None:
        return ""
    off_ms = sum(turn.waterfall_ms.values()) - turn.mouth_to_ear_ms
    if abs(off_ms) <= SUM_TOLERANCE_MS:
        return ""
    return f"{turn.player}, turn {turn.turn}: the stages are {off_ms:.1f} ms off mouth-to-ear"
