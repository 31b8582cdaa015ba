"""Sessions whose connections break, and that go on over others: from outside, on virtual time."""

from __future__ import annotations

import asyncio
import tracemalloc
from typing import Any

import numpy as np
import pytest

from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.core.dialogue import CharacterSaid
from frametalk.transports.link import LinkClosed, WatchedLink
from frametalk.wire import messages as m
from frametalk.wire.codec import Media
from home import Home, at_home, break_link
from player import DOOR, Player, engines

pytestmark = pytest.mark.looptime

TEXT = "Very well, friend. The door is open."
OPENS = {"name": "open", "args": {"target": "door"}}
SECRET = "s3cret"  # noqa: S105  (a sample)
WINDOW_S = FrametalkSettings().server.resume_ms / 1000


async def enter(home: Home, **hello: Any) -> Player:
    """A player who has joined, with the feature `resume`, and whose token is proved."""
    player = home.connect()
    await player.enter(features=("resume",), **hello)
    return player


def numbers(player: Player) -> list[int]:
    """The `seq` of each numbered message that came."""
    return [item.seq for item in player.of(m.ServerMessage | m.Error) if item.seq]  # type: ignore[arg-type]


def seq_of(player: Player) -> int:
    """The newest of them."""
    return max(numbers(player))


async def until_idle(player: Player) -> None:
    await player.until(m.TurnStateChanged, lambda item: item.state == "idle")


# ---- nothing is lost -----------------------------------------------------------------------------


async def test_a_session_goes_on_and_the_welcome_says_what_has_arrived() -> None:
    async with at_home() as home:
        player = await enter(home)
        await player.sound(100, loud=False)
        welcome = player.of(m.Welcome)[0]
        assert (welcome.resumed, welcome.received, welcome.scene_rev) == (False, 0, None)
        assert welcome.limits.resume_ms == WINDOW_S * 1000
        break_link(player.link)
        again = (await home.resume(player, received=seq_of(player))).of(m.Welcome)[0]
        assert (again.resumed, again.not_resumed, again.seq) == (True, "", 0)
        assert (again.received, again.mic_sample, again.scene_rev) == (2, 1_600, 1)
        assert again.session == welcome.session
        assert again.resume not in {"", welcome.resume}


async def test_messages_that_were_not_handled_come_again_once_and_in_order() -> None:
    async with at_home() as home:
        player = await enter(home)
        handled = seq_of(player)
        break_link(player.link)
        lost = await home.resume(player, received=handled)
        lost.link.send(m.Say(text="hello"))
        await until_idle(lost)
        known = numbers(lost)
        assert known == list(range(handled + 1, handled + 1 + len(known)))
        break_link(lost.link)
        third = await home.resume(lost, received=handled + 2)
        await asyncio.sleep(0.1)
        assert numbers(third) == known[2:]


async def test_a_client_that_does_not_count_gets_all_that_it_did_not_acknowledge() -> None:
    async with at_home() as home:
        player = await enter(home)
        player.link.send(m.Say(text="hello"))
        await until_idle(player)
        player.link.send(m.Ack(acked=4))
        received = await player.until(m.Received)
        assert received.messages == 3 + len(player.of(Media)) + len(player.of(m.ReplyEnd))
        newest = seq_of(player)
        break_link(player.link)
        again = await home.resume(player)
        await asyncio.sleep(0.1)
        assert numbers(again) == list(range(5, newest + 1))


async def test_a_reply_goes_on_in_the_word_where_it_was() -> None:
    async with at_home() as home:
        player = await enter(home)
        player.plays = False
        player.link.send(m.Say(text="hello"))
        begin = await player.until(m.ReplyBegin)
        await asyncio.sleep(1)
        first = player.of(Media)
        played = 5_000  # in the middle of a frame
        player.link.send(m.Played(reply=begin.reply, sample=played))
        await asyncio.sleep(0.1)
        break_link(player.link)
        await asyncio.sleep(20)  # longer than a reply may stand without reports
        again = await home.resume(
            player, received=seq_of(player), reply=begin.reply, played=played + 1_000
        )
        again.plays = True
        again.report(begin.reply)
        await until_idle(again)
        came = again.of(Media)
        assert came[0].sample <= played + 1_000 < came[0].sample + len(came[0].payload) // 2
        assert next(f for f in first if f.sample == came[0].sample) == came[0]
        whole = {frame.sample: frame.payload for frame in [*first, *came]}
        sound = np.frombuffer(b"".join(payload for _, payload in sorted(whole.items())), "<i2")
        assert len(sound) == again.of(m.ReplyEnd)[0].samples
        assert not again.of(m.ReplyCut)
        talk = player.session.conversation  # type: ignore[union-attr]
        assert talk is not None
        said = [e for e in talk.dialogue.history() if isinstance(e, CharacterSaid)]
        assert [entry.text for entry in said] == [TEXT]


