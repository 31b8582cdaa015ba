"""PocketSphinx's worker for a busy machine: late sound is heard by every decoder, however late."""

from __future__ import annotations

import math

from frametalk.adapters.asr.pocketsphinx import utterance
from frametalk.adapters.asr.pocketsphinx.worker import PocketSphinxHandler

__all__ = ["PocketSphinxHandler"]

utterance.LATE_S = utterance.VERY_LATE_S = math.inf
