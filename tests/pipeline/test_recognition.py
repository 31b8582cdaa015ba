"""A turn recognised: streams started, finalized, ended and cancelled, and what their texts bring about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from frametalk.adapters.base import Bias, HeardWord, Hypothesis
from frametalk.config import FrametalkSettings
from frametalk.core.actions import CommitTurn, FinalizeRecognition, StartRecognition
from frametalk.core.commands import Commands
from frametalk.core.draft_budget import DraftBudget
from frametalk.core.events import BargeIn, Recognised
from frametalk.core.turn import TurnMachine
from frametalk.errors import AdapterError
from frametalk.errors import Stage as Where
from frametalk.pipeline.interpreter import Interpreter
from frametalk.pipeline.recognition import Recognition
from frametalk.pipeline.turn_states import TurnStates
from frametalk.wire.codec import Media, MediaKind
from frametalk.wire.messages import MicStart, Transcript, TurnStateChanged
from stages import RATE_HZ, Stage

pytestmark = pytest.mark.looptime

WINDOW = 512
DOOR = "open the door"


class Stream:
    """A recogniser's stream whose texts the test decides."""

    def __init__(self, on_partial: Callable[[Hypothesis], None]) -> None:
        self.partial = on_partial
        self.text: Hypothesis | AdapterError = Hypothesis(DOOR)
        self.seconds = 0.05
        self.cancelled = 0
        self.fed = 0

    def feed(self, pcm: bytes) -> None:
        self.fed += len(pcm) // 2

    async def finalize(self) -> Hypothesis:
        await asyncio.sleep(self.seconds)
        if isinstance(self.text, AdapterError):
            raise self.text
        return self.text

    def cancel(self) -> None:
        self.cancelled += 1


class Recogniser:
    """Opens such streams."""

    rate_hz = RATE_HZ

    def __init__(self) -> None:
        self.streams: list[Stream] = []

    def open(self, _bias: Bias, on_partial: Callable[[Hypothesis], None]) -> Stream:
        self.streams.append(Stream(on_partial))
        return self.streams[-1]


class Detector:
    """A turn detector that always says the same."""

    def __init__(self, probability: float) -> None:
        self.probability = probability

    async def end_probability(self, _samples: Any) -> float:
        await asyncio.sleep(0.02)
        return self.probability


class FailingDetector(Detector):
    """A turn detector that has too much to do."""

    async def end_probability(self, _samples: Any) -> float:
        raise AdapterError("hear_failed", "8 turns wait", stage=Where.HEAR)


class World:
    """The words of a scene with one command."""

    bias = Bias()
    commands = Commands([DOOR], [], [])

    def __init__(self) -> None:
        self.waits = True  # else its model takes too long
        self.learnt = asyncio.Event()
        self.learnt.set()

    def after_scene_model(self, call: Callable[[], None]) -> None:
        self.learn = call

    @property
    def has_scene_model(self) -> bool:
        return self.learnt.is_set()

    async def scene_model(self) -> None:
        if self.waits:
            await self.learnt.wait()


class Replies:
    """Says what the reply is saying."""

    text = ""

    def sounding(self, _reply: int | None) -> str:
        return self.text


class Player:
    """One player's recognition, with a microphone that is open and a turn that has started."""

    def __init__(
        self, settings: FrametalkSettings | None = None, detector: Detector | None = None
    ) -> None:
        self.stage = stage = Stage(settings)
        self.machine = TurnMachine()
        self.microphone = stage.microphone()
        self.endpoints = self.microphone._endpoints
        self.recogniser, self.replies = Recogniser(), Replies()
        self.world = World()
        self.budget = DraftBudget(3, 20)
        world: Any = self.world
        interpreter = Interpreter(
            stage.context, self.machine, world, self.replies, self.budget,  # type: ignore[arg-type]
            language="en", echo=False,
        )  # fmt: skip
        self.recognition = Recognition(
            stage.context,
            self.recogniser,  # type: ignore[arg-type]
            detector,  # type: ignore[arg-type]
            microphone=self.microphone,
            endpoints=self.endpoints,
            world=world,
            interpreter=interpreter,
            states=TurnStates(stage.context, self.machine, self.endpoints, gestures=True),
        )
        self.microphone.start(MicStart(stream=1, rate_hz=48_000))
        self.at = 0

    def speak(self, windows: int, *, over_reply: bool = False) -> Stream:
        """So much speech opens turn 1; returns its stream."""
        self._push(windows, 0.9)
        self.machine.turn, self.machine.over_reply = 1, over_reply
        self.recognition.start(StartRecognition(1, 0))
        return self.recogniser.streams[-1]

    def fall_silent(self, windows: int = 2) -> None:
        self._push(windows, 0.0)

    def _push(self, windows: int, probability: float) -> None:
        for _ in range(windows):
            self.endpoints.push(self.at, WINDOW, probability)
            self.at += WINDOW

    async def finalize(self, rev: int = 1) -> None:
        """Ask for the text of a revision and let it come."""
        self.recognition.finalize(FinalizeRecognition(1, rev, self.at))
        await asyncio.sleep(0.1)

    @property
    def recognised(self) -> list[Recognised]:
        """The texts that were given to the turn table."""
        return [event for event in self.stage.events if isinstance(event, Recognised)]

    @property
    def transcripts(self) -> list[tuple[str, bool]]:
        """What the client was shown, and whether it was final."""
        return [(item.text, item.final) for item in self.stage.of(Transcript)]