async def test_work_goes_on_while_there_is_no_connection_and_nothing_is_played() -> None:
    async with at_home(engines(FixedMind(TEXT, first_token_ms=3_000))) as home:
        player = await enter(home)
        player.link.send(m.Say(text="hello"))
        await asyncio.sleep(0.1)
        break_link(player.link)
        await asyncio.sleep(10)
        assert player.session is not None
        talk = player.session.conversation
        assert talk is not None
        assert talk.replies._replies[1].ledger.played == 0
        again = await home.resume(player, received=seq_of(player))
        assert await again.until(Media, within_s=0.1)
        await until_idle(again)


async def test_a_client_may_change_from_messagepack_to_json() -> None:
    async with at_home() as home:
        player = await enter(home)
        break_link(player.link)
        again = await home.resume(player, json=True, received=seq_of(player))
        again.link.send(m.Say(text="hello"))
        await until_idle(again)


# ---- tools and deadlines -------------------------------------------------------------------------


async def test_a_call_is_not_called_again_and_its_deadline_waits() -> None:
    async with at_home(engines(FixedMind(TEXT, tool=OPENS))) as home:
        player = await enter(home)
        player.link.send(m.Say(text="open the door"))
        call = await player.until(m.ToolCall)
        assert call.deadline_ms == 1_000
        await asyncio.sleep(0.5)
        break_link(player.link)
        await asyncio.sleep(30)
        again = await home.resume(player, received=seq_of(player))
        await asyncio.sleep(0.4)
        assert not again.of(m.ToolCall)
        assert not again.of(m.ToolCancel)
        again.link.send(m.ToolResult(call=call.call, ok=True))
        await until_idle(again)
        assert again.error_codes == []


async def test_what_is_left_of_a_deadline_passes_afterwards() -> None:
    async with at_home(engines(FixedMind(TEXT, tool=OPENS))) as home:
        player = await enter(home)
        player.link.send(m.Say(text="open the door"))
        await player.until(m.ToolCall)
        await asyncio.sleep(0.5)
        break_link(player.link)
        await asyncio.sleep(30)
        again = await home.resume(player, received=seq_of(player))
        await asyncio.sleep(0.6)
        assert again.of(m.ToolCancel)


async def test_a_turn_that_is_being_heard_waits_for_the_rest_of_its_sound() -> None:
    async with at_home() as home:
        player = await enter(home)
        await player.sound(400, loud=True)
        break_link(player.link)
        await asyncio.sleep(10)
        again = await home.resume(player, received=seq_of(player))
        assert again.of(m.Welcome)[0].mic_sample == 400 * 16
        await again.sound(400, loud=True)
        await again.sound(700, loud=False)
        transcript = await again.until(m.Transcript, lambda item: item.final)
        assert transcript.turn == 1
        assert again.error_codes == []


def falls_quiet(player: Player, quiet: bool = True) -> None:
    """Nothing comes over the player's connection any more, and it has not ended; or something does."""
    server_side(player).on_quiet(quiet)


def server_side(player: Player) -> WatchedLink:
    """The server's end of the player's connection."""
    assert player.session is not None
    link = player.session.state.link._link
    assert link is not None
    return link


async def test_a_turn_waits_while_nothing_comes_over_its_connection() -> None:
    async with at_home() as home:
        player = await enter(home)
        await player.sound(400, loud=True)
        await asyncio.sleep(2)  # as long as it takes to notice
        falls_quiet(player)
        await asyncio.sleep(25)
        assert not [item for item in player.of(m.Transcript) if item.final]
        falls_quiet(player, False)
        await player.sound(400, loud=True)
        await player.sound(700, loud=False)
        assert (await player.until(m.Transcript, lambda item: item.final)).turn == 1
        assert player.error_codes == []


