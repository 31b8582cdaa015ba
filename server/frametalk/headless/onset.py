"""Detects in the client, without waiting for the server, that the player begins to speak."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from frametalk.core.audio import RECOGNITION_RATE_HZ, Samples, ms_to_samples

BLOCK_MS = 5
BLOCKS_TO_START = 2  # one loud block is a click
QUIET_TO_END_MS = 200  # longer than the gaps between the syllables of a sentence
LOUDER_DB = -50.0  # of full scale
ABOVE_NOISE_DB = 12.0
ABOVE_ECHO_DB = 6.0

_SILENCE_DB = -96.0
_LOWEST_NOISE_DB = -65.0
_NOISE_RISES_DB_S = 6.0
_NOISE_FALLS = 0.1  # of the way down, each block

_FIRST_COUPLING_DB = -6.0
_MOST_COUPLING_DB = 6.0
_COUPLING_FALLS_DB_S = 4.0
_COUPLING_RISES_DB_S = 60.0  # slow enough that a voice that swells is not learned as echo
_ECHO_WITHIN_MS = 250  # the longest delay of an echo
_MIN_PLAYED_DB = -40.0  # softer sound does not show the coupling

Levels = npt.NDArray[np.float64]


class OnsetDetector:
    """Finds where the player begins to speak, from one microphone frame to the next.

    Feed frames of any whole number of 5 ms blocks, in order, at `rate_hz`. A block is loud if it is above
    -50 dB of full scale, 12 dB above the noise and, with a loudspeaker, 6 dB above the loudest possible
    echo. The coupling between loudspeaker and microphone is learned while the player is silent.
    """

    def __init__(self, rate_hz: int = RECOGNITION_RATE_HZ) -> None:
        self.noise_db = _LOWEST_NOISE_DB
        self.coupling_db = _FIRST_COUPLING_DB
        self.confirmed = False  # the server hears a voice too: the echo is not learned meanwhile
        self._block = ms_to_samples(BLOCK_MS, rate_hz)
        self._played_db: deque[float] = deque(maxlen=_ECHO_WITHIN_MS // BLOCK_MS)
        self._loud = 0  # blocks in a row
        self._quiet_ms = float(QUIET_TO_END_MS)
        self._worst_db = _SILENCE_DB  # loudest level over the played sound since the last onset

    def feed(
        self, at: int, frame: Samples, played: npt.NDArray[np.float64] | None = None
    ) -> int | None:
        """Take the frame that begins at sample `at`; the sample at which a voice began, or None.

        `played`: what left the loudspeaker during the frame; None: the player wears headphones.
        """
        mic_db = levels_db(frame, self._block)
        played_db = None if played is None else levels_db(played, self._block)
        onset = None
        for index, level_db in enumerate(mic_db):
            echo_db = _SILENCE_DB
            if played_db is not None:
                self._played_db.append(played_db[index])
                echo_db = max(self._played_db)
            if self._take(float(level_db), echo_db):
                onset = at + (index + 1 - BLOCKS_TO_START) * self._block
        return onset

    def false_alarm(self) -> None:
        """The last onset was not a voice: the echo is louder than was assumed."""
        self.coupling_db = max(self.coupling_db, min(self._worst_db, _MOST_COUPLING_DB))

    def _take(self, level_db: float, echo_db: float) -> bool:
        threshold_db = max(
            LOUDER_DB,
            self.noise_db + ABOVE_NOISE_DB,
            echo_db + self.coupling_db + ABOVE_ECHO_DB,
        )
        loud = level_db > threshold_db
        speaking = self._quiet_ms < QUIET_TO_END_MS
        self._loud = self._loud + 1 if loud else 0
        self._quiet_ms = 0.0 if loud and speaking else self._quiet_ms + BLOCK_MS
        self._follow_noise(level_db)
        back_db = level_db - echo_db if echo_db > _MIN_PLAYED_DB else None
        starts = self._loud >= BLOCKS_TO_START and not speaking
        if starts:
            self._quiet_ms = 0.0
            self._worst_db = _SILENCE_DB
        if back_db is not None:
            self._follow_echo(back_db, speaking=speaking or starts, loud=loud)
        return starts

    def _follow_noise(self, level_db: float) -> None:
        if level_db > self.noise_db:
            self.noise_db += _NOISE_RISES_DB_S * BLOCK_MS / 1000
        else:
            self.noise_db += (level_db - self.noise_db) * _NOISE_FALLS
        self.noise_db = max(self.noise_db, _LOWEST_NOISE_DB)

    def _follow_echo(self, back_db: float, *, speaking: bool, loud: bool) -> None:
        if speaking:
            self._worst_db = max(self._worst_db, back_db)
        elif not (loud or self.confirmed):
            risen_db = self.coupling_db + _COUPLING_RISES_DB_S * BLOCK_MS / 1000
            fallen_db = self.coupling_db - _COUPLING_FALLS_DB_S * BLOCK_MS / 1000
            self.coupling_db = min(risen_db, max(fallen_db, back_db))


def levels_db(sound: npt.NDArray[np.generic], block: int) -> Levels:
    """The level of each whole block in dB of full scale; silence is -96."""
    blocks = sound[: len(sound) // block * block].astype(np.float64).reshape(-1, block)
    power = np.mean(np.square(blocks / 32_768), axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (_SILENCE_DB / 10))))
