"""Waterfalls of turns: a bar for each, its stages in the colours of the live view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from frametalk.bench.html.markup import Child, Markup, element, figure, legend, short
from frametalk.bench.html.scales import Scale, linear

# Those of data/debug/debug.js; below them, the parts that only the overhead suite knows.
COLOURS = {
    "input_device": "#a0724f",
    "capture": "#7f8c9b",
    "endpoint_wait": "#5b8def",
    "recognition": "#3fb9a5",
    "mind_first_token": "#a37ee8",
    "tools": "#d679b8",
    "first_clause": "#8a68d8",
    "voice_first_sound": "#e0884f",
    "sending": "#c2b35a",
    "client_buffer": "#8fae5d",
    "output_device": "#a0724f",
    "audible_onset": "#5f9e6e",
    "transport": "#7f8c9b",
}
PART_COLOURS = {
    "framing": "#7f8c9b",
    "client_late": "#a0724f",
    "overhead": "#e5484d",
    "engines": "#a37ee8",
}
OTHER = "#999999"
MOST = 32  # bars of one drawing
WIDTH, LABEL_PX, TOTAL_PX, ROW_PX, TOP_PX = 900, 170, 66, 16, 22
LONGEST = 26  # characters of a turn's name that fit


class Turn(NamedTuple):
    """A turn and its stages in ms, in their order."""

    name: str
    stages: Mapping[str, float]

    @property
    def total_ms(self) -> float:
        """Mouth-to-ear, to which the stages add up."""
        return sum(self.stages.values())


def waterfalls(data: Mapping[str, Any]) -> list[Markup]:
    """A drawing for each set of turns in a result."""
    return [_figure(path, turns, said) for path, turns, said in _sets(data, "") if turns]


def _sets(data: Mapping[str, Any], path: str) -> Iterator[tuple[str, list[Turn], str]]:
    """Every set of turns below `data`: where it is, its turns, and what is said of it.

    The traces of a server have values by stage; the waterfalls of single turns are in a list beside them.
    """
    parts = data.get("parts_ms")
    if _is_distributions(parts):
        yield _join(path, "parts_ms"), _rows(parts), "by the bench's own clock"
    trials = {name: turns for name, value in data.items() if (turns := _trials(value))}
    for name, value in data.items():
        if not isinstance(value, Mapping):
            continue
        if _is_distributions(value.get("stages_ms")):
            beside = [f"{name.removesuffix('traced')}{what}" for what in ("turns", "trials")]
            own = next((trials.pop(each) for each in beside if each in trials), None)
            turns = own or _rows(value["stages_ms"])
            yield _join(path, name), turns, f"by the server's trace; {_counts(value)}"
        else:
            yield from _sets(value, _join(path, name))
    for name, turns in trials.items():
        yield _join(path, name), turns, "by the server's trace"


def _trials(value: Any) -> list[Turn]:
    """The turns of a list of trials that have a waterfall."""
    trials = value if isinstance(value, list) else []
    return [
        Turn(str(trial.get("id", "")), stages)
        for trial in trials
        if isinstance(trial, Mapping) and isinstance(trial.get("waterfall_ms"), Mapping)
        if (stages := _stages(trial["waterfall_ms"]))
    ]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else str(name)


def _is_distributions(parts: Any) -> TypeGuard[Mapping[str, Any]]:
    return (
        isinstance(parts, Mapping)
        and bool(parts)
        and all(isinstance(part, Mapping) and "values" in part for part in parts.values())
    )


def _stages(stages: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): float(ms) for name, ms in stages.items() if isinstance(ms, int | float)}


def _rows(parts: Mapping[str, Any]) -> list[Turn]:
    """The turns of distributions that have a value for each; else one with the median of each."""
    counts = {len(part["values"]) for part in parts.values()}
    if len(counts) > 1 or counts == {0}:
        medians = {name: part["p50"] for name, part in parts.items()}
        return [Turn("median of each", _stages(medians))]
    (count,) = counts
    keys = next(iter(parts.values())).get("keys") or [f"turn {n + 1}" for n in range(count)]
    columns = [part["values"] for part in parts.values()]
    return [
        Turn(str(key), dict(zip(parts, row, strict=True)))
        for key, row in zip(keys, zip(*columns, strict=True), strict=False)
    ]


def _counts(traced: Mapping[str, Any]) -> str:
    missing = traced.get("unmeasured") or {}
    why = "; ".join(f"{count} not: {reason}" for reason, count in missing.items())
    error = traced.get("worst_sum_error_ms", 0.0)
    said = (
        f"{traced.get('measured', 0)} measured{'; ' if why else ''}{why}; sums within {error:g} ms"
    )
    apart_ms = traced.get("worst_difference_ms")
    return said if apart_ms is None else f"{said}; the client's clock within {apart_ms:.3g} ms"


def _figure(path: str, turns: Sequence[Turn], said: str) -> Markup:
    ranked = sorted(turns, key=lambda turn: turn.total_ms, reverse=True)
    shown = _spread(ranked)
    if len(shown) < len(ranked):
        said += f"; {len(shown)} of {len(ranked)} turns, evenly from the slowest to the fastest"
    names = list(dict.fromkeys(name for turn in turns for name in turn.stages))
    entries = [(name.replace("_", " "), stage_colour(name)) for name in names]
    return figure(
        f"Waterfalls: {path}", _svg(shown, path), legend(entries), note=said, class_="full"
    )


def _spread(turns: Sequence[Turn]) -> Sequence[Turn]:
    if len(turns) <= MOST:
        return turns
    return [turns[round(n * (len(turns) - 1) / (MOST - 1))] for n in range(MOST)]


def stage_colour(stage: str) -> str:
    """The colour of a stage or part."""
    return COLOURS.get(stage) or PART_COLOURS.get(stage, OTHER)


def _svg(turns: Sequence[Turn], path: str) -> Markup:
    length_px = WIDTH - LABEL_PX - TOTAL_PX
    totals = [sum(max(0.0, ms) for ms in turn.stages.values()) for turn in turns]
    scale = linear(totals, LABEL_PX, length_px, zero=True)
    bottom = TOP_PX + ROW_PX * len(turns)
    drawn: list[Child] = []
    for value, text in scale.ticks:
        at = scale.at(value)
        drawn += [
            element("line", x1=at, x2=at, y1=TOP_PX - 4, y2=bottom, class_="grid"),
            element("text", f"{text} ms", x=at, y=TOP_PX - 9, class_="tick middle"),
        ]
    drawn += [_row(turn, scale, TOP_PX + ROW_PX * n) for n, turn in enumerate(turns)]
    return element(
        "svg",
        *drawn,
        viewBox=f"0 0 {WIDTH} {bottom + 4}",
        role="img",
        aria_label=f"stages of {len(turns)} turns, {path}",
    )


def _row(turn: Turn, scale: Scale, top: float) -> list[Markup]:
    drawn, before = [], 0.0
    for stage, ms in turn.stages.items():
        began, ended = scale.at(before), scale.at(before + max(0.0, ms))
        before += max(0.0, ms)
        drawn.append(
            element(
                "rect",
                element("title", f"{turn.name}: {stage} {short(ms)} ms"),
                x=began,
                y=top + 2,
                width=ended - began,
                height=ROW_PX - 3,
                fill=stage_colour(stage),
            )
        )
    text = top + ROW_PX - 4
    name = turn.name if len(turn.name) <= LONGEST else f"{turn.name[: LONGEST - 1]}…"
    return [
        *drawn,
        element("text", name, x=LABEL_PX - 6, y=text, class_="tick end"),
        element("text", short(turn.total_ms), x=scale.at(before) + 5, y=text, class_="tick"),
    ]
