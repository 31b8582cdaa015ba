"""Where this machine's user keeps what programs keep for them."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def user_data() -> Path:
    """frametalk's own folder there; it need not exist.

    By the XDG base directory specification, and its counterparts of Windows and macOS.
    """
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "frametalk"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "frametalk"
    chosen = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (chosen if chosen.is_absolute() else home / ".local" / "share") / "frametalk"
