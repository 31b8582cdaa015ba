"""One stream of speech, read by the scene's recogniser and by one for free speech."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from frametalk.adapters.asr.joined.choice import is_command, is_expected, likelier
from frametalk.adapters.asr.joined.transcript import Transcript
from frametalk.adapters.base import Bias, Hypothesis, Recogniser, RecogniserStream
from frametalk.core.audio import RECOGNITION_RATE_HZ
from frametalk.core.commands import Commands
from frametalk.errors import AdapterError, Stage

# Speech that is unexpected for this long gets partials of the free reading, which cost a third of a core.
UNEXPECTED_SAMPLES = RECOGNITION_RATE_HZ
# A player who only hesitates speaks again within this time, and the free reading would be for nothing.
HESITATION_S = 0.06

OnError = Callable[[AdapterError], None]


class FreeStream(RecogniserStream, Protocol):
    """A stream that reads free speech."""

    def set_partials(self, partials: bool, /) -> None:
        """Whether partials are made from now on."""
        ...


class FreeRecogniser(Recogniser, Protocol):
    """A recogniser of free speech, whose streams can do without partials."""

    def open(
        self, bias: Bias, on_partial: Callable[[Hypothesis], None], *, partials: bool = True
    ) -> FreeStream:
        """Open a stream; without `partials` it only keeps the sound until `finalize`."""
        ...


class JoinedStream:
    """Both recognisers get all sound; `Transcript` says whose reading is the text.

    The free reading begins when a text is due that the scene does not expect, or when speech has been
    unexpected for a while. `on_error` is called when one recogniser fails and the other goes on.
    """

    def __init__(
        self, commands: Commands, on_partial: Callable[[Hypothesis], None], on_error: OnError
    ) -> None:
        self._commands = commands
        self._on_partial = on_partial
        self._on_error = on_error
        self._scene: RecogniserStream
        self._free: FreeStream | None = None
        self._transcript = Transcript()
        self._fed = 0
        self._unexpected_at: int | None = None  # since when the scene does not expect what is said
        self._partials = False  # of the free reading
        self._finals = 0
        self._answered = (0, Hypothesis(""))  # the newest final that has its text
        self._ended = asyncio.Event()

    def attach(self, scene: RecogniserStream, free: FreeStream | None) -> None:
        """The streams to join, once, before the first sound; without `free` the scene's is alone."""
        self._scene, self._free = scene, free

    def feed(self, pcm: bytes) -> None:
        """Take sound."""
        if self._ended.is_set():
            return
        self._fed += len(pcm) // 2
        self._scene.feed(pcm)
        if self._free is not None:
            self._free.feed(pcm)
        since = self._unexpected_at
        if since is not None and self._fed - since >= UNEXPECTED_SAMPLES:
            self._make_partials(wanted=True)

    async def finalize(self) -> Hypothesis:
        """The text so far. Raises AdapterError if both recognisers fail."""
        self._finals += 1
        number = self._finals
        scene, free = await self._readings()
        if number > self._answered[0]:
            self._answered = (number, self._final(scene, free))
        return self._answered[1]

    def cancel(self) -> None:
        """End the stream."""
        self._ended.set()
        self._scene.cancel()
        if self._free is not None:
            self._free.cancel()

    # ---- partials --------------------------------------------------------------------------------

    def scene_partial(self, heard: Hypothesis) -> None:
        """The scene's recogniser has a partial."""
        if self._ended.is_set():
            return
        if not heard.text or is_expected(heard, self._commands):
            self._unexpected_at = None
        elif self._unexpected_at is None:
            self._unexpected_at = self._fed
        self._show(self._transcript.scene_partial(heard))

    def free_partial(self, heard: Hypothesis) -> None:
        """The free recogniser has a partial."""
        if self._partials and not self._ended.is_set():
            self._show(self._transcript.free_partial(heard))

    def _make_partials(self, *, wanted: bool) -> None:
        """Have partials of the free reading, or none."""
        if self._free is not None and wanted != self._partials:
            self._partials = wanted
            self._free.set_partials(wanted)

    def _show(self, heard: Hypothesis | None) -> None:
        if heard is not None:
            self._on_partial(heard)

    # ---- finals ----------------------------------------------------------------------------------

    async def _readings(self) -> tuple[Hypothesis, Hypothesis | None]:
        """The scene's reading, and the free one where the text is not what the scene expects."""
        scene, failed = await self._scene_reading()
        # A text that is final must not change in the silence after it.
        self._unexpected_at = None
        self._make_partials(wanted=False)
        if self._is_enough(scene):
            return scene, None
        if self._free is not None:
            await self._hesitation()
            if failed is None:
                # With the silence since then the scene's recogniser may be sure.
                scene, failed = await self._scene_reading()
                if self._is_enough(scene):
                    return scene, None
        try:
            free = await self._free_reading()
        except AdapterError as error:
            if failed is not None:
                raise
            self._on_error(error)
            return scene, None
        if failed is not None:
            self._on_error(failed)
        return scene, free

    async def _scene_reading(self) -> tuple[Hypothesis, AdapterError | None]:
        try:
            return await self._scene.finalize(), None
        except AdapterError as error:
            return Hypothesis("", confidence=0.0), error

    def _is_enough(self, scene: Hypothesis) -> bool:
        """Whether the scene's reading needs no free one."""
        return not self._transcript.is_settled and is_command(scene, self._commands)

    def _final(self, scene: Hypothesis, free: Hypothesis | None) -> Hypothesis:
        if free is None or likelier(free, scene, self._commands) is scene:
            return self._transcript.scene_final(scene)
        return self._transcript.free_final(free)

    async def _hesitation(self) -> None:
        """Wait whether the player speaks again; the end of the stream cancels."""
        finals = 0
        while finals != self._finals:  # a newer final begins the wait again
            finals = self._finals
            try:
                await asyncio.wait_for(self._ended.wait(), HESITATION_S)
            except TimeoutError:
                continue
            raise asyncio.CancelledError

    async def _free_reading(self) -> Hypothesis:
        if self._free is None:
            raise AdapterError("hear_failed", "only the scene is recognised", stage=Stage.HEAR)
        return await self._free.finalize()