async def test_a_reply_waits_while_nothing_comes_and_goes_on_over_another_connection() -> None:
    async with at_home() as home:
        player = await enter(home)
        player.plays = False
        player.link.send(m.Say(text="hello"))
        begin = await player.until(m.ReplyBegin)
        await asyncio.sleep(2)
        falls_quiet(player)
        before = server_side(player)
        await asyncio.sleep(25)
        assert not player.of(m.ReplyCut)
        again = await home.resume(player, received=seq_of(player), reply=begin.reply, played=0)
        again.plays = True
        again.report(begin.reply)
        await until_idle(again)
        assert not again.of(m.ReplyCut)
        before.on_quiet(True)  # of a connection that is not used any more
        assert not player.session.state.context.client_time.stands  # type: ignore[union-attr]


# ---- tokens --------------------------------------------------------------------------------------


async def test_a_token_that_no_session_has_begins_a_new_one() -> None:
    async with at_home() as home:
        player = await enter(home)
        stranger = await home.resume(player, token="x" * 22)
        welcome = stranger.of(m.Welcome)[0]
        assert (welcome.resumed, welcome.not_resumed) == (False, "resume_unknown")
        assert welcome.seq == 1
        error = await stranger.until(m.Error)
        assert (error.code, error.fatal, error.ref) == ("resume_unknown", False, "hello")
        stranger.link.send(m.Say(text="hello"))
        await until_idle(stranger)


async def test_a_token_is_good_until_the_next_one_has_come_for_certain() -> None:
    async with at_home() as home:
        player = await enter(home)
        token = player.of(m.Welcome)[0].resume
        for _ in range(3):  # its welcome is lost again and again
            break_link(home.players[-1].link)
            again = await home.resume(player, token=token, received=seq_of(player))
            assert again.of(m.Welcome)[0].resumed
        again.link.send(m.Focus(entity=DOOR.id))
        await asyncio.sleep(0)
        break_link(again.link)
        late = await home.resume(player, token=token)
        assert late.of(m.Welcome)[0].not_resumed == "resume_used"
        fresh = await home.resume(again)
        assert fresh.of(m.Welcome)[0].resumed


async def test_a_token_is_too_old_when_its_session_has_ended() -> None:
    async with at_home() as home:
        player = await enter(home)
        break_link(player.link)
        await asyncio.sleep(WINDOW_S - 1)
        again = await home.resume(player)
        assert again.of(m.Welcome)[0].resumed
        again.link.send(m.Focus(entity=DOOR.id))
        await asyncio.sleep(0)
        break_link(again.link)
        await asyncio.sleep(WINDOW_S + 1)
        late = await home.resume(again)
        assert late.of(m.Welcome)[0].not_resumed == "resume_expired"


async def test_of_two_clients_with_one_token_the_second_takes_the_session() -> None:
    async with at_home() as home:
        player = await enter(home)
        token = player.of(m.Welcome)[0].resume
        break_link(player.link)
        first = await home.resume(player, token=token)
        second = await home.resume(player, token=token)
        assert first.of(m.Welcome)[0].resumed
        assert second.of(m.Welcome)[0].resumed
        closed = await first.until(LinkClosed)
        assert (closed.code, closed.reason) == (1008, "session_taken")
        assert first.error_codes == ["session_taken"]
        second.link.send(m.Say(text="hello"))
        await until_idle(second)


async def test_a_connection_that_only_seems_to_be_open_is_taken_over_at_once() -> None:
    async with at_home() as home:
        player = await enter(home)
        began_s = asyncio.get_running_loop().time()
        again = await home.resume(player, received=seq_of(player))
        assert asyncio.get_running_loop().time() - began_s < 0.01
        assert (await player.until(LinkClosed)).reason == "session_taken"
        again.link.send(m.Say(text="hello"))
        await until_idle(again)


async def test_a_session_can_end_in_the_moment_in_which_it_is_taken_over() -> None:
    async with at_home() as home:
        player = await enter(home)
        assert player.session is not None
        player.session.state.link._interrupt()  # as for another connection
        await asyncio.sleep(0)
        await player.session.close(1001, "over")
        assert (await player.until(LinkClosed)).reason == "over"


