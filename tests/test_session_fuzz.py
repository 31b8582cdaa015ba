"""Players who do anything at any time: what must hold in every conversation, on virtual time.

Every answer calls a tool that changes the world, and many answers are begun before their turn is over:
what leaks out of one of those is a deed that nobody asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

import looptime
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from frametalk.adapters.base import MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.core.dialogue import CharacterSaid, Entry, PlayerSaid
from frametalk.core.turn_parts import State
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind
from player import DOOR, OPEN, REPLY_RATE_HZ, Player, engines, playing

MS_PER_CHAR = 20
STORY = "Once there was a door. It was red, and it would not open for anybody. Then you came."
TEXTS = ("hello", "", "open the door", "uh huh", "stop", "open the")
# Conversations at random, and with `pytest --whole-fuzz`; each part has others.
EXAMPLES, ALL_EXAMPLES = 400, 1_000
PARTS = 4
STEPS_OF_ONE = 15  # of a conversation on average; their lengths are drawn


class Busy(FixedMind):
    """Talks, opens the door, and talks on; looks at it first if it can."""

    async def think(self, request: MindRequest) -> Any:
        """Say, call, say."""
        if self._first_s:
            await asyncio.sleep(self._first_s)
        yield TextDelta(STORY)
        if request.step == 0:
            yield ToolRequest("look", {"target": "door"})
            yield ToolRequest("open", {"target": "door"})


OPERATIONS = st.one_of(
    st.tuples(st.just("speak"), st.integers(2, 40)),
    st.tuples(st.just("speak"), st.integers(2, 20)),
    st.tuples(st.just("silence"), st.integers(1, 60)),
    st.tuples(st.just("silence"), st.integers(2, 16)),
    st.tuples(st.just("say"), st.just(0)),
    st.tuples(st.just("interrupt"), st.integers(0, 3)),
    st.tuples(st.just("play"), st.integers(0, 3_000)),
    st.tuples(st.just("listen"), st.integers(1, 40)),
    st.tuples(st.just("tools"), st.integers(0, 5)),
    st.tuples(st.just("garbage"), st.integers(0, 9)),
    st.tuples(st.just("microphone"), st.integers(0, 2)),
    st.tuples(st.just("scene"), st.integers(0, 2)),
    st.tuples(st.just("hint"), st.integers(0, 2)),
    st.tuples(st.just("floor"), st.integers(0, 4)),
)


class Anybody:
    """Carries out operations on a player, and plays replies only as far as it is told to."""

    def __init__(self, player: Player) -> None:
        self.player = player
        player.plays = False
        self.played: dict[int, int] = {}
        self.steps = 0

    async def do(self, name: str, amount: int) -> None:
        """One operation."""
        self.steps += 1
        await getattr(self, f"_{name}")(amount)

    async def _speak(self, frames: int) -> None:
        await self.player.sound(frames * 20, loud=True)

    async def _silence(self, frames: int) -> None:
        await self.player.sound(frames * 20, loud=False)

    async def _listen(self, frames: int) -> None:
        """Speak over a reply that is being heard."""
        await self._play(100)
        await self._speak(frames)

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
            m.Hello(protocol=1),
            m.TurnHint(turn=10_000, hint="force"),
            m.Played(reply=1, sample=0),
            m.Played(reply=10_000, sample=0, done=True),
            m.ToolResult(call=1, ok=False, reason="too late"),
            m.Interrupt(reply=10_000),
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

    async def _hint(self, which: int) -> None:
        turn = max((item.turn for item in self.player.of(m.TurnStateChanged)), default=1)
        hint = ("force", "hold", "cancel")[which]
        self.player.link.send(m.TurnHint(turn=turn, hint=hint))
        await asyncio.sleep(0)

    async def _floor(self, which: int) -> None:
        mode = ("free", "hold", "silence", "script", "free")[which]
        self.player.link.send(m.FloorSet(mode=mode, until_ms=500 if which < 4 else None))
        await asyncio.sleep(0.6 if which == 4 else 0)

    async def _scene(self, rev: int) -> None:
        self.player.link.send(m.SceneSnapshot(rev=rev, entities=(DOOR,) if rev else ()))
        await asyncio.sleep(0)


LOOK = replace(OPEN, name="look", changes_world=False)
SEES_ALL = replace(DOOR, affordances=())


async def converse(
    operations: list[tuple[str, int]], finalize_ms: float = 0, first_token_ms: float = 0
) -> int:
    """Do everything, let the deadlines pass, look at what is left; the number of steps."""
    with_engines = engines(
        Busy(first_token_ms=first_token_ms), list(TEXTS), finalize_ms, ms_per_char=MS_PER_CHAR
    )
    async with playing(with_engines) as player:
        anybody = Anybody(player)
        await player.enter(SEES_ALL, tools=(OPEN, LOOK), features=("floor", "turn_hint"))
        for name, amount in operations:
            await anybody.do(name, amount)
        await anybody.do("floor", 4)
        await anybody.do("microphone", 1)
        for _ in range(3):
            await anybody.do("play", 3_000)
        await asyncio.sleep(7)
        check(player, anybody)
    return anybody.steps


ALWAYS = {"clock", "idle limit", "session limit"}  # tasks that last as long as the session


def check(player: Player, anybody: Anybody) -> None:
    """The promises."""
    session = player.session
    assert session is not None
    talk = session.conversation
    assert talk is not None
    assert talk.machine.state is State.IDLE, "the conversation comes to rest"
    assert talk.machine.draft is None
    assert talk.microphone._attached is None, "no recognition is left open"
    assert len(talk.act) == 0, "no tool is stuck"
    assert {task.get_name() for task in session._tasks._tasks} == ALWAYS, "no task is left"
    check_history(talk.dialogue.history(), anybody)
    check_replies(player)
    assert "session_failed" not in player.error_codes


def check_history(history: Sequence[Entry], anybody: Anybody) -> None:
    """What was heard, and said, once and in order."""
    heard = {entry.reply: entry.text for entry in history if isinstance(entry, CharacterSaid)}
    for reply, text in heard.items():
        assert f"{STORY} {STORY} ".startswith(text)
        clauses = text.count(".") + text.count(",") + 1
        most = anybody.played.get(reply, 0) * 1000 / REPLY_RATE_HZ / MS_PER_CHAR
        assert len(text) <= most + 2 * clauses, "history stays within what was heard"
    turns = [entry.turn for entry in history if isinstance(entry, PlayerSaid)]
    assert turns == sorted(set(turns)), "the player's words once, in order"


def check_replies(player: Player) -> None:
    """Each reply ends once, nothing follows a cut, and no deed comes of a draft."""
    cut = {item.reply for item in player.of(m.ReplyCut)}
    ended = {item.reply for item in player.of(m.ReplyEnd)}
    begun = {item.reply for item in player.of(m.ReplyBegin)}
    assert begun <= cut | ended, "each reply ends or is cut"
    for item in player.of(m.ReplyCut):
        after = player.seen[player.seen.index(item) :]
        late = [x for x in after if isinstance(x, m.ReplyMarks) and x.reply == item.reply]
        assert not late, "nothing of a reply follows its cut"
    begun = set()
    for item in player.seen:
        if isinstance(item, m.ReplyBegin):
            begun.add(item.reply)
        elif isinstance(item, m.ToolCall) and item.name == "open":
            assert item.reply in begun, "what changes the world belongs to a reply that was wanted"


def on_virtual_time(conversation: Coroutine[Any, Any, int]) -> int:
    """Run one conversation on a loop of its own."""
    loop = looptime.new_event_loop()
    try:
        steps: int = loop.run_until_complete(conversation)
        return steps
    finally:
        loop.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_every_conversation_keeps_the_promises(part: int, pytestconfig: pytest.Config) -> None:
    steps = 0
    examples = ALL_EXAMPLES if pytestconfig.getoption("whole_fuzz") else EXAMPLES
    examples //= PARTS

    @settings(
        max_examples=examples,
        derandomize=False,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        st.lists(OPERATIONS, min_size=10, max_size=40),
        st.sampled_from([0.0, 60.0, 400.0]),
        st.sampled_from([0.0, 100.0, 900.0]),
    )
    def converses(operations: list[tuple[str, int]], finalize_ms: float, token_ms: float) -> None:
        nonlocal steps
        steps += on_virtual_time(converse(operations, finalize_ms, token_ms))

    if settings().derandomize:
        converses = seed(part)(converses)  # each part has examples of its own
    converses()
    assert steps >= examples * STEPS_OF_ONE


# A pause inside the turn, the turn's end, a reply that is played, and a sign of listening over it.
RECORDED = [
    *[("speak", 2)] * 8,
    *[("silence", 2)] * 4,
    *[("speak", 2)] * 6,
    *[("silence", 2)] * 12,
    *[("play", 200)] * 4,
    *[("speak", 2)] * 6,
    *[("silence", 2)] * 4,
    ("tools", 2),
    *[("play", 200)] * 4,
]
INTERRUPTIONS: tuple[tuple[str, int], ...] = (
    ("say", 0),
    ("interrupt", 0),
    ("microphone", 1),
    ("microphone", 2),
    ("hint", 0),
    ("hint", 2),
    ("floor", 1),
    ("floor", 2),
    ("garbage", 9),
    ("scene", 0),
    ("silence", 120),
    ("speak", 30),
)


@pytest.mark.parametrize("interruption", INTERRUPTIONS, ids=lambda one: f"{one[0]}-{one[1]}")
def test_an_interruption_at_every_moment_of_a_turn(interruption: tuple[str, int]) -> None:
    for index in range(len(RECORDED)):
        operations = [*RECORDED[:index], interruption, *RECORDED[index:]]
        on_virtual_time(converse(operations, finalize_ms=60, first_token_ms=100))


async def leave_after(count: int) -> int:
    """Do so many steps, then break the connection; `playing` sees that no task is left."""
    with_engines = engines(Busy(first_token_ms=100), list(TEXTS), 60, ms_per_char=MS_PER_CHAR)
    async with playing(with_engines) as player:
        anybody = Anybody(player)
        await player.enter(SEES_ALL, tools=(OPEN, LOOK))
        for name, amount in RECORDED[:count]:
            await anybody.do(name, amount)
    return anybody.steps


def test_a_player_may_be_gone_at_every_moment_of_a_turn() -> None:
    for count in range(len(RECORDED)):
        assert on_virtual_time(leave_after(count)) == count
