"""The folder in which this machine keeps the user's data."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path


def user_data() -> Path:
    """frametalk's own folder in the user's data; it need not exist.

    Linux: `$XDG_DATA_HOME/frametalk`, by default `~/.local/share/frametalk`.
    """
    return user_data_path("frametalk", appauthor=False)
