"""Models on this machine: their folder, and the path of a model by its name.

A leaf: adapters find their models with it. Nothing here downloads; `frametalk models pull` does.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from frametalk.errors import AdapterError, Stage
from frametalk.places import user_data

ENVIRONMENT = "FRAMETALK_MODELS"

STARTER_COMMAND = "frametalk models pull starter"

MAX_LICENCE = 200  # characters

_NAME = re.compile(r"\w[\w.-]*")


def folder() -> Path:
    """The folder of pulled models: FRAMETALK_MODELS, else one in the user's data. It need not exist."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen).expanduser()
    return user_data() / "models"


def pulled() -> list[Path]:
    """The folders of the models in the models folder, by name."""
    try:
        found = sorted(folder().iterdir())
    except OSError:
        return []
    return [path for path in found if is_name(path.name) and path.is_dir()]


def is_name(text: str) -> bool:
    """Whether `text` can be a model's name: letters, digits, `.`, `-`, `_`; not a path."""
    return _NAME.fullmatch(text) is not None


def licence(file: Path) -> str:
    """The licence of the model that a file belongs to, by its manifest or card; empty if they have none."""
    try:
        known = json.loads((file.parent / "manifest.json").read_bytes()).get("licence")
    except (OSError, ValueError, AttributeError):
        known = ""
    if isinstance(known, str) and known:
        return known
    try:
        card = (file.parent / "MODEL_CARD").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    stated = re.search(r"^\W*licen[cs]e\W+(.+)$", card, re.IGNORECASE | re.MULTILINE)
    return stated[1].strip()[:MAX_LICENCE] if stated else ""


def locate(name: str) -> Path:
    """The path of a model: `name` itself if that path exists, else the pulled model of that name.

    It is what an engine opens: the ONNX or GGUF file of a model that has one (a voice has its settings
    beside it), else the model's folder. Raises AdapterError `model_missing`; its remedy says how to get
    the model.
    """
    path = Path(name).expanduser()
    if name and path.exists():
        return path
    if is_name(name) and (folder() / name).is_dir():
        single = [*(folder() / name).glob("*.onnx"), *(folder() / name).glob("*.gguf")]
        return single[0] if len(single) == 1 else folder() / name
    raise AdapterError(
        "model_missing",
        f"model {name!r} is neither a path that exists nor a model in {folder()}",
        stage=Stage.CONFIG,
        remedy=f"frametalk models pull {name}" if is_name(name) else "check the path",
        fatal=True,
    )
