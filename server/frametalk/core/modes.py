"""Modes that the settings, the wire and the core share: types only, so that `config` may import them."""

from __future__ import annotations

from typing import Literal

Interruptible = Literal["always", "words", "never"]
"""What interrupts a reply: any speech, words that are not a backchannel, or nothing."""
