"""HTML and SVG elements from plain values. All text is escaped; only Markup goes in as it is."""

from __future__ import annotations

import html
from collections.abc import Iterable

VOID = frozenset({"br", "link", "meta"})

Attribute = str | float | bool | None
Child = str | float | Iterable["Child"] | None


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element. `class_` is the attribute `class`, `text_anchor` is `text-anchor`; None: none."""
    opened = "".join((tag, *map(_attribute, attributes, attributes.values())))
    if tag in VOID:
        return Markup(f"<{opened}>")
    return Markup(f"<{opened}>{inside(children)}</{tag}>")


def inside(children: Child) -> Markup:
    """Children one after the other; None is nothing."""
    if children is None:
        return Markup()
    if isinstance(children, Markup):
        return children
    if isinstance(children, str):
        return Markup(html.escape(children))
    if isinstance(children, Iterable):
        return Markup("".join(map(inside, children)))
    return Markup(short(children))


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    text = value if isinstance(value, str) else f"{round(value, 1):g}"
    return f' {name}="{html.escape(text)}"'


def short(value: float) -> str:
    """A number for people: three digits, and all of those before the point."""
    if isinstance(value, int):
        return f"{value:d}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004  (three digits)


def figure(title: str, *drawn: Child, note: str = "", class_: str | None = None) -> Markup:
    """A drawing with its title, and a sentence that says how to read it."""
    said = element("p", note, class_="dim") if note else None
    return element("figure", element("figcaption", title), said, drawn, class_=class_)


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """Names and the CSS colours that stand for them."""
    items = (
        element("li", element("b", style=f"background:{colour}"), name) for name, colour in entries
    )
    return element("ul", items, class_="legend")


def table(head: Iterable[Child], rows: Iterable[Iterable[Child]]) -> Markup:
    """Rows of cells; the first column is of words, the others are of numbers."""
    top = element("tr", (element("th", cell, scope="col") for cell in head))
    body = (element("tr", (element("td", cell) for cell in row)) for row in rows)
    return element(
        "div",
        element("table", element("thead", top), element("tbody", body)),
        class_="wide",
    )


def details(summary: str, *children: Child) -> Markup:
    """What is shown on request."""
    return element("details", element("summary", summary), children)
