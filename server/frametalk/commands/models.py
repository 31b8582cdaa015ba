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
    """How it is written."""
    about = "get models, check them, say where they lie"
    models = command(commands, "models", run, about)
    actions = models.add_subparsers(metavar="ACTION")
    command(actions, "list", run, "list models that can be had, and those that are here")
    pull = command(actions, "pull", pull_, "download models, checked; nothing else ever downloads")
    pull.add_argument(
        "names", nargs="+", metavar="NAME", help="as `list` shows, or a Piper voice's"
    )
    pull.add_argument(
        "--from",
        dest="origin",
        metavar="FOLDER|URL",
        help="a copy of a models folder, here or on a web server; HF_ENDPOINT sets another hub",
    )
    verify = command(actions, "verify", verify_, "compare the files with what was pulled")
    verify.add_argument("names", nargs="*", metavar="NAME", help="all, if left out")
    path = command(actions, "path", path_, "print where models lie")
    path.add_argument("name", nargs="?", metavar="NAME", help="of one model: what an engine opens")


def run(arguments: argparse.Namespace) -> int:
    """`list`, and what `models` alone does: the catalogue, then what lies here besides."""
    from rich.console import Console
    from rich.table import Table

    from frametalk import models
    from frametalk.model_store import catalogue, manifest

    here = manifest.here()
    rows = Table("name", "for", "MB", "licence", "", "here", box=None, pad_edge=False)
    rows.columns[0].no_wrap, rows.columns[2].justify = True, "right"
    listed = catalogue.models()
    for model in listed:
        size = str(model.size_mb or "")
        mark = "yes" if model.name in here else ""
        rows.add_row(model.name, model.kind, size, model.licence, model.about, mark)
    for name in sorted(here.keys() - {model.name for model in listed}):
        rows.add_row(name, *_described(here[name]), "yes")
    console = Console()
    console.print(rows)
    console.print(
        f"\nThey lie in {models.folder()}. Any voice of {catalogue.VOICES} can be pulled by its name.",
        "\nA voice's licence is that of its recordings; read the MODEL_CARD that comes with it.",
        highlight=False,
        markup=False,
    )
    return 0


def _described(found: Manifest | None) -> tuple[str, str, str, str]:
    if found is None:
        return "", "", "", "put there by hand"
    return found.kind, f"{found.size / 1e6:.0f}", found.licence, f"from {found.origin}"


def pull_(arguments: argparse.Namespace) -> int:
    """Have each of them; the first that fails ends it."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        for name in arguments.names:
            _pull_one(name, arguments.origin, bars)
    return 0


def _pull_one(name: str, origin: str | None, bars: Progress) -> None:
    from frametalk.model_store.pull import pull

    bar = bars.add_task(name, total=None)
    try:
        pulled = pull(
            name, origin, lambda done, total: bars.update(bar, completed=done, total=total)
        )
    except KeyboardInterrupt:
        print(f"frametalk: {name} is not complete; pull again to go on", file=sys.stderr)
        raise
    finally:
        bars.remove_task(bar)
    found = pulled.manifest
    if pulled.fetched:
        said = "every checksum right" if pulled.checked else "its source has no checksums"
        print(f"{name}: {found.size / 1e6:.0f} MB from {found.origin}, {said}")
    else:
        print(f"{name}: is here already, and whole")
    print(f"  {pulled.path}")


def verify_(arguments: argparse.Namespace) -> int:
    """Say of each whether it is whole; FAILED if one is not."""
    from frametalk import models
    from frametalk.model_store import manifest

    here = manifest.here()
    failed = False
    for name in arguments.names or here:
        models.locate(name)  # tells what to do for a name that is not here
        found = here.get(name)
        if found is None:
            print(f"{name}: not pulled, so there is nothing to compare it with")
            continue
        wrong = list(manifest.damage(name, found))
        failed |= bool(wrong)
        print(f"{name}: {'; '.join(wrong) or 'whole'}")
        if wrong:
            print(f"  to repair it: frametalk models pull {name}")
    if not arguments.names and not here:
        print(f"no models in {models.folder()}")
    return FAILED if failed else 0


def path_(arguments: argparse.Namespace) -> int:
    """One line, for scripts."""
    from frametalk import models

    print(models.locate(arguments.name) if arguments.name else models.folder())
    return 0
