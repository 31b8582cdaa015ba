"""Players who do anything at any time: what must hold in every conversation, on virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import looptime
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frametalk.adapters.base import MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.core.dialogue import CharacterSaid, PlayerSaid
from frametalk.core.turn import State
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from player import DOOR, REPLY_RATE_HZ, Player, engines, playing

MS_PER_CHAR = 20
STORY = "Once there was a door. It was red, and it would not open for anybody. Then you came."


class Busy(FixedMind):
    """Talks, opens the door, and talks on."""

    async def think(self, request: MindRequest) -> Any:
        """Say, call, say."""
        yield TextDelta(STORY)
        if request.step == 0:
            yield ToolRequest("open", {"target": "door"})


OPERATIONS = st.one_of(
    st.tuples(st.just("speak"), st.integers(2, 40)),
    st.tuples(st.just("silence"), st.integers(1, 60)),
    st.tuples(st.just("say"), st.just(0)),
    st.tuples(st.just("interrupt"), st.integers(0, 3)),
    st.tuples(st.just("play"), st.integers(0, 3_000)),
    st.tuples(st.just("tools"), st.integers(0, 5)),
    st.tuples(st.just("garbage"), st.integers(0, 5)),
    st.tuples(st.just("microphone"), st.integers(0, 2)),
    st.tuples(st.just("scene"), st.integers(0, 2)),
)


class Anybody:
    """Carries out operations on a player, and plays replies only as far as it is told to."""

    def __init__(self, player: Player) -> None:
        self.player = player
        player.plays = False
        self.played: dict[int, int] = {}

    async def do(self, name: str, amount: int) -> None:
        """One operation."""
        await getattr(self, f"_{name}")(amount)

    async def _speak(self, frames: int) -> None:
        await self.player.sound(frames * 20, loud=True)

    async def _silence(self, frames: int) -> None:
        await self.player.sound(frames * 20, loud=False)

    async def _say(self, _amount: int) -> None:
        self.player.link.send(m.Say(text="go on"))
        await asyncio.sleep(0.01)

    async def _interrupt(self, reply: int) -> None:
        self.player.link.send(m.Interrupt(reply=reply or None))
        await asyncio.sleep(0)

    async def _play(self, ms: int) -> None:
        """Hear the newest reply for a while, in steps of 100 ms, as far as its sound has come."""
        for _ in range(0, ms, 100):
            if not self.player.heard:
                return
            reply = max(self.player.heard)
            sample = min(self.player.heard[reply], self.played.get(reply, 0) + REPLY_RATE_HZ // 10)
            over = [end.samples for end in self.player.of(m.ReplyEnd) if end.reply == reply]
            self.played[reply] = sample
            self.player.link.send(m.Played(reply=reply, sample=sample, done=over == [sample]))
            await asyncio.sleep(0.1)

    async def _tools(self, how: int) -> None:
        for call in self.player.of(m.ToolCall):
            if how in {0, 1}:
                self.player.link.send(m.ToolAck(call=call.call, accepted=how == 0, reason="no"))
            if how in {2, 3}:
                self.player.link.send(m.ToolResult(call=call.call, ok=how == 2))
        await asyncio.sleep(0)

    async def _garbage(self, which: int) -> None:
        sent: list[Any] = [
            m.ToolResult(call=99, ok=True),
            m.Played(reply=1, sample=2**40),
            m.ScenePatch(base=77, rev=78),
            m.FloorSet(mode="silence"),
            m.Hello(protocol=1),
        ]
        if which < len(sent):
            self.player.link.send(sent[which])
        else:
            self.player.link.send_media(Media(MediaKind.PCM16, 1, 0, 2**50, b"\1\0" * 5))
        await asyncio.sleep(0)

    async def _microphone(self, which: int) -> None:
        if which:
            self.player.link.send(m.MicStop(stream=1, at=self.player.mic_sample))
        if which != 1:
            mode = "ptt" if which else "open"
            self.player.link.send(m.MicStart(stream=1, rate_hz=16_000, mode=mode))
            self.player.mic_sample = 0
        await asyncio.sleep(0)

    async def _scene(self, rev: int) -> None:
        self.player.link.send(m.SceneSnapshot(rev=rev, entities=(DOOR,) if rev else ()))
        await asyncio.sleep(0)


async def converse(operations: list[tuple[str, int]]) -> None:
    """Do everything, let the deadlines pass, and look at what is left."""
    with_engines = engines(Busy(), ["hello", "", "stop"], ms_per_char=MS_PER_CHAR)
    async with playing(with_engines) as player:
        anybody = Anybody(player)
        await player.enter()
        for name, amount in operations:
            await anybody.do(name, amount)
        await anybody.do("microphone", 1)
        for _ in range(3):
            await anybody.do("play", 3_000)
        await asyncio.sleep(7)
        check(player, anybody)


def check(player: Player, anybody: Anybody) -> None:
    """The promises."""
    session = player.session
    assert session.conversation.machine.state is State.IDLE, "the conversation comes to rest"
    assert len(session.conversation.act) == 0, "no tool is stuck"
    assert {task.get_name() for task in session._tasks._tasks} == {"clock"}, "no task is left"
    history = session.conversation.act._dialogue.history()
    heard = {entry.reply: entry.text for entry in history if isinstance(entry, CharacterSaid)}
    for reply, text in heard.items():
        assert f"{STORY} {STORY} ".startswith(text)
        clauses = text.count(".") + text.count(",") + 1
        most = anybody.played.get(reply, 0) * 1000 / REPLY_RATE_HZ / MS_PER_CHAR
        assert len(text) <= most + 2 * clauses, "history stays within what was heard"
    turns = [entry.turn for entry in history if isinstance(entry, PlayerSaid)]
    assert turns == sorted(set(turns)), "the player's words once, in order"
    cut = {item.reply for item in player.of(m.ReplyCut)}
    ended = {item.reply for item in player.of(m.ReplyEnd)}
    begun = {item.reply for item in player.of(m.ReplyBegin)}
    assert begun <= cut | ended, "each reply ends or is cut"
    assert "session_failed" not in player.error_codes
    for item in player.of(m.ReplyCut):
        after = player.seen[player.seen.index(item) :]
        late = [x for x in after if isinstance(x, m.ReplyMarks) and x.reply == item.reply]
        assert not late, "nothing of a reply follows its cut"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(OPERATIONS, max_size=14))
def test_every_conversation_keeps_the_promises(operations: list[tuple[str, int]]) -> None:
    loop = looptime.new_event_loop()
    try:
        loop.run_until_complete(converse(operations))
    finally:
        loop.close()
