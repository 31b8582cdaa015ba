"""Sessions that go on in another server: from outside, on virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from frametalk.adapters.llm.fixed import FixedMind
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.core.dialogue import CharacterSaid, PlayerSaid
from frametalk.errors import FrametalkError
from frametalk.handover.session import decode, encode
from frametalk.wire import messages as m
from frametalk.wire.codec import Media
from handover.restarting import Shelf, kill, next_server, stop
from home import Home, at_home, break_link
from player import DOOR, Player, engines

pytestmark = pytest.mark.looptime

TEXT = "Very well, friend. The door is open."
STORY = "Long ago a king lost his crown in the lake. " * 12
OPENS = {"name": "open", "args": {"target": "door"}}


async def enter(home: Home, **hello: Any) -> Player:
    player = home.connect()
    await player.enter(**{"features": ("resume",), **hello})
    return player


def counts(player: Player, **at: Any) -> dict[str, Any]:
    """The `resume_from` of a client that has handled everything."""
    seq = max(item.seq for item in player.of(m.ServerMessage | m.Error))  # type: ignore[arg-type]
    return {"received": seq, **at}


async def until_idle(player: Player) -> None:
    await player.until(m.TurnStateChanged, lambda item: item.state == "idle")


def history(player: Player, home: Home) -> list[str]:
    """Who said what, in the session that the player has now."""
    session = home.resumption.find(player.of(m.Welcome)[-1].resume)
    assert session.conversation is not None
    said = session.conversation.dialogue.history()
    return [entry.text for entry in said if isinstance(entry, PlayerSaid | CharacterSaid)]


# ---- a server that stops as it should ------------------------------------------------------------


async def test_a_session_goes_on_with_its_numbers_its_scene_and_its_history() -> None:
    shelf = Shelf()
    async with at_home() as first:
        player = await enter(first)
        player.link.send(m.Say(text="hello"))
        await until_idle(player)
        await player.sound(100, loud=False)
        await stop(player, shelf)
    async with next_server(shelf) as second:
        again = await second.resume(player, **counts(player))
        welcome = again.of(m.Welcome)[0]
        assert (welcome.resumed, welcome.session) == (True, player.of(m.Welcome)[0].session)
        assert (welcome.mic_sample, welcome.scene_rev) == (1_600, 1)
        assert history(again, second) == ["hello", TEXT]
        again.link.send(m.ScenePatch(base=1, rev=2, state={"door": {"open": True}}))
        again.link.send(m.Say(text="and now"))
        await until_idle(again)
        assert history(again, second) == ["hello", TEXT, "and now", TEXT]
        assert again.error_codes == []
        before = [item.seq for item in player.of(m.ServerMessage)]  # type: ignore[type-abstract]
        after = [item.seq for item in again.of(m.ServerMessage) if item.seq]  # type: ignore[type-abstract]
        assert after[0] == max(before) + 1
        assert again.of(m.ReplyBegin)[0].reply == 2


async def test_the_connection_ends_with_the_code_that_asks_for_another_one() -> None:
    shelf = Shelf()
    async with at_home() as first:
        player = await enter(first)
        await stop(player, shelf)
        await asyncio.sleep(0.1)
        closed = player.seen[-1]
        assert (closed.code, closed.reason) == (1012, "restart")


async def test_a_reply_goes_on_in_its_word_and_is_heard_whole() -> None:
    shelf = Shelf()
    async with at_home(engines(FixedMind(STORY))) as first:
        player = await enter(first)
        player.plays = False
        player.link.send(m.Say(text="tell me a story"))
        begin = await player.until(m.ReplyBegin)
        await asyncio.sleep(0.3)
        played = 5_000  # in the middle of a frame
        player.link.send(m.Played(reply=begin.reply, sample=played))
        await asyncio.sleep(0.1)
        stopping_s = asyncio.get_running_loop().time()
        await stop(player, shelf)
        assert asyncio.get_running_loop().time() - stopping_s < 2  # not as long as the story
        first_frames = player.of(Media)
    async with next_server(shelf, engines(FixedMind(STORY))) as second:
        again = await second.resume(
            player, **counts(player, reply=begin.reply, played=played + 1_000)
        )
        again.plays = True
        again.report(begin.reply)
        await until_idle(again)
        came = again.of(Media)
        assert came[0].sample <= played + 1_000 < came[0].sample + len(came[0].payload) // 2
        whole = {frame.sample: frame.payload for frame in [*first_frames, *came]}
        sound = np.frombuffer(b"".join(payload for _, payload in sorted(whole.items())), "<i2")
        assert len(sound) == again.of(m.ReplyEnd)[0].samples > 20 * begin.rate_hz
        assert not again.of(m.ReplyCut)
        assert [frame.seq for frame in came] == list(range(came[0].seq, came[0].seq + len(came)))
        assert history(again, second) == ["tell me a story", STORY.strip()]
        assert again.error_codes == []


async def test_a_player_who_lost_the_connection_while_speaking_does_not_keep_others_waiting() -> (
    None
):
    shelf = Shelf()
    async with at_home() as first:
        player = await enter(first)
        await player.sound(1_000, loud=True)
        await player.until(m.TurnStateChanged, lambda item: item.state == "hearing")
        break_link(player.link)
        stopping_s = asyncio.get_running_loop().time()
        await stop(player, shelf)
        assert asyncio.get_running_loop().time() - stopping_s < 2
    async with next_server(shelf) as second:
        again = await second.resume(player, **counts(player))
        assert again.of(m.Welcome)[0].resumed
        assert (await again.until(m.TurnStateChanged)).state == "idle"
        again.link.send(m.Say(text="hello"))
        await again.until(m.ReplyEnd)
        assert again.error_codes == []


async def test_a_reply_that_goes_on_can_be_interrupted() -> None:
    shelf = Shelf()
    async with at_home(engines(FixedMind(STORY))) as first:
        player = await enter(first)
        player.plays = False
        player.link.send(m.Say(text="tell me a story"))
        begin = await player.until(m.ReplyBegin)
        await asyncio.sleep(1)
        await stop(player, shelf)
    async with next_server(shelf, engines(FixedMind(STORY))) as second:
        again = await second.resume(player, **counts(player, reply=begin.reply, played=0))
        again.link.send(m.Played(reply=begin.reply, sample=3_000))
        await asyncio.sleep(1)
        again.link.send(m.Interrupt())
        cut = await again.until(m.ReplyCut)
        assert (cut.reply, cut.at) == (begin.reply, 3_000)
        await until_idle(again)


async def test_a_turn_that_is_being_heard_ends_first() -> None:
    shelf = Shelf()
    async with at_home() as first:
        player = await enter(first)
        await player.sound(400, loud=True)
        stopping = first.group.create_task(stop(player, shelf))
        await player.sound(700, loud=False)
        await player.until(m.Transcript, lambda item: item.final)
        await stopping
    async with next_server(shelf) as second:
        again = await second.resume(player, **counts(player))
        await asyncio.sleep(3)
        assert history(again, second)[0] == "open the door"


async def test_a_call_that_the_game_works_on_is_answered_to_the_next_server() -> None:
    shelf = Shelf()
    async with at_home(engines(FixedMind(TEXT, tool=OPENS))) as first:
        player = await enter(first)
        player.link.send(m.Say(text="open the door"))
        call = await player.until(m.ToolCall)
        player.link.send(m.ToolAck(call=call.call))
        await stop(player, shelf, within_s=0.3)
    async with next_server(shelf, engines(FixedMind(TEXT, tool=OPENS))) as second:
        again = await second.resume(player, **counts(player))
        again.link.send(m.ToolResult(call=call.call, ok=True))
        again.link.send(m.ToolResult(call=call.call, ok=True))  # it counts once
        await asyncio.sleep(1)
        assert again.of(m.ToolCall) == []
        assert again.error_codes == ["tool_twice"]


async def test_what_was_sent_in_the_last_moment_counts_once() -> None:
    shelf = Shelf()
    async with at_home() as first:
        player = await enter(first)
        await stop(player, shelf)
    async with next_server(shelf) as second:
        again = await second.resume(player, **counts(player, sent=3))
        assert again.of(m.Welcome)[0].received == 2  # the scene and the microphone: one comes again
        again.link.send(m.Say(text="hello"))
        await until_idle(again)
        assert history(again, second) == ["hello", TEXT]


async def test_the_game_that_stands_still_and_the_floor_that_it_has_stay_as_they_are() -> None:
    shelf = Shelf()
    async with at_home() as first:
        player = await enter(first, features=("resume", "floor"))
        player.link.send(m.FloorSet(mode="silence"))
        player.link.send(m.Pause(for_ms=60_000))
        await asyncio.sleep(0.1)
        await stop(player, shelf)
    async with next_server(shelf) as second:
        again = await second.resume(player, **counts(player))
        session = second.resumption.find(again.of(m.Welcome)[-1].resume)
        assert session.conversation is not None
        assert session.conversation.machine.floor == "silence"
        assert 59_000 < session.conversation.pause.left_ms <= 60_000


# ---- a server that is killed ---------------------------------------------------------------------


async def test_after_a_kill_the_conversation_goes_on_and_says_what_is_lost() -> None:
    shelf = Shelf()
    async with at_home(engines(FixedMind(STORY))) as first:
        player = await enter(first)
        player.plays = False
        player.link.send(m.Say(text="tell me a story"))
        begin = await player.until(m.ReplyBegin)
        await asyncio.sleep(0.5)
        kill(player, shelf)
    async with next_server(shelf) as second:
        played = begin.rate_hz // 4  # of which the server has not heard
        again = await second.resume(
            player, **counts(player, sent=40, mic_sample=0, reply=begin.reply, played=played)
        )
        cut = await again.until(m.ReplyCut)
        assert (cut.reply, cut.at, cut.reason) == (begin.reply, played, "failed")
        assert await again.until(m.SceneResync)
        again.link.send(m.Played(reply=begin.reply, sample=played + 500, done=True))
        await asyncio.sleep(0.1)
        assert again.error_codes == ["restart_lost"]
        said, heard = history(again, second)
        assert said == "tell me a story"
        assert STORY.startswith(heard)
        assert 0 < len(heard) < 20
        again.link.send(m.SceneSnapshot(rev=7, entities=(DOOR,)))
        again.link.send(m.Say(text="go on"))
        later = await again.until(m.ReplyBegin)
        assert later.reply > begin.reply
        await until_idle(again)
        assert again.error_codes == ["restart_lost"]


async def test_after_a_kill_a_call_is_cancelled_and_never_called_again() -> None:
    shelf = Shelf()
    async with at_home(engines(FixedMind(TEXT, tool=OPENS))) as first:
        player = await enter(first)
        player.link.send(m.Say(text="open the door"))
        call = await player.until(m.ToolCall)
        player.link.send(m.ToolAck(call=call.call))
        await asyncio.sleep(0.1)
        kill(player, shelf)
    async with next_server(shelf, engines(FixedMind(TEXT, tool=OPENS))) as second:
        again = await second.resume(player, **counts(player, sent=4))
        assert (await again.until(m.ToolCancel)).call == call.call
        again.link.send(m.ToolResult(call=call.call, ok=True))
        await asyncio.sleep(2)
        assert again.of(m.ToolCall) == []
        assert again.error_codes == ["restart_lost"]


async def test_after_a_kill_the_microphone_goes_on_where_it_is() -> None:
    shelf = Shelf()
    async with at_home() as first:
        player = await enter(first)
        await player.sound(200, loud=False)
        kill(player, shelf)
    async with next_server(shelf) as second:
        player.mic_sample += 32_000  # captured since, and gone
        again = await second.resume(player, **counts(player, sent=2, mic_sample=player.mic_sample))
        assert again.of(m.Welcome)[0].mic_sample == player.mic_sample
        await again.speak()
        await again.until(m.Transcript, lambda item: item.final)
        assert again.error_codes == ["restart_lost"]


async def test_after_a_kill_a_client_that_does_not_count_begins_anew() -> None:
    shelf = Shelf()
    async with at_home() as first:
        player = await enter(first)
        kill(player, shelf)
    async with next_server(shelf) as second:
        again = await second.resume(player)
        welcome = again.of(m.Welcome)[0]
        assert (welcome.resumed, welcome.not_resumed) == (False, "resume_lost")


# ---- what is kept --------------------------------------------------------------------------------


async def test_no_token_is_kept() -> None:
    settings = FrametalkSettings(server=ServerSettings(token="0perator"))  # noqa: S106  (a sample)
    async with at_home(settings=settings) as home:
        player = await enter(home, token="0perator")  # noqa: S106  (as above)
        assert player.session is not None
        kept = player.session.keep()
        assert kept is not None
        parts = encode(kept.session) + encode(kept.world)
        assert b"0perator" not in parts
        assert player.of(m.Welcome)[0].resume.encode() not in parts
        assert b"red door" in parts


async def test_nothing_of_a_child_or_of_a_session_without_resume_is_kept() -> None:
    async with at_home() as home:
        child = await enter(home, child=True)
        plain = home.connect()
        await plain.enter()
        for player in (child, plain):
            assert player.session is not None
            assert player.session.keep() is None
            assert await player.session.hand_over(1, lambda: False) is None


async def test_a_server_with_another_voice_begins_a_new_session() -> None:
    shelf = Shelf()
    async with at_home() as first:
        player = await enter(first)
        await stop(player, shelf)
    async with next_server(shelf, engines(rate_hz=16_000)) as second:
        welcome = (await second.resume(player, **counts(player))).of(m.Welcome)[0]
        assert (welcome.resumed, welcome.not_resumed) == (False, "resume_unknown")


def test_what_another_version_has_written_cannot_be_read() -> None:
    with pytest.raises(FrametalkError, match="cannot be read"):
        decode(b"\x93\x01\x02\x03", b"\x80")
