"""What is kept of a session, as bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TypeVar

import msgspec

from frametalk import handshake, privacy
from frametalk.config import FrametalkSettings
from frametalk.context import SessionContext
from frametalk.conversation import Conversation
from frametalk.engines import Engines
from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.handover.conversation import KeptConversation
from frametalk.pipeline.world import KeptWorld
from frametalk.transports.opus_link import KeptOpus
from frametalk.transports.resumable import KeptLink
from frametalk.transports.unconfirmed import without_sdp
from frametalk.wire import messages as m

RESTARTED = "the server was restarted"


class KeptSession(msgspec.Struct, frozen=True, array_like=True):
    """A session without its scene. `digests` are those of its tokens, the newest last; no token is in it.

    `left_s`: how long the client's grant still lasts; None: no limit. `subject`: the player, as the
    client's token names them.
    """

    id: str
    hello: m.Hello
    welcome: m.Welcome
    digests: tuple[bytes, ...]
    link: KeptLink
    opus: KeptOpus | None
    talk: KeptConversation
    left_s: float | None = None
    subject: str = ""


class Kept(NamedTuple):
    """A session and its scene."""

    session: KeptSession
    world: KeptWorld


class _Owner(msgspec.Struct, frozen=True, array_like=True):
    """The first and the last of a kept session's fields."""

    id: str
    hello: msgspec.Raw
    welcome: msgspec.Raw
    digests: msgspec.Raw
    link: msgspec.Raw
    opus: msgspec.Raw
    talk: msgspec.Raw
    left_s: float | None = None
    subject: str = ""


def belongs_to(session: bytes, subject: str) -> bool:
    """Whether what was kept is a session of this player, or the one with this id."""
    try:
        owner = msgspec.msgpack.decode(session, type=_Owner)
    except msgspec.MsgspecError:
        return False
    return subject in {owner.subject, owner.id}


_encoder = msgspec.msgpack.Encoder()
_sessions = msgspec.msgpack.Decoder(KeptSession)
_worlds = msgspec.msgpack.Decoder(KeptWorld)


def encode(part: KeptSession | KeptWorld) -> bytes:
    """The bytes of one part."""
    return _encoder.encode(part)


def decode(session: bytes, world: bytes) -> Kept:
    """Both parts. Raises FrametalkError `resume_unknown` for what another version has written."""
    try:
        return Kept(_sessions.decode(session), _worlds.decode(world))
    except msgspec.MsgspecError as error:
        raise unusable(f"what was kept of the session cannot be read: {error}") from None


def unusable(text: str) -> FrametalkError:
    """The error for a session that this server cannot go on with."""
    return FrametalkError(
        "resume_unknown", text, stage=Stage.SESSION, remedy="go on with the session that begins now"
    )


def without_owner(kept: Kept) -> Kept:
    """The same for a recording: without the player's name, digests, passwords and addresses."""
    session, link = kept.session, kept.session.link
    log = replace(link.sent.log, entries=tuple(map(without_sdp, link.sent.log.entries)))
    link = replace(link, sent=replace(link.sent, log=log))
    return Kept(
        msgspec.structs.replace(session, subject="", digests=(), link=link),
        kept.world,
    )


def without_consent(kept: Kept) -> Kept:
    """The same, of which nothing is stored from now on."""
    session = kept.session
    consent = msgspec.structs.replace(session.welcome.consent, store=False, record=False)
    welcome = msgspec.structs.replace(session.welcome, consent=consent)
    return Kept(msgspec.structs.replace(session, welcome=welcome), kept.world)


# ---- for the session -----------------------------------------------------------------------------


_M = TypeVar("_M", m.Hello, m.Welcome)


def is_kept(welcome: m.Welcome) -> bool:
    """Whether a session with this welcome is kept: nothing of a child is."""
    return bool(welcome.resume) and not welcome.child


def without_secrets(message: _M) -> _M:
    """The message without its tokens and passwords."""
    if isinstance(message, m.Hello):
        return msgspec.structs.replace(message, token="", resume="", resume_from=None)
    return msgspec.structs.replace(message, resume="", ice_servers=())


def fitting(
    kept: KeptSession, settings: FrametalkSettings, engines: Engines
) -> tuple[handshake.Languages, m.Welcome]:
    """The languages of a session that goes on here, and its welcome, without a token.

    Raises FrametalkError for one that a server with these settings and engines would serve otherwise.
    """
    hello, welcome = kept.hello, kept.welcome
    languages = handshake.choose_languages(
        hello, settings, welcome.character, engines.tts, engines.asr
    )
    terms = privacy.terms(hello, settings.privacy, engines)
    rate_hz = engines.tts.rate_hz
    ours = handshake.welcome(
        hello, settings, kept.id, welcome.character, rate_hz, languages, terms=terms
    )
    if (ours.rate_hz, ours.features) != (welcome.rate_hz, welcome.features):
        raise unusable("the server was started again with other settings")
    return languages, msgspec.structs.replace(
        welcome, ice_servers=ours.ice_servers, consent=_both(welcome.consent, ours.consent)
    )


def _both(before: m.Consent, now: m.Consent) -> m.Consent:
    """What the session was allowed before, as far as this server's settings allow it."""
    return msgspec.structs.replace(
        before, store=before.store and now.store, record=before.record and now.record
    )


def say_what_is_lost(
    context: SessionContext, talk: Conversation, kept: KeptSession, at: m.ResumeFrom
) -> None:
    """The server was killed: what happened after the session was kept is lost. Tell the client."""
    talk.microphone.skip_to(at.mic_sample or 0)
    if at.reply is not None:
        reply = kept.talk.reply
        known = reply if reply is not None and reply.action.reply == at.reply else None
        talk.replies.restore_lost(at.reply, at.played, known)
    talk.act.cancel_all(RESTARTED)
    context.send(m.TurnStateChanged(state="idle", turn=talk.machine.turn))
    talk.world.resync(RESTARTED)
    context.report(
        FrametalkError(
            "restart_lost",
            "the server was killed; a turn or a reply that was under way is lost",
            stage=Stage.SESSION,
            fault=Fault.SERVER,
            remedy="say it again",
        )
    )
