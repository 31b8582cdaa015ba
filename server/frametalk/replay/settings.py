"""What of the settings a recording keeps: nothing that lets somebody in, no paths, no engine's options."""

from __future__ import annotations

from typing import Any

import msgspec

from frametalk.config import FrametalkSettings, GuardSettings, ServerSettings, WebRtcSettings
from frametalk.media_loader import is_served

SECTIONS = ("turns", "reply", "character", "characters", "privacy", "caps", "latency")
PLAIN = (bool, int, float)


def kept_settings(settings: FrametalkSettings) -> dict[str, Any]:
    """The settings that a session's decisions depend on; the others have their defaults."""
    tree: dict[str, Any] = {name: msgspec.to_builtins(getattr(settings, name)) for name in SECTIONS}
    tree["privacy"] |= {"folder": "", "own_hosts": ()}
    for section in (tree["character"], *tree["characters"].values()):
        section["file"] = ""
    tree["server"] = _numbers(settings.server)
    tree["webrtc"] = _numbers(settings.webrtc) | {"enabled": is_served(settings)}
    tree["guard"] = {"help": settings.guard.help}
    return tree


def _numbers(section: ServerSettings | WebRtcSettings | GuardSettings) -> dict[str, Any]:
    tree = msgspec.to_builtins(section)
    return {key: value for key, value in tree.items() if isinstance(value, PLAIN)}
