"""Turns cases 1 to 7 of Autobahn's suite from Python 2 to Python 3: autobahn_suite.py SDIST FOLDER.

In Python 2 the literals were bytes. Here they are text with one character for each byte (Latin-1); the
client encodes what it sends, and decodes what it shows to a case. Runs in the client's environment.
"""

from __future__ import annotations

import re
import sys
import tarfile
from pathlib import Path, PurePath

from fissix.refactor import RefactoringTool

WANTED = re.compile(r"case(\d+_\w+)?\.py")
LATER = re.compile(r"case(8|9|1\d)_")
FIXERS = [f"fissix.fixes.fix_{name}" for name in ("print", "unicode", "xrange")]

CHANGES = {
    # Before Python 3 a class could name `object` ahead of another base.
    "(object, Case, )": "(Case,)",
    # Two equal values may have different pickles.
    "pickle.dumps(obj1) == pickle.dumps(obj2)": "obj1 == obj2",
    # In descriptions and reports, which this run does not show.
    "binascii.b2a_hex(": "repr(",
    "v.validate(vss[:i])": 'v.validate(vss[:i].encode("latin-1"))',
}


def to_python3(source: bytes, name: str) -> str:
    """The source of one file for Python 3."""
    escaped = re.sub(rb"[\x80-\xff]", lambda byte: b"\\x%02x" % byte[0][0], source)
    text = str(RefactoringTool(FIXERS).refactor_string(escaped.decode("ascii") + "\n", name))
    for before, after in CHANGES.items():
        text = text.replace(before, after)
    return text


def main() -> None:
    sdist, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir()
    with tarfile.open(sdist) as archive:
        for member in archive:
            name = PurePath(member.name).name
            if WANTED.fullmatch(name) is None or LATER.match(name):
                continue
            file = archive.extractfile(member)
            if file is not None:
                (folder / name).write_text(to_python3(file.read(), name), encoding="utf-8")


if __name__ == "__main__":
    main()
