"""Who goes on within the first 0.7 s of a reply's sound continues the turn: whole conversations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.base import Bias, HeardWord, Hypothesis, MindRequest
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings, TurnSettings
from frametalk.core.dialogue import CharacterSaid, PlayerSaid
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from player import FRAME, REPLY_RATE_HZ, Player, engines, playing

pytestmark = pytest.mark.looptime

SAYINGS = (
    "give me the iron key",
    "and the golden key please",
    "okay",
    "stop",
    "no door of the house was open",
    "door",
)
LOUDNESS = 2_000  # the loudness of a sound says which saying it is
REPLY = "At once, my friend, here is the key that you asked me for. " * 2


class ByLoudness(FixedRecogniser):
    """Recognises which saying a sound is by its loudness, and keeps its streams."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: list[LoudStream] = []

    def open(self, bias: Bias, on_partial: Callable[[Hypothesis], None]) -> Any:
        self.streams.append(LoudStream())
        return self.streams[-1]


class LoudStream:
    """The words of each sound lie within it."""

    def __init__(self) -> None:
        self.sound = np.empty(0, np.int16)

    def feed(self, pcm: bytes) -> None:
        self.sound = np.concatenate((self.sound, np.frombuffer(pcm, np.int16)))

    async def finalize(self) -> Hypothesis:
        words: list[HeardWord] = []
        for number, saying in enumerate(SAYINGS):
            peak = LOUDNESS * (number + 1)
            at = np.flatnonzero(np.abs(self.sound) == peak)
            if len(at):
                bounds = np.linspace(at[0], at[-1], len(saying.split()) + 1).astype(int)
                spoken = zip(saying.split(), bounds, bounds[1:], strict=False)
                words += [HeardWord(word, int(start), int(end)) for word, start, end in spoken]
        words.sort(key=lambda word: word.at)
        return Hypothesis(" ".join(word.text for word in words), words=tuple(words))

    def cancel(self) -> None:
        pass


