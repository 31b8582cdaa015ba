"""A chart's drawing: each thing is where the scales say."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from frametalk.bench.html.chart import SERIES, Chart, colour
from frametalk.bench.html.scales import Scale

X = Scale(0, 100, 50, 200, [(0, "0"), (100, "100")])
Y = Scale(0, 10, 150, -100, [(0, "0"), (10, "10")])


@pytest.fixture
def chart() -> Chart:
    return Chart(X, Y, ("sessions", "ms"))


def drawn(chart: Chart) -> ET.Element:
    return ET.fromstring(chart.svg("what it shows"))  # noqa: S314  (our own text)


def texts(svg: ET.Element) -> list[str | None]:
    return [text.text for text in svg.iter("text")]


def test_axes_are_named_and_labelled_and_the_drawing_is_described(chart: Chart) -> None:
    svg = drawn(chart)
    assert texts(svg) == ["0", "10", "0", "100", "sessions", "ms"]
    assert svg.get("aria-label") == "what it shows"


def test_a_line_goes_through_its_points(chart: Chart) -> None:
    chart.line([(0, 0), (50, 5), (100, 10)], colour(1), dashed=True)
    (path,) = drawn(chart).iter("path")
    assert path.get("d") == "M50.0 150.0L150.0 100.0L250.0 50.0"
    assert (path.get("style"), path.get("stroke-dasharray")) == ("stroke:var(--c1)", "5 4")


def test_a_mark_says_its_values(chart: Chart) -> None:
    chart.marks([(50, 5, "50 sessions: <5 ms")], colour(0))
    (path,) = drawn(chart).iter("path")
    assert path.get("transform") == "translate(150.0 100.0)"
    assert path.findtext("title") == "50 sessions: <5 ms"


def test_a_bar_lies_between_its_values(chart: Chart) -> None:
    chart.bar((25, 75), (0, 5), colour(0), "half")
    (bar,) = drawn(chart).iter("rect")
    assert [bar.get(name) for name in ("x", "y", "width", "height")] == ["100", "100", "100", "50"]


def test_limits_have_names(chart: Chart) -> None:
    chart.across(5, "objective")
    chart.upright(95, "p95")
    svg = drawn(chart)
    assert {"objective", "p95"} <= set(texts(svg))
    lines = [line for line in svg.iter("line") if line.get("class") == "limit"]
    assert [(line.get("x1"), line.get("y1")) for line in lines] == [("50", "100"), ("240", "50")]


def test_colours_begin_anew_after_the_last() -> None:
    assert colour(SERIES) == colour(0)