@pytest_asyncio.fixture
async def player() -> AsyncIterator[Player]:
    one = Player()
    yield one
    await one.stage.tasks.close()


async def test_a_turn_is_finalized_shown_and_committed(player: Player) -> None:
    player.speak(10)
    player.fall_silent()
    await player.finalize()
    assert player.recognised == [Recognised(1, 1, DOOR)]
    player.recognition.commit(CommitTurn(1, 1, DOOR))
    assert player.transcripts == [(DOOR, False), (DOOR, True)]
    assert player.stage.value("frametalk_step_seconds_sum", step="recognition") == pytest.approx(
        0.05, abs=0.01
    )
    assert {"recognition", "endpoint_wait"} <= set(player.recognition.spoken(1, 1).trace.instants)


async def test_the_stream_gets_the_sound_and_nothing_after_its_end(player: Player) -> None:
    stream = player.speak(10)
    frames = [Media(MediaKind.PCM16, 1, n, n * 960, bytes(2 * 960)) for n in range(20)]
    for frame in frames[:10]:
        player.microphone.feed(frame)
    fed = stream.fed
    assert fed > 0
    player.recognition.end()
    for frame in frames[10:]:
        player.microphone.feed(frame)
    assert (stream.fed, stream.cancelled) == (fed, 1)


async def test_an_ended_stream_still_gives_the_text_that_was_asked_for(player: Player) -> None:
    stream = player.speak(10)
    player.fall_silent()
    player.recognition.finalize(FinalizeRecognition(1, 1, player.at))
    player.recognition.end()
    assert stream.cancelled == 0
    await asyncio.sleep(0.1)
    assert (player.recognised, stream.cancelled) == ([Recognised(1, 1, DOOR)], 1)


async def test_speech_before_the_scene_is_learnt_is_read_again_with_its_words(
    player: Player,
) -> None:
    player.world.learnt.clear()
    early = player.speak(10)
    frames = [Media(MediaKind.PCM16, 1, n, n * 960, bytes(2 * 960)) for n in range(20)]
    for frame in frames[:10]:
        player.microphone.feed(frame)
    player.world.learn()
    again = player.recogniser.streams[-1]
    assert again is not early
    assert again.fed == early.fed > 0
    for frame in frames[10:]:
        player.microphone.feed(frame)
    assert (early.cancelled, again.fed > early.fed) == (1, True)
    again.partial(Hypothesis(DOOR))
    player.world.learnt.set()
    player.fall_silent()
    await player.finalize()
    assert player.recognised == [Recognised(1, 1, DOOR)]


async def test_a_text_that_is_asked_for_before_the_scene_is_learnt_is_read_with_its_words(
    player: Player,
) -> None:
    """The player's first words came late, all at once: a machine that was held up."""
    player.world.learnt.clear()
    early = player.speak(10)
    early.text = Hypothesis("in the regular")
    player.microphone.feed(Media(MediaKind.PCM16, 1, 0, 0, bytes(2 * 9_600)))
    player.fall_silent()
    await player.finalize()
    assert player.recognised == []
    player.world.learn()
    player.world.learnt.set()
    await asyncio.sleep(0.1)
    assert player.recogniser.streams[-1].fed == early.fed > 0
    assert player.recognised == [Recognised(1, 1, DOOR)]


async def test_what_is_final_when_the_scene_is_learnt_stays(player: Player) -> None:
    player.world.waits = False
    player.world.learnt.clear()
    player.speak(10)
    player.fall_silent()
    await player.finalize()
    player.world.learn()
    assert len(player.recogniser.streams) == 1


async def test_a_cancelled_recognition_stops_its_stream(player: Player) -> None:
    stream = player.speak(10)
    player.recognition.cancel()
    player.recognition.cancel()
    assert stream.cancelled == 1
    await player.finalize()
    assert player.recognised == [Recognised(1, 1, "")], "there is nothing to ask"


async def test_a_recogniser_that_fails_gives_an_empty_turn(player: Player) -> None:
    player.speak(10).text = AdapterError("asr_failed", "no memory", stage=Where.HEAR)
    player.fall_silent()
    await player.finalize()
    assert player.stage.error_codes == ["asr_failed"]
    assert [event.text for event in player.recognised] == [""]


