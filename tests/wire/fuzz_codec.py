"""Fuzz target of the wire's decoders, with atheris (`pip install atheris`); without it the run is skipped.

    python tests/wire/fuzz_codec.py FOLDER tests/wire/corpus protocols/golden/full -max_total_time=60

Inputs that reach new code are kept in FOLDER. An input that breaks a rule of decoding.py ends the run and
is written to a file: mend the decoder, and keep the file in corpus/ as `FRAME.OUTCOME.WHAT.bin`.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("atheris") is None:
    print("skipped: atheris is not installed; `pip install atheris`", file=sys.stderr)
    sys.exit()

import atheris

sys.path.insert(0, str(Path(__file__).parent))

with atheris.instrument_imports(include=["frametalk.wire"]):
    from decoding import check_bytes, check_text


def check(data: bytes) -> None:
    """Read `data` as a binary frame, and as a text frame if it is UTF-8."""
    check_bytes(data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    check_text(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
