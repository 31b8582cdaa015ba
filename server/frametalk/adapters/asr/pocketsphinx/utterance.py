"""One utterance decoded by several decoders of PocketSphinx, and the best of their readings.

Where a decoder's frames of 10 ms begin decides whether it recognises a short word. So each of the scene's
decoders begins a fraction of a frame later, and the reading of the majority wins.
"""

from __future__ import annotations

import math
import time
from typing import Any

from frametalk.adapters.asr.pocketsphinx.certainty import (
    FRAME_SAMPLES,
    POSSIBLE_MARGIN,
    UNKNOWN,
    certainty,
    margin,
)
from frametalk.adapters.asr.pocketsphinx.decoder_pool import DecoderPool
from frametalk.adapters.asr.pocketsphinx.peaks import Peaks

FRAMES_PER_S = 100
RATE_HZ = FRAME_SAMPLES * FRAMES_PER_S
PARTIAL_EVERY_SAMPLES = 960  # a partial each 60 ms of sound
PIECE_BYTES = 3_200  # 100 ms
# A second of speech costs each scene decoder 40 ms of a core and the general decoder 250 ms. With this many
# inputs waiting and this late, the general decoder falls behind; later still, one scene decoder must do.
WAITING_INPUTS = 5
LATE_S = 0.15
VERY_LATE_S = 0.4
# Sound that is this far ahead of the clock is a recording, where lateness does not matter.
AHEAD_S = 1.0
# The most that the general decoder may catch up with at the end; with more to do its reading is not used.
CATCH_UP_BYTES = 9_600  # 300 ms
SHIFTS_SAMPLES = (0, 32, 64, 96, 128)  # of the 160 of a frame
MAX_SHIFTED = 4  # utterances at once with several scene decoders; further ones get one each
LOG_BASE = math.log(1.0001)  # of PocketSphinx's scores
WORST = -1e12


