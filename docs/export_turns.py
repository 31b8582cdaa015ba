"""Write docs/turns.md from the turn table: `python docs/export_turns.py`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

from frametalk.config import TurnSettings
from frametalk.core.completeness import DETECTOR_SILENCE_MS, SURE, UNSURE, EndpointDelays
from frametalk.core.turn import TABLE, Row
from frametalk.core.turn_parts import State

NAME = "turns.md"

MEANING = {
    State.IDLE: "waits",
    State.HEARING: "hears the player speak",
    State.HOLDING: "hears a pause; makes a draft and holds it until the turn has certainly ended",
    State.THINKING: "makes its reply; the turn has ended and nothing of the reply was heard yet",
    State.SPEAKING: "speaks: the player hears the reply",
    State.DUCKED: "hears speech over its reply, and decides whether that is a barge-in",
}

HEAD = """\
# Turns

Generated from `server/frametalk/core/turn.py` by `python docs/export_turns.py`; do not edit by hand.

One table decides whose turn it is: for a state and an event it gives the actions and the next state. An
event without a row has no effect in that state. The numbers on this page are the defaults of `[turns]` in
[settings.md](settings.md); the words are those of the [glossary](architecture.md#glossary).

| state | the character |
|---|---|
{meanings}

## Where a turn ends

{start_ms} ms of speech open a turn, {barge_in_ms} ms over a reply. After {pause_ms} ms of silence the
recogniser is asked for the text so far. How complete that text sounds sets the endpoint delay: the
silence, counted from the last speech, that ends the turn.

| the turn sounds | endpoint delay | example |
|---|---|---|
| complete | {endpoint_delay_complete_ms} ms | a command that is known here |
| unknown | {endpoint_delay_ms} ms | free speech: the text does not tell, also a whole sentence |
| incomplete | {endpoint_delay_incomplete_ms} ms | a trailing "and", a verb without object, "if ..." |

A recogniser's full stop does not count: it writes one at every pause. A turn detector, if one is installed,
hears {detector_silence_ms} ms of the silence after unknown words. The less sure it is of an end, the longer
the delay: from {endpoint_delay_ms} ms at a probability of {sure} or more to that of incomplete words at
{unsure} or less. While the text or that probability is still to come, the longest delay counts.

The delays learn from this player. After pauses within turns, or after which a turn continued, they grow
beyond the length of these; after commands only when most were followed by more. They grow up to {most}
times, and at most to {endpoint_delay_max_ms} ms. The debug log says how each pause was judged.

With push-to-talk, or after the game's hint `hold`, silence does not end the turn; closing the microphone or
the hint `force` ends it at once. A turn of {max_turn_s} s ends in any case.

## Drafts

In `holding` the reply is already being made, as a *draft*: the mind thinks and the voice speaks, but
nothing is sent, and no tool that changes the world is called. When the turn ends, the draft is released.
If the player resumes, it is discarded without a trace. After {discarded_drafts_per_turn} discarded drafts
in one turn, or {discarded_drafts_per_minute} in a minute, the next reply is made when the turn has ended.

## Turns that continue

Recognition stays open after a turn's end. Speech within {continuation_ms} ms of the last, before anything
of the reply is heard, continues the turn: the reply is cut (`continued`), the words leave the history, the
revision rises, and the next text is that of the whole turn. A turn that did not end by silence does not
continue.

**Soft start.** Who goes on within the first {soft_start_ms} ms of the reply's sound (`soft_start_ms`, 0:
off) continues the turn too. The reply is ducked and paused as by any speech over it, and the words decide:

- A backchannel such as "okay", the reply's echo, no words: the reply resumes.
- A short interruption: at most three words of which the first interrupts ("stop", "no, wait"), or only
  such words. It is a barge-in: the reply is cut (`interrupted`), and the words are a turn of their own.
- Any other words: the reply is cut (`continued`), the words join the turn, and the whole text is answered.

The few words that were heard of the cut reply stay in the history, before the whole text. What that reply
has done stays done: the same call is not made again for the whole text; one under way is waited for. While
a reply is heard, recognition gets no sound, so its echo does not become the player's words. With
`interruptible` set to `always` any speech over the first sound continues the turn, with `never` none does.

Two rates say how well turns end. `false_cut_rate`: the share in which anything of a reply was heard before
the player's true end. `split_turn_rate`: the share in which the player's words ended up in two turns. A
false cut that the soft start joins costs a breath; each half of a split turn is answered by itself.

## Speech over a reply

Speech ducks the reply (`ducked`). After {pause_reply_ms} ms of it, longer than a cough, the reply is
paused: its clock stands. Then the words decide. A barge-in cuts the reply and becomes an ordinary turn;
after a cough or a backchannel such as "okay" the reply resumes where it paused. Sound that the reply's
own echo explains does not count as speech. With `interruptible` set to `always` any speech cuts, with
`never` none does.

## The floor

The game gives and takes the right to speak. `hold`: the answer to the newest turn is held until the floor
is `free`. `silence`: the reply is cut, and the character neither listens nor speaks. `script`: the same,
but typed turns are answered and prompted lines are said.

## The table as a picture

The events that may lead from one state to another. Many may also leave the state unchanged: see the rows.

```mermaid
stateDiagram-v2
    [*] --> {first}
{edges}
```

## The table
"""


def page() -> str:
    """The whole page as text."""
    head = HEAD.format(
        meanings="\n".join(f"| `{state}` | {MEANING[state]} |" for state in State),
        first=State.IDLE,
        edges="\n".join(_edges()),
        **_defaults(),
    )
    return "\n".join([head, *(f"### `{state}`\n\n{_rows(state)}" for state in State)])


def write(folder: Path) -> None:
    """Write the page into `folder`."""
    (folder / NAME).write_text(page(), encoding="utf-8")


def _defaults() -> dict[str, str]:
    settings = TurnSettings()
    values = {name: getattr(settings, name) for name in settings.__struct_fields__}
    values |= {"sure": SURE, "unsure": UNSURE}
    values["detector_silence_ms"] = settings.pause_ms + DETECTOR_SILENCE_MS
    values |= {"max_turn_s": settings.max_turn_ms / 1000, "most": EndpointDelays.MOST}
    return {name: f"{value:,.9g}" for name, value in values.items()}


def _edges() -> list[str]:
    """One line for each pair of states that some event joins."""
    return [
        f"    {state} --> {after} : {', '.join(events)}"
        for state in State
        for after in State
        if after is not state and (events := _leading(state, after))
    ]


def _leading(state: State, after: State) -> list[str]:
    return [event.__name__ for (at, event), row in TABLE.items() if at is state and after in row.to]


def _rows(state: State) -> str:
    lines = ["| event | when | what it does | then |", "|---|---|---|---|"]
    for (at, event), row in TABLE.items():
        if at is state:
            cells = f"`{event.__name__}`", _first_line(event), _first_line(row.do), _after(row)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _after(row: Row) -> str:
    return ", ".join(f"`{state}`" for state in row.to)


def _first_line(documented: Callable[..., object]) -> str:
    """A docstring's first line, escaped for a table cell; empty if there is none."""
    lines = inspect.cleandoc(documented.__doc__ or "").splitlines()
    return lines[0].replace("|", r"\|") if lines else ""


if __name__ == "__main__":
    write(Path(__file__).parent)
