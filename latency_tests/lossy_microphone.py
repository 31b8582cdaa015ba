"""Measures how many words a network that loses microphone packets costs, without and with redundancy.

    python latency_tests/lossy_microphone.py --models FOLDER --speech FOLDER --json lossy.json

Sentences of flite and recordings of people go through the code of both ends without sockets: 5 % of the
packets are lost, each for itself, and each is up to 60 ms late, so that many come in another order. Whisper
reads what is heard. `--models` is the folder of `frametalk bench real`; `--speech` may be given several
times.
"""

from __future__ import annotations

import argparse
import heapq
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from faster_whisper import WhisperModel

from frametalk.bench.real import corpus
from frametalk.bench.real.words import WordErrors, total, word_errors
from frametalk.core.audio import Samples
from frametalk.transports.opus import OpusEncoder
from frametalk.transports.webrtc.mic_routes import MicRoutes
from frametalk.transports.webrtc.red import BEFORE, Packer, Unpacker
from frametalk.transports.webrtc.track_sound import TrackSound
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.opus import RATE_HZ as OPUS_RATE_HZ

RATE_HZ, FRAME = 16_000, 320
LOSS, LATE_S = 0.05, 0.06
VOICES = ("slt", "rms", "awb", "kal16")
STREAM, OPUS = 1, 96


class Packet(NamedTuple):
    """What is sent at a time, and what the server hears because of it."""

    at_s: float
    arrive: Callable[[], list[Media]]


class Result(msgspec.Struct, frozen=True):
    """Word errors of one way, without loss and with it; `draws`: those of each draw."""

    way: str
    words: int
    clean: int
    lossy: float
    draws: tuple[int, ...]

    @property
    def points(self) -> float:
        """How many percentage points the loss costs."""
        return 100 * (self.lossy - self.clean) / self.words


def main(arguments: list[str] | None = None) -> int:
    """Measure all ways; print a table, and write the numbers as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--model", default="whisper-tiny.en")
    parser.add_argument("--speech", type=Path, action="append", default=[])
    parser.add_argument("--way", action="append", choices=WAYS, default=[])
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    whisper = WhisperModel(
        str(options.models / options.model), device="cpu", compute_type="int8", cpu_threads=1
    )
    speeches = _speeches(options.speech)
    results = []
    for way in options.way or WAYS:
        results.append(_measure(way, WAYS[way], speeches, whisper, options.draws))
        each = results[-1]
        sys.stdout.write(
            f"{each.way}: {each.words} words, errors {each.clean} clean, {each.lossy:.1f} lossy"
            f" {each.draws}: {each.points:+.2f} points\n"
        )
        sys.stdout.flush()
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(results)))
    return 0


def _speeches(folders: list[Path]) -> list[corpus.Speech]:
    """What is said: the corpus of `bench real`, and recordings whose words are known."""
    known = corpus.load()
    sentences = tuple(
        corpus.Line(text, VOICES[number % len(VOICES)])
        for number, text in enumerate(known.sentences)
    )
    recordings = corpus.recordings(tuple(folders), known.texts)
    return [
        *corpus.spoken((*known.commands, *known.free, *sentences)),
        *(each for each in recordings if each.text),
    ]


def _measure(
    way: str, send: Way, speeches: list[corpus.Speech], whisper: WhisperModel, draws: int
) -> Result:
    def errors(dice: random.Random | None) -> WordErrors:
        return total(
            word_errors(speech.text, _read(whisper, _heard(send, speech.samples, dice)))
            for speech in speeches
        )

    clean = errors(None)
    lossy = tuple(errors(random.Random(seed)).errors for seed in range(1, draws + 1))
    return Result(way, clean.words, clean.errors, sum(lossy) / len(lossy), lossy)


def _heard(send: Way, sound: Samples, dice: random.Random | None) -> Samples:
    """The microphone's sound as the server has it."""
    way: list[tuple[float, int, Packet]] = []
    for number, packet in enumerate(send(sound)):
        late_s = 0.0
        if dice is not None:
            if dice.random() < LOSS:
                continue
            late_s = dice.uniform(0, LATE_S)
        heapq.heappush(way, (packet.at_s + late_s, number, packet))
    heard: list[Media] = []
    while way:
        heard += heapq.heappop(way)[2].arrive()
    pcm = b"".join(frame.payload for frame in heard)
    return np.frombuffer(pcm, np.int16)


def _read(whisper: WhisperModel, sound: Samples) -> str:
    floats = sound.astype(np.float32) / 32_768
    segments, _info = whisper.transcribe(
        floats, language="en", beam_size=1, condition_on_previous_text=False, temperature=0.0
    )
    return " ".join(segment.text for segment in segments)


# ---- the ways ------------------------------------------------------------------------------------

Way = Callable[[Samples], Iterator[Packet]]


def _routes(via: m.MicRoute) -> MicRoutes:
    routes = MicRoutes(lambda _error: None)
    routes.start(m.MicStart(stream=STREAM, rate_hz=RATE_HZ))
    routes.move(m.RtcMic(stream=STREAM, via=via, at=0))
    return routes


def _frames(sound: Samples) -> Iterator[bytes]:
    for at in range(0, len(sound) - FRAME + 1, FRAME):
        yield sound[at : at + FRAME].tobytes()


def _track(sound: Samples, *, redundant: bool) -> Iterator[Packet]:
    """An Opus track; `redundant`: with the packets before each one."""
    server = TrackSound(_routes("track"), lambda _error: None)
    server.move(0)
    heard: list[Media] = []
    unpacker = Unpacker(lambda *packet: heard.extend(server.packet(*packet)))
    encoder, packer = OpusEncoder(RATE_HZ), Packer(OPUS)
    for number, pcm in enumerate(_frames(sound)):
        time = number * OPUS_RATE_HZ // 50
        payload = encoder.encode(pcm)
        content = packer.pack(time, payload) if redundant else payload

        def arrive(number: int = number, time: int = time, content: bytes = content) -> list[Media]:
            heard.clear()
            if redundant:
                unpacker.packet(number % 2**16, time, content)
                return list(heard)
            return server.packet(number % 2**16, time, content)

        yield Packet(number / 50, arrive)


def _channel(sound: Samples, *, times: int) -> Iterator[Packet]:
    """Frames on a data channel; each is sent again with those that follow it."""
    routes = _routes("channel")
    before: list[Media] = []
    for number, pcm in enumerate(_frames(sound)):
        frame = Media(MediaKind.PCM16, STREAM, number, number * FRAME, pcm)
        for each in (frame, *before):
            yield Packet(number / 50, lambda each=each: routes.channel(each))  # type: ignore[misc]
        before = [frame, *before][: times - 1]


WAYS: dict[str, Any] = {
    "track": lambda sound: _track(sound, redundant=False),
    f"track, redundant ({BEFORE})": lambda sound: _track(sound, redundant=True),
    "channel": lambda sound: _channel(sound, times=1),
    "channel, each frame twice": lambda sound: _channel(sound, times=2),
}


if __name__ == "__main__":
    sys.exit(main())
