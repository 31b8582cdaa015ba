"""Two scripted recognisers on one stream: whose text comes, when, and what work is done for it."""

from __future__ import annotations

import asyncio

import pytest

from frametalk.adapters.asr.joined.stream import (
    HESITATION_S,
    UNEXPECTED_SAMPLES,
    JoinedStream,
)
from frametalk.adapters.base import Hypothesis
from frametalk.core.commands import Commands
from frametalk.errors import AdapterError, Stage

pytestmark = pytest.mark.looptime

COMMANDS = Commands(("open the {thing}",), ("open",), ("red door", "chest"))
SURE = Hypothesis("open the chest", confidence=0.9)
UNSURE = Hypothesis("the chest the door red", confidence=0.1)
STORY = Hypothesis("Once upon a time.")
LOST = AdapterError("worker_lost", "it died", stage=Stage.HEAR)
FREE_S = 0.5


class Scripted:
    """A stream whose final the test decides; shows what is done with it."""

    def __init__(self, final: Hypothesis | AdapterError, seconds: float) -> None:
        self.final = final
        self.seconds = seconds
        self.done: list[str] = []
        self.fed = 0

    def feed(self, pcm: bytes) -> None:
        self.fed += len(pcm) // 2

    async def finalize(self) -> Hypothesis:
        self.done.append("finalize")
        await asyncio.sleep(self.seconds)
        if isinstance(self.final, AdapterError):
            raise self.final
        return self.final

    def set_partials(self, partials: bool) -> None:
        self.done.append("partials" if partials else "no partials")

    def cancel(self) -> None:
        self.done.append("cancel")


class Joined:
    """A joined stream of two scripted ones, its partials, and the errors that it reports."""

    def __init__(
        self, scene: Hypothesis | AdapterError, free: Hypothesis | AdapterError | None = STORY
    ) -> None:
        self.scene = Scripted(scene, 0.01)
        self.free = None if free is None else Scripted(free, FREE_S)
        self.partials: list[str] = []
        self.errors: list[AdapterError] = []
        self.stream = JoinedStream(
            COMMANDS, lambda heard: self.partials.append(heard.text), self.errors.append
        )
        self.stream.attach(self.scene, self.free)

    @property
    def free_work(self) -> list[str]:
        assert self.free is not None
        return self.free.done

    async def final(self) -> tuple[str, float]:
        """The final text and the seconds until it came."""
        clock = asyncio.get_running_loop().time
        began = clock()
        return (await self.stream.finalize()).text, pytest.approx(clock() - began, abs=1e-3)


async def test_a_sure_command_is_final_at_once_and_the_free_recogniser_does_nothing() -> None:
    joined = Joined(SURE)
    joined.stream.feed(bytes(6_400))
    assert await joined.final() == ("open the chest", 0.01)
    assert joined.free_work == []


async def test_unexpected_speech_is_read_by_the_free_recogniser() -> None:
    joined = Joined(UNSURE)
    joined.stream.feed(bytes(6_400))
    assert await joined.final() == ("Once upon a time.", 0.01 + HESITATION_S + 0.01 + FREE_S)
    assert joined.free_work == ["finalize"]
    assert joined.free is not None
    assert joined.free.fed == joined.scene.fed == 3_200


async def test_a_command_that_becomes_sure_in_the_silence_needs_no_free_reading() -> None:
    joined = Joined(UNSURE)
    final = asyncio.create_task(joined.final(), name="final")  # noqa: TID251
    await asyncio.sleep(HESITATION_S / 2)
    joined.scene.final = SURE
    assert await final == ("open the chest", 0.01 + HESITATION_S + 0.01)
    assert joined.free_work == []


