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

VOICES = "rhasspy/piper-voices"
SEE_CARD = "see MODEL_CARD"

_VOICE = re.compile(
    r"(?P<family>[a-z]{2,3})_(?P<region>[A-Z0-9]{2,3})-(?P<voice>\w+)-(?P<quality>x_low|low|medium|high)"
)


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that can be pulled. `size_mb` is about what is downloaded; None is not known."""

    name: str
    kind: Literal["whisper", "piper"]
    repository: str = VOICES
    size_mb: int | None = None
    licence: str = SEE_CARD
    about: str = ""

    @property
    def folder(self) -> str:
        """Where its files lie within the repository; empty is the top."""
        found = _VOICE.fullmatch(self.name) if self.kind == "piper" else None
        if found is None:
            return ""
        family, region, voice, quality = found.group("family", "region", "voice", "quality")
        return f"{family}/{family}_{region}/{voice}/{quality}"

    @property
    def needed(self) -> tuple[str, ...]:
        """Files without which no engine opens it."""
        if self.kind == "piper":
            return (f"{self.name}.onnx", f"{self.name}.onnx.json")
        return ("config.json", "model.bin", "tokenizer.json")

    def wants(self, file: str) -> bool:
        """Whether `file` of its folder belongs to it."""
        more = {"piper": ("MODEL_CARD",), "whisper": ("preprocessor_config.json", "vocabulary.*")}
        return any(fnmatchcase(file, pattern) for pattern in (*self.needed, *more[self.kind]))


def models() -> tuple[Model, ...]:
    """All that are listed, in the file's order."""
    text = files("frametalk").joinpath("data/models.toml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(tomllib.loads(text)["model"], list[Model]))


def known(name: str) -> Model | None:
    """The model of this name: a listed one, or any voice that is named as Piper names voices."""
    listed = {model.name: model for model in models()}
    if name in listed:
        return listed[name]
    return Model(name=name, kind="piper") if _VOICE.fullmatch(name) else None


def find(name: str) -> Model:
    """As `known`. Raises ConfigError, which names what is alike."""
    if found := known(name):
        return found
    alike = difflib.get_close_matches(name, [model.name for model in models()], n=3, cutoff=0.5)
    hint = f"do you mean {', '.join(alike)}? " if alike else ""
    raise ConfigError(
        f"no model {name!r} is known here",
        remedy=f"{hint}`frametalk models list` shows all; --from FOLDER takes one of your own",
    )
