"""A chart: two scales with a grid, and what is drawn between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from frametalk.bench.html.markup import Markup, element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frametalk.bench.html.scales import Scale

WIDTH, HEIGHT = 430, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 18, 38  # margins, in px
COLUMN_PX = 150  # for the name of a limit
SERIES = 6  # colours of lines, in the style sheet
SHAPES = {  # of marks, around the point
    "circle": "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
    "square": "M-3 -3h6v6h-6z",
    "triangle": "M-4 3l4 -7l4 7z",
}


def place_x(width: float = WIDTH) -> tuple[float, float]:
    """Start and length of the horizontal scale."""
    return LEFT, width - LEFT - RIGHT


def place_y(height: float = HEIGHT) -> tuple[float, float]:
    """Start and length of the vertical scale, which goes up."""
    return height - BOTTOM, -(height - TOP - BOTTOM)


def colour(series: int) -> str:
    """The CSS colour of a series."""
    return f"var(--c{series % SERIES})"


class Chart:
    """Draws onto two scales; `x_name` and `y_name` are words with a unit."""

    def __init__(
        self,
        x: Scale,
        y: Scale,
        names: tuple[str, str],
        size: tuple[float, float] = (WIDTH, HEIGHT),
    ) -> None:
        self._x, self._y = x, y
        self._names = names
        self._width, self._height = size
        self._drawn: list[Markup] = []

    def line(
        self, points: Sequence[tuple[float, float]], css: str, *, dashed: bool = False
    ) -> None:
        """A line through points."""
        path = "M" + "L".join(f"{self._x.at(x):.1f} {self._y.at(y):.1f}" for x, y in points)
        dash = "5 4" if dashed else None
        self._drawn.append(
            element("path", d=path, class_="line", style=f"stroke:{css}", stroke_dasharray=dash)
        )

    def marks(
        self, points: Sequence[tuple[float, float, str]], css: str, shape: str = "circle"
    ) -> None:
        """A mark on each point; the third value is what it says under the mouse."""
        for x, y, said in points:
            at = f"translate({self._x.at(x):.1f} {self._y.at(y):.1f})"
            self._drawn.append(
                element(
                    "path",
                    element("title", said),
                    d=SHAPES[shape],
                    transform=at,
                    style=f"fill:{css}",
                )
            )

    def label(self, x: float, y: float, text: str) -> None:
        """Small text beside a point."""
        self._drawn.append(
            element("text", text, x=self._x.at(x) + 5, y=self._y.at(y) - 5, class_="small")
        )

    def bar(self, x: tuple[float, float], y: tuple[float, float], css: str, said: str) -> None:
        """A rectangle between two values on each scale."""
        left, right = sorted(map(self._x.at, x))
        top, bottom = sorted(map(self._y.at, y))
        self._drawn.append(
            element(
                "rect",
                element("title", said),
                x=left,
                y=top,
                width=max(0.5, right - left),
                height=bottom - top,
                style=f"fill:{css}",
            )
        )

    def across(self, y: float, text: str, column: int = 0) -> None:
        """A limit: a dashed horizontal line with its name, which stands in this column from the right."""
        at, end = self._y.at(y), self._x.start_px + self._x.length_px
        self._drawn.append(
            element("line", x1=self._x.start_px, x2=end, y1=at, y2=at, class_="limit")
        )
        end -= COLUMN_PX * column
        self._drawn.append(element("text", text, x=end, y=at - 4, class_="small end"))

    def upright(self, x: float, text: str, row: int = 0) -> None:
        """A vertical line with its name, which stands in this row below the top."""
        at, top = self._x.at(x), self._y.start_px + self._y.length_px
        is_right = at > self._x.start_px + 0.8 * self._x.length_px
        self._drawn += [
            element("line", x1=at, x2=at, y1=top, y2=self._y.start_px, class_="limit"),
            element(
                "text",
                text,
                x=at + (-4 if is_right else 4),
                y=top + 10 + 12 * row,
                class_="small end" if is_right else "small",
            ),
        ]

    def svg(self, described: str) -> Markup:
        """The drawing; `described` says what it shows to those who do not see it."""
        return element(
            "svg",
            *(self._grid(), self._drawn),
            viewBox=f"0 0 {self._width:g} {self._height:g}",
            role="img",
            aria_label=described,
            style=f"max-width:{self._width:g}px",
        )

    def _grid(self) -> list[Markup]:
        left, right = self._x.start_px, self._x.start_px + self._x.length_px
        bottom, top = self._y.start_px, self._y.start_px + self._y.length_px
        drawn = []
        for value, text in self._y.ticks:
            at = self._y.at(value)
            drawn += [
                element("line", x1=left, x2=right, y1=at, y2=at, class_="grid"),
                element("text", text, x=left - 5, y=at + 3.5, class_="tick end"),
            ]
        for value, text in self._x.ticks:
            at = self._x.at(value)
            drawn += [
                element("line", x1=at, x2=at, y1=bottom, y2=bottom + 4, class_="axis"),
                element("text", text, x=at, y=bottom + 15, class_="tick middle"),
            ]
        middle = f"rotate(-90) translate({-(top + bottom) / 2:.1f} 11)"
        return [
            *drawn,
            element("line", x1=left, x2=right, y1=bottom, y2=bottom, class_="axis"),
            element("text", self._names[0], x=(left + right) / 2, y=bottom + 31, class_="name"),
            element("text", self._names[1], transform=middle, class_="name"),
        ]