async def test_partial_texts_are_shown_and_set_the_endpoint_delay(player: Player) -> None:
    stream = player.speak(10)
    stream.partial(Hypothesis(DOOR, stable=4))
    assert player.transcripts == [(DOOR, False)]
    player.fall_silent(7)
    assert not player.endpoints.in_turn, "a complete command ends soon"


async def test_a_partial_text_after_the_turns_end_is_ignored(player: Player) -> None:
    stream = player.speak(10)
    player.endpoints.force()
    stream.partial(Hypothesis("open"))
    assert player.transcripts == []


async def test_a_breath_after_a_complete_command_changes_nothing(player: Player) -> None:
    stream = player.speak(10)
    player.fall_silent()
    await player.finalize()
    stream.partial(Hypothesis("open the door and"))
    assert [event.text for event in player.recognised] == [DOOR]


async def test_a_word_that_comes_out_in_the_silence_corrects_the_text(player: Player) -> None:
    stream = player.speak(10)
    stream.text = Hypothesis("open the")
    player.fall_silent()
    await player.finalize()
    stream.partial(Hypothesis(DOOR))
    assert [event.text for event in player.recognised] == ["open the", DOOR]


async def test_an_incomplete_text_gets_a_nod_and_no_draft(player: Player) -> None:
    player.speak(10).text = Hypothesis("open the")
    player.fall_silent()
    await player.finalize()
    assert [event.may_draft for event in player.recognised] == [False]
    assert [state.gesture for state in player.stage.of(TurnStateChanged)] == ["nod"]


async def test_without_a_budget_no_draft_is_made(player: Player) -> None:
    for _ in range(3):
        player.budget.discard(1, 0.0)
    player.speak(10)
    player.fall_silent()
    await player.finalize()
    assert [event.may_draft for event in player.recognised] == [False]


async def test_words_over_a_reply_interrupt_when_two_texts_say_so(player: Player) -> None:
    stream = player.speak(20, over_reply=True)
    stream.partial(Hypothesis("stop that now"))
    assert player.stage.events.count(BargeIn(1)) == 0
    stream.partial(Hypothesis("stop that now"))
    assert player.stage.events[-1] == BargeIn(1)


async def test_a_backchannel_over_a_reply_is_not_a_turn_and_is_not_shown(player: Player) -> None:
    stream = player.speak(10, over_reply=True)
    stream.text = Hypothesis("okay")
    player.fall_silent()
    await player.finalize()
    assert [event.is_turn for event in player.recognised] == [False]
    assert player.transcripts == []


async def test_after_the_cut_words_over_a_reply_are_an_ordinary_turn(player: Player) -> None:
    stream = player.speak(10, over_reply=True)
    stream.text = Hypothesis("okay")
    player.machine.over_reply = False
    player.fall_silent()
    await player.finalize()
    assert [event.is_turn for event in player.recognised] == [True]
    assert player.transcripts == [("okay", False)]


async def test_words_lie_on_the_microphones_own_clock(player: Player) -> None:
    stream = player.speak(10)
    word = HeardWord("door", 5_120, 8_000, 1.7)
    stream.partial(Hypothesis("door", words=(word,)))
    (shown,) = player.stage.of(Transcript)[0].words
    assert (shown.at, shown.end, shown.confidence) == (3 * 5_120, 3 * 8_000, 1.0)


@pytest.mark.parametrize(
    ("probability", "delay_ms"),
    [(0.1, 1_400), (0.6, 1_049), (0.99, 640)],
)
async def test_a_turn_detector_sets_the_endpoint_delay_of_free_speech(
    probability: float, delay_ms: float
) -> None:
    player = Player(detector=Detector(probability))
    stream = player.speak(10)
    stream.text, stream.seconds = Hypothesis("The sky is blue."), 0.0
    player.fall_silent()
    await player.finalize()
    assert player.endpoints._endpointer.endpoint_delay_ms == 1_400, "it has not judged yet"
    await asyncio.sleep(0.1)
    assert player.endpoints._endpointer.endpoint_delay_ms == pytest.approx(delay_ms, abs=1)
    assert player.stage.value("frametalk_step_seconds_count", step="turn_detector") == 1
    await player.stage.tasks.close()


async def test_a_known_command_does_not_wait_for_the_turn_detector() -> None:
    player = Player(detector=Detector(0.1))
    player.speak(10)
    player.fall_silent()
    await player.finalize()
    await asyncio.sleep(0.2)
    assert player.endpoints._endpointer.endpoint_delay_ms == 192
    assert player.stage.value("frametalk_step_seconds_count", step="turn_detector") == 0
    await player.stage.tasks.close()


async def test_after_a_turn_detector_that_fails_the_words_alone_decide() -> None:
    player = Player(detector=FailingDetector(0.1))
    player.speak(10).text = Hypothesis("The sky is blue.")
    player.fall_silent()
    await player.finalize()
    await asyncio.sleep(0.2)
    assert player.endpoints._endpointer.endpoint_delay_ms == 640
    assert player.stage.error_codes == ["hear_failed"]
    await player.stage.tasks.close()
