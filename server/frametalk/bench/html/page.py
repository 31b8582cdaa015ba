"""The page: results of suites, one after the other, in one file that needs nothing else."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from frametalk.bench import budgets, compare
from frametalk.bench.html import distributions, frames, load_curves, stages, tables, turn_ends
from frametalk.bench.html.markup import Child, Markup, element, inside
from frametalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from frametalk.bench.budgets import Verdict

# The browser refuses all that the page does not contain.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def write(results: Sequence[Path], out: Path, limits: Path | None = None) -> None:
    """Write the page of these files of `--json`; `limits`: budgets to judge them by.

    Raises ConfigError for a file that cannot be read or written, or that is no result of a suite.
    """
    sections = [_section(file, n, limits) for n, file in enumerate(results)]
    text = page([(title, Markup(body)) for title, body in sections])
    try:
        out.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise ConfigError(f"{out}: {error}", remedy="give another file with --html") from None


def page(sections: Sequence[tuple[str, Markup]]) -> str:
    """The whole document; each section has a title and what it shows."""
    style = (files("frametalk") / "data" / "bench" / "report.css").read_text(encoding="utf-8")
    heading = ", ".join(dict.fromkeys(title.partition(" ")[0] for title, _body in sections))
    contents = (element("a", title, href=f"#s{n}") for n, (title, _body) in enumerate(sections))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"frametalk bench: {heading}"),
        element("link", rel="icon", href="data:,"),
        element("style", Markup(style)),
    )
    top = element("header", element("h1", "frametalk bench"), element("nav", contents))
    body = element("body", top, element("main", (body for _title, body in sections)))
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _section(file: Path, number: int, limits: Path | None) -> tuple[str, Markup]:
    """Title and content of one result."""
    data = compare.read(file)
    verdicts = _judged(data, limits)
    try:
        shown = _shown(data, verdicts)
    except (msgspec.ValidationError, TypeError, ValueError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"{file} is no complete result of a suite: {error}",
            remedy="write it with `frametalk bench SUITE --json FILE` of this version",
        ) from None
    title = f"{data['suite']} ({file.name})"
    return title, element("section", element("h2", title), shown, id=f"s{number}")


def _judged(data: Mapping[str, Any], limits: Path | None) -> list[Verdict]:
    if limits is None:
        return []
    plain = dict(data)
    return budgets.judge(
        plain, budgets.read_budgets(limits, str(plain["suite"])), plain.get("runs", [])
    )


def _shown(data: Mapping[str, Any], verdicts: Sequence[Verdict]) -> list[Child]:
    stopped = "Stopped by Ctrl-C: these are the values up to then." if data.get("stopped") else ""
    charts = [*turn_ends.drawn(data), *load_curves.drawn(data), *frames.drawn(data)]
    lists = list(tables.lists(data))
    return [
        element("p", stopped, class_="bad") if stopped else None,
        tables.facts(data),
        _part("Budgets", tables.budgets(verdicts)),
        _part("Curves", element("div", charts, class_="grid-2") if charts else None),
        _part("Where the time of a turn went", stages.waterfalls(data)),
        _part("Distributions", distributions.drawn(data)),
        _part("Percentiles, with 95 % confidence intervals", tables.percentiles(data)),
        _part("All other values", tables.others(data)),
        _part("Lists", lists),
    ]


def _part(title: str, content: Child) -> Markup | None:
    shown = inside(content)
    return inside((element("h3", title), shown)) if shown else None
