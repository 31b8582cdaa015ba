"""A session turn by turn: what was heard, when it ended, what was answered and done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

PAIRED_WITHIN_S = 3.0


@dataclass(slots=True)
class Turn:
    """One turn. Times are seconds from the session's beginning.

    `answer_ms`: from the last speech before the turn's end to the reply's first frame of sound; None if
    there was no sound.
    """

    ended_s: float
    transcript: str
    speech_end_s: float | None = None
    first_sound_s: float | None = None
    reply: str = ""
    tools: list[str] = field(default_factory=list)

    @property
    def answer_ms(self) -> float | None:
        """See above."""
        if self.first_sound_s is None:
            return None
        began = self.ended_s if self.speech_end_s is None else self.speech_end_s
        return round((self.first_sound_s - began) * 1000, 1)


def account(
    sent: Iterable[tuple[float, dict[str, Any] | None]], speech_s: Sequence[float]
) -> list[Turn]:
    """The turns of what the server sent (None: a frame of sound), and of the times at which speech came."""
    turns: dict[int, Turn] = {}
    reply_turn: dict[int, int] = {}
    speaking = 0
    for at_s, message in sent:
        if message is None:
            turn = turns.get(reply_turn.get(speaking, 0))
            if turn is not None and turn.first_sound_s is None:
                turn.first_sound_s = at_s
            continue
        match message["type"]:
            case "transcript" if message.get("final"):
                spoken = [each for each in speech_s if each <= at_s]
                new = Turn(at_s, message["text"], spoken[-1] if spoken else None)
                turns[message["turn"]] = new
            case "turn.state" if message["state"] == "thinking" and message["turn"] not in turns:
                turns[message["turn"]] = Turn(at_s, "(typed)")
            case "reply.begin":
                speaking = message["reply"]
                reply_turn[speaking] = message["turn"]
            case "reply.text":
                turn = turns.get(reply_turn.get(message["reply"], 0))
                if turn is not None:
                    turn.reply = f"{turn.reply} {message['text']}".strip()
            case "tool.call":
                turn = turns.get(message.get("turn", 0))
                if turn is not None:
                    args = " ".join(map(str, message.get("args", {}).values()))
                    turn.tools.append(f"{message['name']} {args}".strip())
    return sorted(turns.values(), key=lambda turn: turn.ended_s)


def paired(before: Sequence[Turn], after: Sequence[Turn]) -> list[tuple[Turn | None, Turn | None]]:
    """Turns that ended at about the same time, side by side; the others alone."""
    left = list(after)
    pairs: list[tuple[Turn | None, Turn | None]] = []
    for old in before:
        near = min(left, key=lambda new: abs(new.ended_s - old.ended_s), default=None)
        if near is not None and abs(near.ended_s - old.ended_s) <= PAIRED_WITHIN_S:
            left.remove(near)
            pairs.append((old, near))
        else:
            pairs.append((old, None))
    pairs += [(None, new) for new in left]
    return sorted(pairs, key=lambda pair: (pair[0] or pair[1]).ended_s)  # type: ignore[union-attr]
