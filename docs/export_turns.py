"""Write docs/turns.md from the turn table: `python docs/export_turns.py`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

from frametalk.config import TurnSettings
from frametalk.core.finished import Patience
from frametalk.core.turn import TABLE, Row
from frametalk.core.turn_rows import State

NAME = "turns.md"

MEANING = {
    State.IDLE: "waits",
    State.HEARING: "hears the player speak",
    State.HOLDING: "hears a pause, and makes its answer in case the turn is over",
    State.THINKING: "takes the turn as over; nothing of a reply was heard yet",
    State.SPEAKING: "is heard by the player",
    State.DUCKED: "hears speech over its own reply, and decides whether to stop",
}

HEAD = """\
# Turns

Made from `server/frametalk/core/turn.py` by `python docs/export_turns.py`: do not edit by hand.

Whose turn it is, is one table: a state, an event, and what follows. An event without a row does not
count in that state. The numbers on this page are the defaults of `[turns]` in [settings.md](settings.md).

| state | the character |
|---|---|
{meanings}

## Where a turn ends

{start_ms} ms of speech open a turn, {barge_in_ms} ms over a reply. After {pause_ms} ms of silence the text
so far is asked for. How finished it sounds says how long a silence ends the turn, counted from the last
speech:

| the turn sounds | wait | for example |
|---|---|---|
| complete | {hold_complete_ms} ms | a sentence that is known here, or that ends with a full stop |
| open | {hold_ms} ms | nothing is known |
| unfinished | {hold_unfinished_ms} ms | a trailing "and", a verb without its thing |

A judge of the sound, if one is installed, moves this by one step where it is sure, but never calls
unfinished words finished. A player who often pauses for longer is waited for, up to {most} times as long
and at most {hold_longest_ms} ms. With push-to-talk, or when the game says `hold`, silence ends nothing;
closing the microphone, or the game's `force`, ends a turn at once. After {max_turn_s} s it is over in
any case.

## Answers made before the turn is over

In `holding` the reply is already made, as a *draft*: the mind thinks and the voice speaks, but nothing
is sent and no tool that changes the world is called. If the turn is over, the draft is released and goes
out as it is; if the player goes on, it is dropped without a trace. After {discards_per_turn} drafts that
were dropped in one turn, or {discards_per_minute} in a minute, the next answer waits for the turn's end.

## A turn that goes on

The ear stays open over the turn's end. Speech within {merge_ms} ms of the last, before anything of the
reply is heard, belongs to the same turn: the reply is withdrawn, the words leave the history, the
revision rises, and the next text is that of the whole turn. A turn that something else than silence
ended does not go on.

## Sound over a reply

Speech lowers the reply (`ducked`). When it has lasted {lasts_ms} ms, longer than a cough, the reply
stands still (`hold`). Then the words decide: an interruption cuts the reply and is an ordinary turn;
after a cough or an "okay" the reply comes back from where it stood. What the reply itself explains, its
echo, is no speech in the first place. With `interruptible` `always` any speech cuts, with `never` none
counts.

## The floor

The game gives and takes the right to speak. `hold`: the answer to the newest turn waits until the floor
is `free`. `silence`: the reply is cut, and the character neither listens nor speaks. `script`: the same,
but what is typed is answered, and what is prompted is said.

## The table as a picture

The events that may lead from one state to another. Many may also leave the state as it is: see the rows.

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
    values |= {"max_turn_s": settings.max_turn_ms / 1000, "most": Patience.MOST}
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
    """A docstring's first line, fit for a cell; nothing where there is none."""
    lines = inspect.cleandoc(documented.__doc__ or "").splitlines()
    return lines[0].replace("|", r"\|") if lines else ""


if __name__ == "__main__":
    write(Path(__file__).parent)
