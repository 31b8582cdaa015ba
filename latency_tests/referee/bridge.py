"""A WebSocket server of plain PCM16 sound, which joins a frametalk server as a player for each caller.

The caller sends 16 kHz microphone sound in binary messages, and receives the replies' sound likewise.
`{"type": "clear"}` drops what the caller has not played: the reply was cut, paused, or its volume
changed; what is played after that follows. `{"type": "transcript", "role": "user", ...}` is what the
recogniser understood.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

import numpy as np
import soxr
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from frametalk.core.audio import BYTES_PER_SAMPLE, RECOGNITION_RATE_HZ, ms_to_samples
from frametalk.headless.clock import Clock
from frametalk.headless.log import LogEntry
from frametalk.headless.mic import Microphone
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.reply import Reply
from frametalk.headless.scene import GameWorld
from frametalk.headless.volume import DUCK_GAIN
from frametalk.headless.worldfile import load_world
from frametalk.transports.websocket_client import connect
from frametalk.wire.messages import Transcript

LOOK_S = 0.002  # how often the player's loudspeaker is looked at
GAINS = {"raised": 1.0, "lowered": DUCK_GAIN, "paused": 0.0}
CLEAR = json.dumps({"type": "clear"})


class CallersMicrophone(Microphone):
    """A microphone whose frames are due when the caller has sent them."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._sound = bytearray()
        self.background = self._next

    async def run(self) -> None:
        """Capture nothing by itself."""
        await asyncio.Event().wait()

    def feed(self, pcm: bytes) -> None:
        """Take the caller's next sound, and send the frames that are complete."""
        if self.sent == 0:
            self.started_s = self._clock.now_s() - self.frame_ms / 1000
        self._sound += pcm
        frame = ms_to_samples(self.frame_ms, self.rate_hz)
        while len(self._sound) >= frame * BYTES_PER_SAMPLE:
            self._capture(frame)

    def _next(self, first: int, end: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        size = (end - first) * BYTES_PER_SAMPLE
        pcm, self._sound = self._sound[:size], self._sound[size:]
        return np.frombuffer(pcm, "<i2").astype(np.float64)


class Loudspeaker:
    """What of a player's replies the caller is to play, at `rate_hz`.

    The caller plays what it receives at once, or after what it received before.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._reply: Reply | None = None
        self._sent = 0  # samples of the reply
        self._state = "raised"
        self._over = False
        self._resampler: soxr.ResampleStream | None = None

    def news(self, playing: Reply | None) -> list[str | bytes]:
        """The messages for the caller since the last call. `playing`: the reply that the player plays."""
        if playing is not None and playing is not self._reply:
            self._reply, self._state, self._over = playing, "raised", False
            self._start_at(0)
        reply = self._reply
        if reply is None or self._over:
            return []
        playback = reply.playback
        if playback.was_cut:
            self._over = True
            return [CLEAR]
        messages: list[str | bytes] = []
        if playback.volume.state != self._state:
            self._state = playback.volume.state
            self._start_at(playback.played)
            messages.append(CLEAR)
        if playback.started_s is not None and not playback.paused:
            messages += self._sound(reply)
        return messages

    def _start_at(self, sample: int) -> None:
        self._sent, self._resampler = sample, None

    def _sound(self, reply: Reply) -> list[str | bytes]:
        playback = reply.playback
        self._over = playback.complete and playback.done_s is not None
        end = playback.available
        if end == self._sent:
            return []
        pcm = playback.pcm.read(self._sent, end) * GAINS[self._state]
        self._sent = end
        if playback.rate_hz != self._rate_hz:
            if self._resampler is None:
                self._resampler = soxr.ResampleStream(playback.rate_hz, self._rate_hz, 1, "float64")
            pcm = self._resampler.resample_chunk(pcm, last=playback.complete)
        return [pcm.round().astype("<i2").tobytes()]


class Call:
    """One caller's session."""

    def __init__(self, caller: ServerConnection, rate_hz: int) -> None:
        self._caller = caller
        self._loudspeaker = Loudspeaker(rate_hz)
        self._texts: list[str] = []

    async def run(self, url: str) -> None:
        """Pass sound both ways until one side leaves. Sound that comes before the session is dropped."""
        player = Player(
            await connect(url),
            GameWorld(load_world("tavern")),
            Clock(),
            PlayerOptions(name="referee"),
            watch=self._watch,
            microphone=CallersMicrophone,
        )
        mic = player.mic
        assert isinstance(mic, CallersMicrophone)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._play(player))
            relay = group.create_task(self._relay(player))
            async for message in self._caller:
                if isinstance(message, bytes) and player.joined.is_set():
                    mic.feed(message)
            relay.cancel()
            await player.leave()

    async def _play(self, player: Player) -> None:
        try:
            await player.run()
        finally:
            await self._caller.close()

    async def _relay(self, player: Player) -> None:
        try:
            while True:
                texts, self._texts = self._texts, []
                for message in (*texts, *self._loudspeaker.news(player.speaker.reply)):
                    await self._caller.send(message)
                await asyncio.sleep(LOOK_S)
        except ConnectionClosed:
            return

    def _watch(self, entry: LogEntry) -> None:
        if isinstance(entry.item, Transcript) and entry.item.final:
            text = {"type": "transcript", "role": "user", "text": entry.item.text, "final": True}
            self._texts.append(json.dumps(text))


async def bridge(url: str, port: int, rate_hz: int) -> Server:
    """A bridge to the frametalk server at `url`, on 127.0.0.1; port 0: a free one."""

    async def answer(caller: ServerConnection) -> None:
        await Call(caller, rate_hz).run(url)

    return await serve(answer, "127.0.0.1", port, max_size=None, compression=None)


async def _run(url: str, port: int, rate_hz: int) -> None:
    async with await bridge(url, port, rate_hz) as server:
        await server.serve_forever()


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="ws://127.0.0.1:8765", help="address of frametalk")
    parser.add_argument("--port", type=int, default=8770, help="port of this bridge")
    parser.add_argument(
        "--rate", type=int, default=RECOGNITION_RATE_HZ, help="of replies, in hertz"
    )
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.server, arguments.port, arguments.rate))


if __name__ == "__main__":
    main()
