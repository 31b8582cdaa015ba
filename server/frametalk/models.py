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


def locate(name: str) -> Path:
    """The path of a model: `name` itself where it is a path that exists, else of a pulled model.

    What an engine opens: the folder of a model that has several files, the ONNX file of a voice (its
    settings lie beside it). Raises AdapterError `model_missing`, whose remedy says how to get it.
    """
    given = Path(name).expanduser()
    if name and given.exists():
        return given
    if _NAME.fullmatch(name):
        for found in (folder() / name / f"{name}.onnx", folder() / name):
            if found.exists():
                return found
    raise AdapterError(
        "model_missing",
        f"there is no model {name!r}: no such path, and none of that name in {folder()}",
        stage=Stage.CONFIG,
        remedy=f"frametalk models pull {name}" if _NAME.fullmatch(name) else "check the path",
        fatal=True,
    )
