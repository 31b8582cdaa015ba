"""What both ends of a peer connection agree on, as protocols/wire.md says; importing it needs no aiortc."""

from __future__ import annotations

from importlib.util import find_spec

MIC_CHANNEL, SPEECH_CHANNEL = "mic", "speech"
SPEECH_RETRANSMITS = 3
BEAT_S = 0.1
SILENT_S = 0.25  # without a sign of life the peer connection is not used
CALM_S = 1.0  # of signs of life before it is used again


def is_installed() -> bool:
    """Whether the extra `webrtc` is there."""
    return find_spec("aiortc") is not None