class Utterance:
    """One stream of speech, decoded with the scene's model and, if a decoder is free, a general one.

    `began_s` is the monotonic time of its first sound, which may have waited since.
    """

    def __init__(self, scene: DecoderPool, general: DecoderPool | None, began_s: float) -> None:
        several = scene.busy < MAX_SHIFTED * len(SHIFTS_SAMPLES)
        shifts = SHIFTS_SAMPLES if several else SHIFTS_SAMPLES[:1]
        self._scene = [DecoderStream(scene, scene.take(), shift) for shift in shifts]
        decoder = None if general is None else general.take()
        self._general = DecoderStream(general, decoder, 0) if general and decoder else None
        self._backlog = bytearray()  # sound that the general decoder has not processed
        self._peaks = Peaks()
        self._began_s = began_s
        self._live = True
        self._emitted = ""
        self._fed = 0
        self._next_partial = PARTIAL_EVERY_SAMPLES

    def feed(self, pcm: bytes, waiting: int = 0) -> dict[str, Any] | None:
        """Take sound, with `waiting` more inputs queued. Returns the reading if it has changed."""
        if not pcm:
            return None
        for stream in self._scene:
            feed_in_pieces(stream, pcm)
        self._peaks.feed(pcm)
        self._fed += len(pcm) // 2
        self._backlog += pcm
        late_s = self._late_s(waiting * len(pcm) // 2)
        if waiting < WAITING_INPUTS or late_s < LATE_S:
            self._catch_up(2 * len(pcm))
        elif late_s > VERY_LATE_S:
            while len(self._scene) > 1:
                self._scene.pop().close()
        if self._fed < self._next_partial:
            return None
        self._next_partial = self._fed + PARTIAL_EVERY_SAMPLES
        best = self._best()
        if best["text"] == self._emitted:
            return None
        self._emitted = best["text"]
        return {**best, "fed": self._fed}

    def finalize(self) -> dict[str, Any]:
        """The best reading so far, with the others as alternatives.

        After 30 ms of silence, open decoders already give the text that they would give at their end.
        """
        if len(self._backlog) <= CATCH_UP_BYTES:
            self._catch_up(CATCH_UP_BYTES)
        best = self._best()
        self._emitted = best["text"]
        return best

    def close(self) -> None:
        """Release all decoders."""
        for stream in self._scene if self._general is None else [*self._scene, self._general]:
            stream.close()

    def _late_s(self, waiting_samples: int) -> float:
        """How long after it was spoken the newest sound is decoded; 0 for a recording."""
        late_s = time.monotonic() - self._began_s - self._fed / RATE_HZ
        if waiting_samples / RATE_HZ - late_s > AHEAD_S:
            self._live = False
        return late_s if self._live else 0.0

    def _catch_up(self, max_bytes: int) -> None:
        if self._general is not None:
            feed_in_pieces(self._general, bytes(self._backlog[:max_bytes]))
        del self._backlog[:max_bytes]

    def _best(self) -> dict[str, Any]:
        """The scene's or the general reading, by score: they are of the same sound.

        The others are alternatives; readings of the scene only if they are possible beside general
        English.
        """
        peaks = self._peaks
        readings = [peaks.without_silence(stream.reading()) for stream in self._scene]
        best, agreed = majority(readings)
        if self._general is None or self._backlog:
            return {**best, "confidence": UNKNOWN, "alternatives": other_texts(best, readings)}
        general = peaks.without_silence(self._general.reading())
        sure = certainty(best, agreed, general)
        possible = [each for each in readings if margin(each, general) >= POSSIBLE_MARGIN]
        if _rank(general) <= _rank(best):
            others = other_texts(best, [general, *possible])
            return {**best, "confidence": sure, "alternatives": others}
        sure = sure if general["text"] == best["text"] else UNKNOWN
        others = other_texts(general, possible)
        return {**general, "confidence": sure, "alternatives": others}


class DecoderStream:
    """One decoder in use for one utterance, without the utterance's first `shift` samples."""

    def __init__(self, pool: DecoderPool, decoder: Any, shift: int) -> None:
        self._pool = pool
        self._decoder = decoder
        self._shift = shift
        self._to_skip_bytes = 2 * shift
        decoder.start_utt()

    def feed(self, pcm: bytes) -> None:
        """Take sound."""
        skipped = min(self._to_skip_bytes, len(pcm))
        self._to_skip_bytes -= skipped
        if len(pcm) > skipped:
            self._decoder.process_raw(pcm[skipped:])

    def reading(self) -> dict[str, Any]:
        """The decoder's reading so far."""
        return reading(self._decoder, self._shift)

    def close(self) -> None:
        """Return the decoder to its pool."""
        self._decoder.end_utt()
        self._pool.release(self._decoder)


def feed_in_pieces(stream: DecoderStream, pcm: bytes) -> None:
    """Feed sound in pieces of 100 ms: the library keeps the interpreter's lock, which heartbeats need."""
    for at in range(0, len(pcm), PIECE_BYTES):
        stream.feed(pcm[at : at + PIECE_BYTES])


def majority(readings: list[dict[str, Any]]) -> tuple[dict[str, Any], float]:
    """The reading with the most common text, by score among equals; and the share that agrees with it.

    Its score is the mean of its text's scores: the best of several would be unfair to the one general
    decoder.
    """
    by_text: dict[str, list[dict[str, Any]]] = {}
    for each in readings:
        by_text.setdefault(each["text"], []).append(each)
    most = max(by_text.values(), key=lambda same: (len(same), max(map(_rank, same))))
    mean = sum(each["score"] for each in most) / len(most)
    best: dict[str, Any] = max(most, key=_rank)
    return {**best, "score": mean}, len(most) / len(readings)


def other_texts(best: dict[str, Any], readings: list[dict[str, Any]]) -> list[str]:
    """The texts of other readings, each once."""
    texts = dict.fromkeys(each["text"] for each in readings)
    return [text for text in texts if text not in {"", best["text"]}]


def _rank(each: dict[str, Any]) -> tuple[bool, float]:
    return each["text"] != "", each["score"]


def reading(decoder: Any, shift: int = 0) -> dict[str, Any]:
    """Text, words with samples and log score of a decoder whose sound began `shift` samples late."""
    hypothesis = decoder.hyp()
    if hypothesis is None:
        return {"text": "", "words": [], "score": WORST}
    words = [
        [
            segment.word.split("(")[0],
            segment.start_frame * FRAME_SAMPLES + shift,
            (segment.end_frame + 1) * FRAME_SAMPLES + shift,
        ]
        for segment in decoder.seg() or ()
        if segment.word[0] not in "<[+"
    ]
    score = math.log(hypothesis.score) / LOG_BASE if hypothesis.score > 0 else WORST
    return {"text": " ".join(word for word, _at, _end in words), "words": words, "score": score}