class Listening(FixedMind):
    """Keeps what it was asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(REPLY, **options)
        self.requests: list[MindRequest] = []

    def think(self, request: MindRequest):  # type: ignore[no-untyped-def]
        self.requests.append(request)
        return super().think(request)


class Talker:
    """A player who says one of the sayings."""

    def __init__(self, player: Player, mind: Listening, recogniser: ByLoudness) -> None:
        self.player, self.mind, self.recogniser = player, mind, recogniser

    async def say(self, saying: str, ms: int = 800) -> None:
        """Say it, in real time."""
        peak = LOUDNESS * (SAYINGS.index(saying) + 1)
        payload = np.tile(np.array([peak, -peak], np.int16), FRAME // 2).tobytes()
        player = self.player
        for _ in range(ms // 20):
            seq = player.mic_sample // FRAME
            player.link.send_media(Media(MediaKind.PCM16, 1, seq, player.mic_sample, payload))
            player.mic_sample += FRAME
            await asyncio.sleep(0.02)

    async def wait(self, ms: int) -> None:
        """Say nothing."""
        await self.player.sound(ms, loud=False)

    async def hear(self, ms: int, reply: int = 1) -> None:
        """Report that so much of the reply was heard; the server sends more as it is reported."""
        for part_ms in range(100, ms + 1, 100):
            self.player.link.send(m.Played(reply=reply, sample=part_ms * REPLY_RATE_HZ // 1000))
            await asyncio.sleep(0)

    async def ask(self, heard_ms: int = 200) -> None:
        """Ask for the iron key and hear the beginning of the answer."""
        await self.say(SAYINGS[0])
        await self.wait(700)
        await self.player.until(m.ReplyBegin)
        await self.hear(heard_ms)

    @property
    def finals(self) -> list[tuple[int, int, str]]:
        """The final transcripts: turn, revision, text."""
        transcripts = self.player.of(m.Transcript)
        return [(item.turn, item.rev, item.text) for item in transcripts if item.final]

    @property
    def cuts(self) -> list[str]:
        """Why replies were cut."""
        return [cut.reason for cut in self.player.of(m.ReplyCut)]


@asynccontextmanager
async def talking(settings: TurnSettings | None = None, **mind: Any) -> AsyncIterator[Talker]:
    """A player and the character, without playback of its own accord."""
    listening, recogniser = Listening(**mind), ByLoudness()
    with_engines = replace(engines(listening), asr=recogniser)
    whole = FrametalkSettings(turns=settings or TurnSettings())
    async with playing(with_engines, whole) as player:
        await player.enter()
        player.plays = False
        yield Talker(player, listening, recogniser)
        assert player.error_codes == []


async def test_the_whole_text_is_answered_and_the_heard_words_are_known() -> None:
    async with talking() as talker:
        await talker.ask(heard_ms=600)
        await talker.say(SAYINGS[1])
        await talker.wait(700)
        await talker.player.until(m.ReplyBegin, lambda item: item.reply == 2)
        whole = f"{SAYINGS[0]} {SAYINGS[1]}"
        assert talker.cuts == ["continued"]
        assert talker.finals == [(1, 1, SAYINGS[0]), (1, 2, whole)]
        request = talker.mind.requests[-1]
        assert (request.turn, request.text) == (1, whole)
        assert request.history == (CharacterSaid(1, 1, "At once,", cut=True), PlayerSaid(1, whole))


async def test_the_words_lie_where_they_were_said_though_the_recogniser_heard_no_long_gap() -> None:
    async with talking() as talker:
        await talker.ask()
        await talker.wait(1_500)
        before = talker.player.mic_sample
        await talker.say(SAYINGS[1])
        await talker.wait(700)
        await talker.player.until(m.ReplyBegin, lambda item: item.reply == 2)
        words = [item for item in talker.player.of(m.Transcript) if item.final][-1].words
        added = [word for word in words if word.text in {"and", "golden"}]
        assert [word.text for word in added] == ["and", "golden"]
        assert abs(added[0].at - before) <= 32
        (stream,) = talker.recogniser.streams
        assert len(stream.sound) < talker.player.mic_sample - 3_200


async def test_a_backchannel_lets_the_reply_go_on_and_leaves_the_turn_as_it_is() -> None:
    async with talking() as talker:
        await talker.ask()
        await talker.say("okay", 300)
        await talker.wait(400)
        assert talker.cuts == []
        assert talker.finals == [(1, 1, SAYINGS[0])]
        assert [item.state for item in talker.player.of(m.TurnStateChanged)][-1] == "speaking"


async def test_stop_is_a_barge_in_with_a_turn_of_its_own() -> None:
    async with talking() as talker:
        await talker.ask()
        await talker.say("stop", 300)
        await talker.wait(700)
        await talker.player.until(m.ReplyBegin, lambda item: item.reply == 2)
        assert talker.cuts == ["interrupted"]
        assert talker.finals == [(1, 1, SAYINGS[0]), (2, 1, "stop")]
        said = [
            entry for entry in talker.mind.requests[-1].history if isinstance(entry, PlayerSaid)
        ]
        assert said == [PlayerSaid(1, SAYINGS[0]), PlayerSaid(2, "stop")]


async def test_a_long_sentence_that_begins_like_an_interruption_continues_the_turn() -> None:
    async with talking() as talker:
        await talker.ask()
        await talker.say(SAYINGS[4], 1_500)
        await talker.wait(700)
        await talker.player.until(m.ReplyBegin, lambda item: item.reply == 2)
        assert talker.cuts == ["continued"]


async def test_after_the_soft_start_speech_is_a_new_turn() -> None:
    async with talking() as talker:
        await talker.ask(heard_ms=900)
        await talker.say(SAYINGS[1])
        await talker.wait(700)
        await talker.player.until(m.ReplyBegin, lambda item: item.reply == 2)
        assert talker.cuts == ["interrupted"]
        assert talker.finals == [(1, 1, SAYINGS[0]), (2, 1, SAYINGS[1])]


async def test_soft_start_0_switches_it_off() -> None:
    async with talking(TurnSettings(soft_start_ms=0)) as talker:
        await talker.ask()
        await talker.say(SAYINGS[1])
        await talker.wait(700)
        await talker.player.until(m.ReplyBegin, lambda item: item.reply == 2)
        assert talker.cuts == ["interrupted"]


async def test_a_reply_that_was_long_in_coming_can_be_continued_over() -> None:
    async with talking(first_token_ms=4_000) as talker:
        await talker.say(SAYINGS[0])
        await talker.wait(4_500)
        await talker.player.until(m.ReplyBegin)
        await talker.hear(200)
        await talker.say(SAYINGS[1])
        await talker.wait(700)
        assert talker.cuts == ["continued"]
        assert talker.finals[-1] == (1, 2, f"{SAYINGS[0]} {SAYINGS[1]}")


async def test_what_the_cut_reply_has_done_is_not_done_again() -> None:
    tool = {"name": "open", "args": {"target": "door"}}
    async with talking(tool=tool) as talker:
        await talker.say(SAYINGS[0])
        await talker.wait(700)
        call = await talker.player.until(m.ToolCall)
        talker.player.link.send(m.ToolResult(call=call.call, ok=True))
        await talker.wait(100)
        await talker.hear(200)
        await talker.say(SAYINGS[1])
        await talker.wait(700)
        await talker.player.until(m.ReplyBegin, lambda item: item.reply == 2)
        assert talker.cuts == ["continued"]
        assert len(talker.player.of(m.ToolCall)) == 1
        assert [one.state for one in talker.mind.requests[-1].outcomes] == ["done"]
