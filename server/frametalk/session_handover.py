"""A session that outlives its server: what another one needs to go on, and going on from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from frametalk.core.events import SpeechLost
from frametalk.handover.conversation import hurry, is_settled, keep, restore
from frametalk.handover.session import Kept, KeptSession, fitting, is_kept, without_secrets
from frametalk.session_state import SessionState

SERVICE_RESTART = 1012
SETTLING_POLL_S = 0.02
# Without a connection nothing more is heard; a recogniser may still work on what was.
RECOGNISED_S = 1.0


def keep_session(state: SessionState, *, whole: bool = False) -> Kept | None:
    """What another server needs to go on; None for a session that cannot be resumed.

    `whole`: it stops now, and the sound of the reply under way is kept too.
    """
    talk, hello, welcome = state.conversation, state.hello, state.welcome
    if talk is None or hello is None or welcome is None or not is_kept(welcome):
        return None
    session = KeptSession(
        state.id,
        without_secrets(hello),
        without_secrets(welcome),
        state.tokens.digests(),
        state.link.kept(whole=whole),
        state.pcm_link.kept(),
        keep(talk, whole=whole),
        None if state.limit_s is None else state.limit_s - state.context.now(),
        state.subject,
    )
    return Kept(session, talk.world.kept())


async def hand_over_session(
    state: SessionState, limit_s: float, is_late: Callable[[], bool]
) -> Kept | None:
    """Stop for another server to go on: soon, but not in the middle of a turn unless it `is_late`.

    None for a session that cannot be resumed; it goes on.
    """
    talk = state.conversation
    if talk is None or keep_session(state) is None:
        return None
    boundary, now = state.context.boundary, state.context.now

    def stop_hearing() -> None:
        boundary.call("stop_hearing", lambda: state.context.emit(SpeechLost()))

    from_s = now()
    while not (is_settled(talk) or is_late() or now() >= from_s + limit_s):
        if state.link.waits and now() >= from_s + RECOGNISED_S:
            stop_hearing()
        boundary.call("hurry", lambda: hurry(talk))
        await asyncio.sleep(SETTLING_POLL_S)
    stop_hearing()
    boundary.stop("handed over")
    kept = keep_session(state, whole=True)
    await state.link.close(SERVICE_RESTART, "restart")
    return kept


def restore_session(state: SessionState, kept: Kept) -> None:
    """Go on from what another server has kept, without a connection.

    Raises FrametalkError where this server is too different.
    """
    session = kept.session
    languages, welcome = fitting(session, state.context.settings, state.engines)
    state.hello, state.subject = session.hello, session.subject
    state.open_record(welcome.consent)
    # Each connection's welcome gets a token of its own; this says only that there are some.
    state.welcome = msgspec.structs.replace(welcome, resume="issued")
    state.context.numbers.last = session.link.sent.seq
    state.keep_sent()
    state.link.restore(session.link)
    if session.opus is not None:
        state.pcm_link.restore(session.opus)
    state.open_upgrade(welcome)
    if state.upgrade is not None and session.talk.microphone is not None:
        state.upgrade.follow(session.talk.microphone.start)
    talk = state.converse(session.hello, welcome.character, languages, welcome.child)
    talk.world.restore(kept.world)
    restore(talk, session.talk)
    state.lost = None if session.talk.whole else session
    state.tokens.adopt(session.digests)