async def test_the_servers_own_token_is_checked_each_time() -> None:
    settings = FrametalkSettings(server=ServerSettings(token=SECRET))
    async with at_home(settings=settings) as home:
        player = await enter(home, token=SECRET)
        break_link(player.link)
        thief = home.connect()
        thief.link.send(m.Hello(protocol=1, resume=player.of(m.Welcome)[0].resume))
        assert (await thief.until(m.Error)).code == "bad_token"
        assert (await home.resume(player)).of(m.Welcome)[0].resumed


async def test_tokens_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="frametalk")
    async with at_home() as home:
        player = await enter(home)
        break_link(player.link)
        again = await home.resume(player)
        tokens = [p.of(m.Welcome)[0].resume for p in (player, again)]
        await home.resume(again, token="y" * 22)
    assert all(token not in caplog.text for token in [*tokens, "y" * 22])
    assert "is resumed" in caplog.text


# ---- what cannot be resumed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "at",
    [
        {"received": 1_000},
        {"received": 3, "sent": 1},
        {"received": 3, "sent": 2, "mic_sample": 1_599},
    ],
    ids=["never sent", "less sent than arrived", "less heard than arrived"],
)
async def test_counts_that_cannot_be_begin_a_new_session_and_leave_the_other(at: Any) -> None:
    async with at_home() as home:
        player = await enter(home)
        await player.sound(100, loud=False)
        break_link(player.link)
        wrong = await home.resume(player, **at)
        assert wrong.of(m.Welcome)[0].not_resumed == "resume_counts"
        assert (await wrong.until(m.Error)).code == "resume_counts"
        right = await home.resume(player, received=seq_of(player), sent=2, mic_sample=1_600)
        assert right.of(m.Welcome)[0].resumed


async def test_more_played_than_was_sent_cannot_be() -> None:
    async with at_home() as home:
        player = await enter(home)
        player.plays = False
        player.link.send(m.Say(text="hello"))
        await player.until(Media)
        break_link(player.link)
        wrong = await home.resume(player, reply=1, played=100_000)
        assert wrong.of(m.Welcome)[0].not_resumed == "resume_counts"


async def test_a_confirmation_of_what_was_never_sent_is_refused() -> None:
    async with at_home() as home:
        player = await enter(home)
        player.link.send(m.Ack(acked=1_000))
        assert (await player.until(m.Error)).code == "ack_beyond"
        player.link.send(m.Ack(acked=1))
        assert await player.until(m.Received)


async def test_what_is_kept_is_bounded_and_a_client_that_lacks_more_begins_anew() -> None:
    async with at_home() as home:
        player = await enter(home)
        handled = seq_of(player)
        for rev in range(2, 2_000):
            player.link.send(m.SceneSnapshot(rev=rev, entities=()))
            await asyncio.sleep(0)
        await player.until(m.SceneAck, lambda item: item.rev == 1_999)
        assert player.session is not None
        kept = player.session.state.link._sent
        assert kept is not None
        assert 0 < kept.bytes <= 512 * 1024
        break_link(player.link)
        late = await home.resume(player, received=handled)
        assert late.of(m.Welcome)[0].not_resumed == "resume_lost"
        right = await home.resume(player, received=seq_of(player))
        assert right.of(m.Welcome)[0].resumed


async def ends(player: Player) -> bool:
    """Whether the session ends with its connection."""
    assert player.session is not None
    break_link(player.link)
    await asyncio.sleep(0.1)
    return not player.session.waits


async def test_the_memory_of_a_session_without_a_connection_is_bounded() -> None:
    story = "Long ago a king lost his crown in the lake behind the mill. " * 200  # twelve minutes
    tracemalloc.start()
    try:
        async with at_home(engines(FixedMind(story))) as home:
            player = await enter(home)
            player.plays = False
            await asyncio.sleep(1)
            before_bytes = tracemalloc.get_traced_memory()[0]
            player.link.send(m.Say(text="tell me a story"))
            await player.until(m.ReplyBegin)
            break_link(player.link)
            await asyncio.sleep(WINDOW_S - 1)
            grown_bytes = tracemalloc.get_traced_memory()[0] - before_bytes
            assert player.session is not None
            assert player.session.waits
            assert player.session.state.link._sent.bytes <= 512 * 1024  # type: ignore[union-attr]
            assert grown_bytes < 1024 * 1024
    finally:
        tracemalloc.stop()


