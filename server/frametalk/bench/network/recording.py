"""Engines of one conversation that record what they hear and say, and a session that does too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from typing import Any

import numpy as np

from frametalk.adapters.asr.fixed import FixedRecogniser, FixedStream
from frametalk.adapters.base import Bias, Hypothesis, SpeechChunk, SpeechRequest
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.adapters.vad.energy import EnergyVad
from frametalk.core.audio import Samples
from frametalk.engines import Engines
from frametalk.session import Session
from frametalk.transports.link import WatchedLink
from frametalk.wire import messages as m
from frametalk.wire.codec import Media

ANSWER = "Very well, friend. The door is open now."
MS_PER_CHAR = 30


class RecordingVad(EnergyVad):
    """Keeps every window: all that the microphone was heard to send."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[Samples] = []

    def process(self, window: Samples) -> float:
        """As EnergyVad."""
        self.windows.append(np.array(window, np.int16))
        return super().process(window)


class RecordingRecogniser(FixedRecogniser):
    """Keeps the sound that each of its streams was fed."""

    def __init__(self) -> None:
        super().__init__(["open the door"])
        self.sounds: list[bytearray] = []

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> FixedStream:
        """As FixedRecogniser, with an ear of its own."""
        stream, sound = super().open(bias, on_partial), bytearray()
        self.sounds.append(sound)
        feed = stream.feed

        def recorded(pcm: bytes) -> None:
            sound.extend(pcm)
            feed(pcm)

        stream.feed = recorded  # type: ignore[method-assign]
        return stream


class NoisyVoice(FixedVoice):
    """Says noise in place of a tone, so that each sample has its own place."""

    def __init__(self, seed: int) -> None:
        super().__init__(ms_per_char=MS_PER_CHAR)
        self._dice = np.random.default_rng(seed)

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """As FixedVoice."""
        async for chunk in super().speak(request):
            noise = self._dice.integers(-8_000, 8_000, len(chunk.pcm) // 2)
            yield SpeechChunk(noise.astype("<i2").tobytes(), chunk.marks)


class RecordingSession(Session):
    """Keeps what it took from the client, and what it sent for the first time."""

    def __init__(self, link: WatchedLink, engines: Engines, *more: Any, **options: Any) -> None:
        super().__init__(link, engines, *more, **options)
        self.taken: list[m.AnyMessage] = []
        self.numbers: list[int] = []
        self.sound: defaultdict[int, bytearray] = defaultdict(bytearray)  # by stream
        self.errors: list[str] = []
        to_client, take_message = self.state.link, self.intake.take_message
        send, send_media = to_client.send, to_client.send_media

        def sent(message: m.AnyMessage) -> None:
            if seq := getattr(message, "seq", 0):
                self.numbers.append(seq)
            if isinstance(message, m.Error):
                self.errors.append(message.code)
            send(message)

        def sent_media(frame: Media) -> None:
            self.sound[frame.stream].extend(frame.payload)
            send_media(frame)

        def took(message: m.AnyMessage, talk: Any) -> None:
            if not isinstance(message, m.Ping | m.Pong | m.Ack):
                self.taken.append(message)
            take_message(message, talk)

        to_client.send = sent  # type: ignore[method-assign]
        to_client.send_media = sent_media  # type: ignore[method-assign]
        self.intake.take_message = took  # type: ignore[method-assign]


def recording_engines(seed: int) -> Engines:
    """Engines for one conversation; each of its answers opens the door and speaks."""
    tool = {"name": "open", "args": {"target": "door"}}
    return Engines(
        vad=RecordingVad(),
        asr=RecordingRecogniser(),
        llm=FixedMind(ANSWER, tool=tool),
        tts=NoisyVoice(seed),
    )
