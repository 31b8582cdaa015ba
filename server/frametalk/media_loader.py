"""Imports what peer connections need only where they are served: it takes a good part of a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from frametalk.config import FrametalkSettings
from frametalk.transports.webrtc.names import is_installed

if TYPE_CHECKING:
    from frametalk.media_upgrade import MediaUpgrade


def is_served(settings: FrametalkSettings) -> bool:
    """Whether sessions of this server may have a peer connection."""
    return settings.webrtc.enabled and is_installed()


def possible(settings: FrametalkSettings) -> FrametalkSettings:
    """These settings, without peer connections if they are not installed."""
    if is_served(settings) or not settings.webrtc.enabled:
        return settings
    return replace(settings, webrtc=replace(settings.webrtc, enabled=False))


def load() -> type[MediaUpgrade]:
    """The class. The first call imports it."""
    from frametalk.media_upgrade import MediaUpgrade

    return MediaUpgrade