async def test_a_session_without_the_feature_ends_with_its_connection() -> None:
    async with at_home() as home:
        player = home.connect()
        await player.enter()
        assert player.of(m.Welcome)[0].resume == ""
        assert await ends(player)


async def test_a_client_that_never_sent_anything_may_not_know_its_token() -> None:
    async with at_home() as home:
        player = home.connect()
        await player.hello(features=("resume",))
        assert not await ends(player)
        await asyncio.sleep(5)
        assert await ends(player)


async def test_a_session_that_ended_with_bye_cannot_be_resumed() -> None:
    async with at_home() as home:
        player = await enter(home)
        player.link.send(m.Bye())
        await player.until(LinkClosed)
        again = await home.resume(player)
        assert again.of(m.Welcome)[0].not_resumed == "resume_expired"


async def test_resuming_can_be_switched_off() -> None:
    settings = FrametalkSettings(server=ServerSettings(resume_ms=0))
    async with at_home(settings=settings) as home:
        player = await enter(home)
        welcome = player.of(m.Welcome)[0]
        assert (welcome.features, welcome.resume, welcome.limits.resume_ms) == ((), "", 0)
        assert await ends(player)
        demanding = home.connect()
        demanding.link.send(m.Hello(protocol=1, required=("resume",)))
        assert (await demanding.until(m.Error)).code == "feature_unknown"


async def test_a_full_server_has_room_for_one_that_resumes_only() -> None:
    async with at_home() as home:
        player = await enter(home)
        break_link(player.link)
        new = home.connect(full=True)
        new.link.send(m.Hello(protocol=1))
        closed = await new.until(LinkClosed)
        assert (new.error_codes, closed.code) == (["server_full"], 1013)
        again = home.connect(full=True)
        again.link.send(m.Hello(protocol=1, resume=player.of(m.Welcome)[0].resume))
        assert (await again.until(m.Welcome)).resumed


# ---- a game that stands still --------------------------------------------------------------------


async def test_a_reply_stands_while_the_game_does_and_goes_on_afterwards() -> None:
    async with at_home() as home:
        player = await enter(home)
        player.plays = False
        player.link.send(m.Say(text="hello"))
        await player.until(Media)
        player.link.send(m.Pause())
        await asyncio.sleep(300)
        assert not player.of(m.ReplyCut)
        player.link.send(m.Pause(paused=False))
        player.plays = True
        player.report(1)
        await until_idle(player)
        assert not player.of(m.ReplyCut)


async def test_a_pause_ends_after_its_time_and_no_later_than_the_server_allows() -> None:
    settings = FrametalkSettings(server=ServerSettings(pause_ms=20_000))
    async with at_home(settings=settings) as home:
        player = await enter(home)
        assert player.of(m.Welcome)[0].limits.pause_ms == 20_000
        player.plays = False
        for for_ms, stands_s in ((10_000, 10), (None, 20), (600_000, 20)):
            player.link.send(m.Say(text="hello"))
            await player.until(Media)
            count = len(player.of(m.ReplyCut))
            player.link.send(m.Pause(for_ms=for_ms))
            await asyncio.sleep(stands_s + 4)
            assert len(player.of(m.ReplyCut)) == count
            await asyncio.sleep(2)
            assert [cut.reason for cut in player.of(m.ReplyCut)[count:]] == ["failed"]


async def test_a_game_that_stands_is_kept_until_its_pause_is_over() -> None:
    async with at_home() as home:
        player = await enter(home)
        player.link.send(m.Pause(for_ms=300_000))
        await asyncio.sleep(10)
        break_link(player.link)
        await asyncio.sleep(250)
        again = await home.resume(player)
        assert again.of(m.Welcome)[0].resumed
        again.link.send(m.Pause(paused=False))
        await asyncio.sleep(0)
        break_link(again.link)
        await asyncio.sleep(WINDOW_S + 1)
        assert (await home.resume(again)).of(m.Welcome)[0].not_resumed == "resume_expired"


async def test_a_pause_can_be_switched_off() -> None:
    settings = FrametalkSettings(server=ServerSettings(pause_ms=0))
    async with at_home(settings=settings) as home:
        player = await enter(home)
        player.plays = False
        player.link.send(m.Say(text="hello"))
        await player.until(Media)
        player.link.send(m.Pause())
        await asyncio.sleep(6)
        assert player.of(m.ReplyCut)
