"""`frametalk data`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frametalk.commands.shared import command, settings_flags, settings_of

if TYPE_CHECKING:
    from frametalk.records import Records


def add(commands: Any) -> None:
    """Declare the arguments."""
    about = "show and delete what is stored of players"
    data = command(commands, "data", run, about, settings_flags())
    actions = data.add_subparsers(metavar="ACTION")
    command(actions, "list", run, "say how much is stored", settings_flags())
    delete = command(
        actions, "delete", delete_, "delete everything of one player", settings_flags()
    )
    delete.add_argument(
        "subject",
        metavar="SUBJECT",
        help="the player, as `sub` of their tokens names them; without tokens, a session's id",
    )
    command(
        actions,
        "sweep",
        sweep_,
        "delete what is older than privacy.retention_days",
        settings_flags(),
    )


def run(arguments: argparse.Namespace) -> int:
    """`list`, also without an action."""
    records, _days = _records(arguments)
    players, files, size = records.total()
    print(f"{players} players, {files} files, {size} bytes")
    return 0


def delete_(arguments: argparse.Namespace) -> int:
    """Delete a player's records, and their sessions in the file of `server.handover_file`."""
    records, _days = _records(arguments)
    size = records.delete(arguments.subject) + _handed_over(arguments)
    print(f"{size} bytes deleted")
    return 0


def sweep_(arguments: argparse.Namespace) -> int:
    """What a running server does every hour."""
    records, days = _records(arguments)
    print(f"{records.sweep(days)} files deleted")
    return 0


def _handed_over(arguments: argparse.Namespace) -> int:
    """Delete a player's sessions that wait for a server; how many bytes they had."""
    from frametalk.handover.session import belongs_to
    from frametalk.handover.store import Store

    name = settings_of(arguments, quiet=True).server.handover_file
    if not name or not Path(name).exists():
        return 0
    store = Store(Path(name))
    try:
        return store.delete(lambda session: belongs_to(session, arguments.subject))
    finally:
        store.close()


def _records(arguments: argparse.Namespace) -> tuple[Records, float]:
    from frametalk.records import Records, default_folder

    privacy = settings_of(arguments, quiet=True).privacy
    folder = Path(privacy.folder) if privacy.folder else default_folder()
    return Records(folder), privacy.retention_days
