"""Decoders of PocketSphinx at work on one stretch of speech, and what is made of what they hear.

Where the decoder's frames of 10 ms begin is chance, and short words are won or lost by it: of the scene's
decoders each begins a part of a frame later, and what most of them hear counts.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

FRAME_SAMPLES = 160
PARTIAL_EVERY_SAMPLES = 960  # a partial each 60 ms of sound
PIECE_BYTES = 3_200  # 100 ms
# A second of speech costs each scene's decoder 40 ms of a core, the general one 250. On a busy machine,
# with so much sound waiting and so late, the general one hears later, and then one decoder is enough.
WAITING_INPUTS = 5
LATE_S = 0.15
VERY_LATE_S = 0.4
FASTER_THAN_LIFE_S = (
    1.0  # sound that is so far ahead of the clock comes from no microphone: nobody waits
)
# So much may the general one still catch up with when all was said; else it has no say.
CATCH_UP_BYTES = 9_600  # 300 ms
SHIFTS_SAMPLES = (0, 40, 120)
MAX_SHIFTED = 4  # stretches of speech at once that are heard so; more are heard by one decoder each
KEPT_DECODERS = 6  # idle ones of a kind; a decoder is some 10 MB
LOG_BASE = math.log(1.0001)  # of PocketSphinx's scores
WORST = -1e12


class Pool:
    """Decoders of one kind. `most` bounds how many are at work at once; 0 is no bound."""

    def __init__(self, make: Callable[[], Any], most: int = 0) -> None:
        self._make = make
        self._most = most
        self._idle: list[Any] = []
        self._busy = 0
        self._cepstral_mean = ""

    def warm(self, count: int = 1) -> Any:
        """Have so many decoders ready; returns one, without taking it."""
        while len(self._idle) < count:
            decoder = self._make()
            self._cepstral_mean = decoder.get_cmn(False)
            self._idle.append(decoder)
        return self._idle[-1]

    @property
    def busy(self) -> int:
        """How many are at work."""
        return self._busy

    def take(self) -> Any | None:
        """A decoder that knows nothing of who spoke before; None when too many are at work."""
        if self._most and self._busy >= self._most:
            return None
        self.warm()
        decoder = self._idle.pop()
        decoder.set_cmn(self._cepstral_mean)
        self._busy += 1
        return decoder

    def give_back(self, decoder: Any) -> None:
        """The decoder is free again."""
        self._busy -= 1
        if len(self._idle) < KEPT_DECODERS:
            self._idle.append(decoder)


class Listening:
    """One stretch of speech, heard by the scene's decoders and, while there is one, a general one.

    `began_s` is the monotonic time of its first sound, which may have waited.
    """

    def __init__(self, scene: Pool, general: Pool | None, began_s: float) -> None:
        several = scene.busy < MAX_SHIFTED * len(SHIFTS_SAMPLES)
        shifts = SHIFTS_SAMPLES if several else SHIFTS_SAMPLES[:1]
        self._scene = [Ear(scene, scene.take(), shift) for shift in shifts]
        heard_by = None if general is None else general.take()
        self._general = Ear(general, heard_by, 0) if general and heard_by else None
        self._owed = bytearray()  # sound that the general one has yet to hear
        self._began_s = began_s
        self._live = True
        self._told = ""
        self._fed = 0
        self._next_partial = PARTIAL_EVERY_SAMPLES

    def feed(self, pcm: bytes, waiting: int = 0) -> dict[str, Any] | None:
        """Take sound, with so many more inputs `waiting`; the reading so far, if it has changed."""
        if not pcm:
            return None
        for ear in self._scene:
            in_pieces(ear, pcm)
        self._fed += len(pcm) // 2
        self._owed += pcm
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
        if best["text"] == self._told:
            return None
        self._told = best["text"]
        return {**best, "fed": self._fed}

    def finalize(self) -> dict[str, Any]:
        """The reading so far, with the others beside it.

        Once 30 ms of silence have followed the speech, decoders that are still open agree with their
        own final text.
        """
        if len(self._owed) <= CATCH_UP_BYTES:
            self._catch_up(CATCH_UP_BYTES)
        best = self._best()
        self._told = best["text"]
        return best

    def close(self) -> None:
        """No more is wanted."""
        for ear in self._ears():
            ear.close()

    def _late_s(self, waiting_samples: int) -> float:
        """How long after it was said the newest sound was heard; 0 for a recording."""
        late_s = time.monotonic() - self._began_s - self._fed / (100 * FRAME_SAMPLES)
        if waiting_samples / (100 * FRAME_SAMPLES) - late_s > FASTER_THAN_LIFE_S:
            self._live = False
        return late_s if self._live else 0.0

    def _catch_up(self, most_bytes: int) -> None:
        if self._general is not None:
            in_pieces(self._general, bytes(self._owed[:most_bytes]))
        del self._owed[:most_bytes]

    def _ears(self) -> list[Ear]:
        return self._scene if self._general is None else [*self._scene, self._general]

    def _best(self) -> dict[str, Any]:
        """They heard the same sound, so the better score is the better reading."""
        best, others = elected([ear.reading() for ear in self._scene])
        if self._general is not None and not self._owed:
            both = (best, self._general.reading())
            best, second = sorted(both, key=_goodness, reverse=True)
            others = [second["text"], *others]
        texts = [text for text in dict.fromkeys(others) if text not in {"", best["text"]}]
        return {**best, "alternatives": texts}


class Ear:
    """One decoder at work on one stretch of speech, without its first `shift` samples."""

    def __init__(self, pool: Pool, decoder: Any, shift: int) -> None:
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
        """What it makes of the sound so far."""
        return reading(self._decoder, self._shift)

    def close(self) -> None:
        """The decoder is free for others."""
        self._decoder.end_utt()
        self._pool.give_back(self._decoder)


def in_pieces(ear: Ear, pcm: bytes) -> None:
    """Feed sound so that the interpreter's lock, which the library keeps, is free now and then: the
    heartbeat needs it.
    """
    for at in range(0, len(pcm), PIECE_BYTES):
        ear.feed(pcm[at : at + PIECE_BYTES])


def elected(readings: list[dict[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """What most of the scene's decoders hear, by the better score among equals; and the other texts.

    Its score is the mean of theirs: the best of several would have a head start over the general one.
    """
    heard: dict[str, list[dict[str, Any]]] = {}
    for one in readings:
        heard.setdefault(one["text"], []).append(one)
    ranked = sorted(
        heard.values(), key=lambda same: (len(same), max(map(_goodness, same))), reverse=True
    )
    winner = max(ranked[0], key=_goodness)
    mean = sum(one["score"] for one in ranked[0]) / len(ranked[0])
    return {**winner, "score": mean}, [same[0]["text"] for same in ranked[1:]]


def _goodness(one: dict[str, Any]) -> tuple[bool, float]:
    return one["text"] != "", one["score"]


def reading(decoder: Any, shift: int = 0) -> dict[str, Any]:
    """What a decoder makes of its sound, which began `shift` samples late: text, words with samples,
    log score.
    """
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
