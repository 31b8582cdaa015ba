"""Write the files that all clients share: `python protocols/export [DIR]`; default: protocols/.

It writes schema/, golden/, visemes.json and example-session.md.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from frames import bad_cases, media_cases, opus_cases
from mouth import golden_weights, tables
from samples import FULL, least, tag
from schema import schemas
from session import render, wire_log

from frametalk.wire.codec import encode, encode_json

if TYPE_CHECKING:
    from frametalk.wire.messages import AnyMessage


def main(target: Path) -> None:
    """Write all files below `target`; folders with generated files only are emptied first."""
    for folder in ("schema", "golden/full", "golden/least"):
        shutil.rmtree(target / folder, ignore_errors=True)
        (target / folder).mkdir(parents=True)
    for name, schema in schemas().items():
        _write_json(target / "schema" / f"{name}.json", schema)
    for message in FULL:
        _write_message(target / "golden/full", message)
        if least(message) != message:
            _write_message(target / "golden/least", least(message))
    _write_json(target / "golden/media.json", media_cases())
    _write_json(target / "golden/opus.json", opus_cases())
    _write_json(target / "golden/bad.json", bad_cases())
    _write_json(target / "golden/session.json", wire_log())
    _write_json(target / "golden/weights.json", golden_weights())
    (target / "visemes.json").write_text(tables(), encoding="utf-8")
    (target / "example-session.md").write_text(render(), encoding="utf-8")


def _write_message(folder: Path, message: AnyMessage) -> None:
    (folder / f"{tag(message)}.msgpack").write_bytes(encode(message))
    pretty = msgspec.json.format(encode_json(message), indent=2)
    (folder / f"{tag(message)}.json").write_bytes(pretty + b"\n")


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
