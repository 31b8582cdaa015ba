"""False cuts and split turns against gap and pauses, and mouth-to-ear beside a fixed timeout's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from frametalk.bench.html.chart import Chart, colour, place_x, place_y
from frametalk.bench.html.distributions import curves
from frametalk.bench.html.markup import Markup, figure, legend
from frametalk.bench.html.scales import linear
from frametalk.bench.turns.ends import ByPause, Point

SHAPES = ("circle", "square", "triangle")
HOW = "solid: false cuts; dashed: split turns"


def drawn(data: Mapping[str, Any]) -> list[Markup]:
    """The charts for which the result has values. Raises msgspec.ValidationError if it is not valid."""
    points = msgspec.convert(data.get("curve") or [], list[Point])
    pauses = msgspec.convert(data.get("by_pause") or [], list[ByPause])
    return [
        *([_by_gap(points)] if points else []),
        *([_by_pause(pauses)] if len(pauses) > 1 else []),
        *_beside(data),
    ]


def _beside(data: Mapping[str, Any]) -> list[Markup]:
    """Percentile curves of mouth-to-ear: our rules and a fixed timeout."""
    servers = (("frametalk", data.get("ours")), ("fixed timeout", data.get("fixed_timeout")))
    series = [
        (name, server.get("mouth_to_ear_all_ms", {}).get("values") or ())
        for name, server in servers
        if isinstance(server, Mapping)
    ]
    if not any(values for _name, values in series):
        return []
    svg = curves(series, "ms", "mouth-to-ear")
    return [figure("Mouth to ear, everything said to a silent character", svg)]


def _by_gap(points: Sequence[Point]) -> Markup:
    rates = [100 * rate for each in points for rate in (each.false_cut_rate, each.split_turn_rate)]
    chart = Chart(
        linear((each.response_gap_ms for each in points), *place_x(), zero=True),
        linear(rates, *place_y(), zero=True),
        ("response gap: true end of speech to the turn's end, median, ms", "utterances, %"),
    )
    rules = list(dict.fromkeys(each.rule for each in points))
    for n, rule in enumerate(rules):
        css, shape = colour(n), SHAPES[n % len(SHAPES)]
        chosen = [each for each in points if each.rule == rule]
        cuts = [(each.response_gap_ms, 100 * each.false_cut_rate) for each in chosen]
        splits = [(each.response_gap_ms, 100 * each.split_turn_rate) for each in chosen]
        chart.line(splits, css, dashed=True)
        chart.line(cuts, css)
        chart.marks(
            [
                (x, y, f"{rule} {each.setting_ms:g} ms: gap {x:.0f} ms, false cuts {y:.1f} %")
                for each, (x, y) in zip(chosen, cuts, strict=True)
            ],
            css,
            shape,
        )
        for each, (x, y) in zip(chosen, cuts, strict=True):
            if each in {chosen[0], chosen[-1]}:
                chart.label(x, y, f"{each.setting_ms:g}")
    return figure(
        "False cuts against the response gap",
        chart.svg("false cuts and split turns over the response gap, for each rule"),
        legend((rule, colour(n)) for n, rule in enumerate(rules)),
        note=f"{HOW}; a number at an end of a line is the rule's setting in ms",
    )


def _by_pause(pauses: Sequence[ByPause]) -> Markup:
    cuts = [(each.pause_ms, 100 * each.false_cut_rate) for each in pauses]
    splits = [(each.pause_ms, 100 * each.split_turn_rate) for each in pauses]
    chart = Chart(
        linear((x for x, _rate in cuts), *place_x(), zero=False),
        linear((rate for _x, rate in cuts + splits), *place_y(), zero=True),
        ("length of a pause within an utterance, ms", "pauses, %"),
    )
    chart.line(splits, colour(1), dashed=True)
    chart.line(cuts, colour(1))
    marked = zip(cuts, pauses, strict=True)
    chart.marks([(x, y, f"{each.n} pauses") for (x, y), each in marked], colour(1))
    svg = chart.svg("false cuts and split turns over the length of pauses")
    return figure("The default rules in pauses", svg, note=HOW)