async def test_partials_of_the_scene_come_until_the_free_reading_has_words() -> None:
    joined = Joined(UNSURE)
    joined.stream.scene_partial(Hypothesis("open the", confidence=0.9))
    joined.stream.feed(bytes(4 * UNEXPECTED_SAMPLES))
    assert joined.free_work == [], "the beginning of a command is expected, however slowly said"
    joined.stream.scene_partial(UNSURE)
    joined.stream.feed(bytes(2 * UNEXPECTED_SAMPLES - 2))
    assert joined.free_work == []
    joined.stream.feed(bytes(2))
    assert joined.free_work == ["partials"]
    joined.stream.scene_partial(Hypothesis("the chest red", confidence=0.1))
    joined.stream.free_partial(Hypothesis("Once"))
    joined.stream.scene_partial(UNSURE)
    joined.stream.free_partial(Hypothesis("Once upon"))
    assert joined.partials == ["open the", UNSURE.text, "the chest red", "Once", "Once upon"]
    await joined.stream.finalize()
    assert joined.free_work == ["partials", "no partials", "finalize"]
    joined.stream.free_partial(Hypothesis("Once upon a time. Thank you."))
    joined.stream.scene_partial(SURE)
    assert joined.partials[-1] == "Once upon", (
        "a final text does not change in the silence after it"
    )


async def test_a_command_after_a_hesitation_is_still_a_command() -> None:
    joined = Joined(UNSURE, Hypothesis("Um."))
    assert (await joined.final())[0] == "Um."
    joined.scene.final = SURE
    assert await joined.final() == ("open the chest", 0.01)


async def test_what_is_settled_stays_when_a_command_follows() -> None:
    joined = Joined(UNSURE, Hypothesis("Once upon a time", stable=4))
    await joined.stream.finalize()
    joined.scene.final = SURE
    assert (await joined.final())[0] == "Once upon a time"
    assert joined.free_work == ["finalize", "finalize"]


async def test_finals_in_a_row_wait_for_the_last_and_agree() -> None:
    joined = Joined(UNSURE)
    first = asyncio.create_task(joined.final(), name="first")  # noqa: TID251
    await asyncio.sleep(HESITATION_S / 2)
    second = asyncio.create_task(joined.final(), name="second")  # noqa: TID251
    await asyncio.sleep(HESITATION_S)
    assert joined.free_work == []
    assert {(await first)[0], (await second)[0]} == {"Once upon a time."}


async def test_an_older_final_does_not_replace_a_newer_text() -> None:
    joined = Joined(UNSURE)
    old = asyncio.create_task(joined.final(), name="old")  # noqa: TID251
    await asyncio.sleep(HESITATION_S * 2)
    joined.scene.final = SURE
    assert await joined.final() == ("open the chest", 0.01)
    assert (await old)[0] == "open the chest"
    joined.stream.scene_partial(Hypothesis("open the chest and"))
    assert joined.partials == ["open the chest and"]


@pytest.mark.parametrize("wait_s", [0, HESITATION_S / 2])
async def test_cancel_ends_a_final_that_waits(wait_s: float) -> None:
    joined = Joined(UNSURE)
    final = asyncio.create_task(joined.final(), name="final")  # noqa: TID251
    await asyncio.sleep(0.01 + wait_s)
    joined.stream.cancel()
    await asyncio.wait([final])
    assert final.cancelled()
    joined.stream.scene_partial(SURE)
    joined.stream.free_partial(STORY)
    joined.stream.feed(bytes(640))
    assert (joined.partials, joined.scene.fed) == ([], 0)
    assert joined.scene.done[-1] == joined.free_work[-1] == "cancel"


async def test_one_recogniser_goes_on_when_the_other_fails() -> None:
    without_free = Joined(UNSURE, LOST)
    assert (await without_free.final())[0] == UNSURE.text
    without_scene = Joined(LOST)
    assert (await without_scene.final())[0] == "Once upon a time."
    assert without_free.errors == without_scene.errors == [LOST]
    with pytest.raises(AdapterError, match="it died"):
        await Joined(LOST, LOST).stream.finalize()


async def test_without_a_free_recogniser_the_scenes_texts_come() -> None:
    joined = Joined(UNSURE, None)
    joined.stream.scene_partial(UNSURE)
    joined.stream.feed(bytes(4 * UNEXPECTED_SAMPLES))
    assert await joined.final() == (UNSURE.text, 0.01)
    assert joined.partials == [UNSURE.text]
    joined.stream.cancel()


async def test_settled_words_stay_when_the_free_recogniser_fails_later() -> None:
    joined = Joined(UNSURE, Hypothesis("Once upon", stable=4))
    await joined.stream.finalize()
    assert joined.free is not None
    joined.free.final = LOST
    assert (await joined.final())[0] == "Once upon"
