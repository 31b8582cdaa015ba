"""Decoders of PocketSphinx of one kind, each used for one utterance after the other."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

MAX_IDLE = 10  # decoders of a kind that are kept; each takes about 10 MB
SILENCE_BYTES = 3_200  # 100 ms


class DecoderPool:
    """Decoders of one kind. At most `max_busy` work at once; 0 is no limit."""

    def __init__(self, make: Callable[[], Any], max_busy: int = 0) -> None:
        self._make = make
        self._max_busy = max_busy
        self._idle: list[Any] = []
        self._busy = 0
        self._cepstral_mean = ""

    def warm(self, count: int = 1) -> Any:
        """Have `count` decoders ready; return one of them without taking it."""
        while len(self._idle) < count:
            decoder = self._make()
            self._cepstral_mean = decoder.get_cmn(False)
            _decode_silence(decoder)
            self._idle.append(decoder)
        return self._idle[-1]

    @property
    def busy(self) -> int:
        """How many decoders are in use."""
        return self._busy

    def take(self) -> Any | None:
        """A decoder without adaptation to earlier speech; None when `max_busy` are in use."""
        if self._max_busy and self._busy >= self._max_busy:
            return None
        self.warm()
        decoder = self._idle.pop()
        _forget_noise(decoder)
        decoder.set_cmn(self._cepstral_mean)
        self._busy += 1
        return decoder

    def release(self, decoder: Any) -> None:
        """Return a decoder."""
        self._busy -= 1
        if len(self._idle) < MAX_IDLE:
            self._idle.append(decoder)


def _decode_silence(decoder: Any) -> None:
    """Use a new decoder once: one that has decoded nothing scores speech differently."""
    decoder.start_utt()
    decoder.process_raw(bytes(SILENCE_BYTES))
    decoder.end_utt()


def _forget_noise(decoder: Any) -> None:
    """Have it estimate the noise anew: it goes on from the end of the utterance before, loud or quiet."""
    with warnings.catch_warnings():
        # The library calls this unnecessary, but nothing else resets the noise.
        warnings.simplefilter("ignore", DeprecationWarning)
        decoder.start_stream()
