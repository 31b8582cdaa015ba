"""Models on this machine: the folder that keeps them, and a model's path by its name.

A leaf: adapters ask it where a model lies. Nothing here downloads; `frametalk models pull` does.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from frametalk.errors import AdapterError, Stage
from frametalk.places import user_data

ENVIRONMENT = "FRAMETALK_MODELS"

_NAME = re.compile(r"\w[\w.-]*")


def folder() -> Path:
    """Where pulled models lie: FRAMETALK_MODELS, else in the platform's folder for users' data.

    It need not exist.
    """
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen).expanduser()
    return user_data() / "models"


def is_name(text: str) -> bool:
    """Whether a model may be called so: letters, digits, `.`, `-`, `_`; no path."""
    return _NAME.fullmatch(text) is not None


def locate(name: str) -> Path:
    """The path of a model: `name` itself where it is a path that exists, else of a pulled model.

    What an engine opens: the ONNX file of a model that has one (a voice; its settings lie beside it),
    else the model's folder. Raises AdapterError `model_missing`, whose remedy says how to get it.
    """
    given = Path(name).expanduser()
    if name and given.exists():
        return given
    if is_name(name) and (folder() / name).is_dir():
        onnx = list((folder() / name).glob("*.onnx"))
        return onnx[0] if len(onnx) == 1 else folder() / name
    raise AdapterError(
        "model_missing",
        f"there is no model {name!r}: no such path, and none of that name in {folder()}",
        stage=Stage.CONFIG,
        remedy=f"frametalk models pull {name}" if is_name(name) else "check the path",
        fatal=True,
    )
