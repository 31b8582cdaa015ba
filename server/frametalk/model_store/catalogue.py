"""Models by name: those of data/models.toml, and every voice of the Piper voices' repository."""

from __future__ import annotations

import difflib
import re
import tomllib
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import Literal

import msgspec

from frametalk.errors import ConfigError
from frametalk.model_store import pins

VOICES = "rhasspy/piper-voices"
SEE_CARD = "see MODEL_CARD"

_VOICE = re.compile(
    r"(?P<family>[a-z]{2,3})_(?P<region>[A-Z0-9]{2,3})-(?P<voice>\w+)-(?P<quality>x_low|low|medium|high)"
)


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that can be pulled. `size_mb` is the approximate download; None: unknown.

    `repository`: on the hub; empty: that of the Piper voices for a voice, none for other kinds.
    """

    name: str
    kind: Literal["whisper", "piper", "turn", "llm"]
    repository: str = ""
    size_mb: int | None = None
    licence: str = SEE_CARD
    about: str = ""

    @property
    def hub(self) -> str:
        """Its repository on the hub; empty if the hub does not have it."""
        return self.repository or (VOICES if self.kind == "piper" else "")

    @property
    def pins(self) -> pins.Pins | None:
        """What the package index has of it; None if it is not there."""
        return pins.pinned().get(self.name)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of its sources, the one that `pull` uses by default first."""
        return (("hub",) if self.hub else ()) + (("index",) if self.pins else ())

    @property
    def folder(self) -> str:
        """The folder of its files in the repository; empty: the top."""
        found = _VOICE.fullmatch(self.name) if self.kind == "piper" else None
        if found is None:
            return ""
        family, region, voice, quality = found.group("family", "region", "voice", "quality")
        return f"{family}/{family}_{region}/{voice}/{quality}"

    @property
    def needed(self) -> tuple[str, ...]:
        """The files that an engine needs to open it."""
        if self.kind == "piper":
            return (f"{self.name}.onnx", f"{self.name}.onnx.json")
        if self.kind == "whisper":
            return ("config.json", "model.bin", "tokenizer.json")
        return tuple(file.path for file in self.pins.files) if self.pins else ()

    def wants(self, file: str) -> bool:
        """Whether `file` of its folder is part of the model."""
        more = {"piper": ("MODEL_CARD",), "whisper": ("preprocessor_config.json", "vocabulary.*")}
        patterns = (*self.needed, *more.get(self.kind, ()))
        return any(fnmatchcase(file, pattern) for pattern in patterns)


def models() -> tuple[Model, ...]:
    """The listed models, in the file's order."""
    text = files("frametalk").joinpath("data/models.toml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(tomllib.loads(text)["model"], list[Model]))


def known(name: str) -> Model | None:
    """The model of this name: a listed one, or any voice whose name follows Piper's scheme."""
    listed = {model.name: model for model in models()}
    if name in listed:
        return listed[name]
    return Model(name=name, kind="piper") if _VOICE.fullmatch(name) else None


def find(name: str) -> Model:
    """The same as `known`, but raises ConfigError that suggests similar names."""
    if found := known(name):
        return found
    similar = difflib.get_close_matches(name, [model.name for model in models()], n=3, cutoff=0.5)
    hint = f"do you mean {', '.join(similar)}? " if similar else ""
    raise ConfigError(
        f"unknown model {name!r}",
        remedy=f"{hint}`frametalk models list` shows all; --from FOLDER takes your own",
    )
