"""Write docs/settings.md from the settings tree: `python docs/export_settings.py`."""

from __future__ import annotations

import ast
import inspect
import io
import textwrap
import tokenize
import typing
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from frametalk.config import FrametalkSettings, Settings

TARGET = Path(__file__).parent / "settings.md"

HEAD = """\
# Settings

Generated from `server/frametalk/config.py` by `python docs/export_settings.py`; do not edit by hand.

Values come from four places; each overrides the one before:

1. the defaults below,
2. a TOML file: `frametalk serve --config frametalk.toml`,
3. the environment: `FRAMETALK_SERVER__PORT=9000` (two underscores between section and key),
4. flags: `--set server.port=9000`.

An unknown key, a wrong type or a value out of range is an error that names the setting. Settings that end
in `_ms` are in milliseconds.

```toml
[server]
port = 9000

[asr]
adapter = "pocketsphinx"

[turns]
endpoint_delay_ms = 400
```
"""


SECTIONS = {
    "characters": """\
## `[characters.NAME]`

One section for each further character, or for one with its own settings. NAME is the character's name,
as in its file and in `hello.character`. The keys are those of `[character]`. What a section leaves out
is taken from there, except `file`: a section without a file is for the character that the mind knows by
that name. See [characters.md](characters.md).
"""
}


def page() -> str:
    """The whole page as text."""
    parts = [HEAD]
    hints = typing.get_type_hints(FrametalkSettings)
    for field in msgspec.structs.fields(FrametalkSettings):
        branch: type[Settings] = hints[field.name]
        if typing.get_origin(branch) is dict:
            parts.append(SECTIONS[field.name])
            continue
        default = field.default
        doc = inspect.cleandoc(branch.__doc__ or "")
        parts.append(f"## `[{field.name}]`\n\n{doc}\n\n{_table(branch, default)}")
    return "\n".join(parts)


def _table(branch: type[Settings], default: Any) -> str:
    comments = field_comments(branch)
    types = typing.get_type_hints(branch, include_extras=True)
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for field in msgspec.structs.fields(branch):
        value = getattr(default, field.name)
        rows.append(
            f"| `{field.name}` | {_type(types[field.name])} | `{_toml(value)}` "
            f"| {comments.get(field.name, '')} |"
        )
    return "\n".join(rows) + "\n"


def field_comments(branch: type[Settings]) -> dict[str, str]:
    """The comment after each field of a branch, by field name."""
    source = textwrap.dedent(inspect.getsource(branch))
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    return {
        node.target.id: comments[node.lineno]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.lineno in comments
    }


def _type(hint: Any) -> str:
    origin = typing.get_origin(hint)
    if origin is Annotated:
        base, meta = typing.get_args(hint)
        return f"{_type(base)}, {meta.ge:.9g} to {meta.le:.9g}"
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in typing.get_args(hint))
    if origin is dict:
        return "table"
    if origin is tuple:
        return f"list of {_type(typing.get_args(hint)[0])}"
    return {int: "whole number", float: "number", str: "text", bool: "true or false"}[hint]


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value).lower()


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
