"""The folders that frametalk uses on this machine: the user's data, and temporary files."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from platformdirs import user_data_path

from frametalk.errors import ConfigError


def user_data() -> Path:
    """frametalk's own folder in the user's data; it need not exist.

    Linux: `$XDG_DATA_HOME/frametalk`, by default `~/.local/share/frametalk`.
    """
    return user_data_path("frametalk", appauthor=False)


def temporary_folder(purpose: str) -> tempfile.TemporaryDirectory[str]:
    """A new temporary folder; removes those for the same purpose whose process was killed.

    `purpose` is a word for the folder's name. Raises ConfigError where no folder can be made.
    """
    try:
        return _temporary_folder(purpose)
    except OSError as error:
        raise ConfigError(
            f"no temporary folder can be made: {error.strerror}",
            remedy="set TMPDIR to a folder that this user may write to",
        ) from None


def _temporary_folder(purpose: str) -> tempfile.TemporaryDirectory[str]:
    if sys.platform != "win32":  # there, no signal can ask whether a process lives
        for folder in Path(tempfile.gettempdir()).glob(f"frametalk-{purpose}-*"):
            owner = re.fullmatch(rf"frametalk-{purpose}-(\d+)-.*", folder.name)
            if owner is not None and not _lives(int(owner[1])):
                shutil.rmtree(folder, ignore_errors=True)
    prefix = f"frametalk-{purpose}-{os.getpid()}-"
    return tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)


def _lives(pid: int) -> bool:
    with suppress(PermissionError):  # it lives, and is another user's
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
    return True
