"""The first two messages: what the client asks for (`hello`), and what it gets (`welcome`)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from frametalk import __version__
from frametalk.adapters.abilities import HearsLanguages, SpeaksLanguages
from frametalk.adapters.base import Recogniser, Voice
from frametalk.config import FrametalkSettings
from frametalk.errors import FrametalkError, Stage
from frametalk.languages import lookup, standard
from frametalk.pipeline.microphone import MIC_RATES_HZ
from frametalk.privacy import Terms, disclosure
from frametalk.tokens import Grant
from frametalk.transports import opus
from frametalk.transports.link import BadInput, Link
from frametalk.transports.webrtc.ice_servers import ice_servers
from frametalk.wire.codec import MAX_MESSAGE_BYTES, Media, UnknownMessage
from frametalk.wire.messages import (
    PROTOCOL_VERSION,
    AnyMessage,
    ClientInfo,
    Codec,
    Hello,
    Interruptible,
    Limits,
    Welcome,
)
from frametalk.wire.opus import RATE_HZ as OPUS_RATE_HZ

log = logging.getLogger(__name__)

PLAYED_EVERY_MS = 100
# Optional parts of the wire that are served, some only with a setting or a library.
FEATURES = frozenset({"floor", "opus", "resume", "turn_hint"})
RTC = "rtc"  # served if the extra `webrtc` is installed
ANY_NUMBER = 1_000_000  # more than a client can send
# Kinds of clients, which are the first words of `hello.client.engine`.
CLIENTS = frozenset({"godot", "unity", "csharp", "browser", "headless"})


async def wait_for_hello(link: Link, timeout_ms: float) -> Hello:
    """Receive the client's `hello`, which must be its first message. `timeout_ms` 0: it has any time.

    Raises FrametalkError `hello_missing` if it does not come in time or another message comes first,
    and LinkClosed if the client leaves.
    """
    try:
        async with asyncio.timeout(timeout_ms / 1000 or None):
            first = await link.receive()
    except TimeoutError:
        raise _refusal("hello_missing", f"no hello within {timeout_ms:.0f} ms") from None
    if isinstance(first, Hello):
        return first
    if isinstance(first, BadInput):
        first.error.fatal = True  # without a hello there is no session to go on with
        first.error.ref = first.ref
        raise first.error
    came = _type_of(first)
    error = _refusal("hello_missing", f"{came} came before hello", "send hello first")
    error.ref = came
    raise error


def check_protocol(hello: Hello) -> None:
    """Raise FrametalkError `protocol_version` for a version that is not served."""
    if hello.protocol != PROTOCOL_VERSION:
        raise _refusal(
            "protocol_version",
            f"protocol {hello.protocol} is not served",
            f"use protocol {PROTOCOL_VERSION}",
        )


def check_hello(
    hello: Hello, settings: FrametalkSettings, characters: tuple[str, ...], grant: Grant
) -> str:
    """Check a client's hello and return its character. Raises FrametalkError if it is refused."""
    missing = sorted(set(hello.required) - _served(settings))
    if missing:
        raise _refusal(
            "feature_unknown",
            f"required but not served: {', '.join(missing)}",
            "move it from `required` to `features` if the client works without it",
        )
    if hello.character and hello.character not in characters:
        raise _refusal(
            "character_unknown",
            f"there is no character {hello.character!r}",
            f"use one of: {', '.join(characters)}",
        )
    if grant.characters is not None:
        characters = tuple(name for name in characters if name in grant.characters)
        if not characters or (hello.character and hello.character not in characters):
            raise _refusal(
                "bad_token",
                f"the token does not allow the character {hello.character!r}",
                "list the character in the token's `characters`",
            )
    client = hello.client
    log.info("client %r, version %r, engine %r", client.name, client.version, client.engine)
    return hello.character or characters[0]


def granted(hello: Hello, grant: Grant) -> Hello:
    """The `hello` with what its token allows, and what the token says of the player."""
    scopes = hello.scopes
    if grant.scopes is not None:
        scopes = tuple(scope for scope in scopes if scope in grant.scopes)
    return msgspec.structs.replace(hello, scopes=scopes, child=hello.child or grant.child)


def client_kind(client: ClientInfo) -> str:
    """The kind of client, one of CLIENTS or `other`, for metrics."""
    kind = client.engine.partition(" ")[0].lower()
    return kind if kind in CLIENTS else "other"


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a session, as BCP 47 tags.

    `asked` is the client's, in the usual form. `voice` and `recogniser` are the engines' own tags, which
    may name another region, and for a recogniser without that language another language.
    """

    asked: str
    voice: str
    recogniser: str


def choose_languages(
    hello: Hello, settings: FrametalkSettings, character: str, voice: Voice, recogniser: Recogniser
) -> Languages:
    """The engines' languages for the one that the client asks for.

    Raises FrametalkError `language_unknown` if the voice does not have it. A recogniser that does not
    have it listens in its own: the player can still type.
    """
    name = settings.as_character(character).voice
    served = voice.languages(name) if isinstance(voice, SpeaksLanguages) else ()
    tag = hello.language or _usual(served)
    asked = standard(tag)
    spoken = lookup(tag, served) if served else asked
    if not asked or not spoken:
        raise _refusal(
            "language_unknown",
            f"the voice does not speak {tag!r}",
            f"use one of: {', '.join(served)}" if served else "send a BCP 47 tag, such as en-GB",
        )
    known = recogniser.languages if isinstance(recogniser, HearsLanguages) else ()
    heard = lookup(tag, known) if known else asked
    if heard is None:
        heard = known[0]
        log.warning("the recogniser does not know %s and listens for %s", asked, heard)
    return Languages(asked, spoken, heard)


def _usual(served: Sequence[str]) -> str:
    """The language for a client that asks for none: English if there is some, else the voice's first."""
    return served[0] if served and lookup("en", served) is None else "en"


def _served(settings: FrametalkSettings) -> frozenset[str]:
    missing = set() if settings.server.resume_ms else {"resume"}
    served = FEATURES - (missing if opus.available() else missing | {"opus"})
    return served | {RTC} if settings.webrtc.enabled else served


def features(hello: Hello, settings: FrametalkSettings) -> frozenset[str]:
    """The optional parts of the wire that this client asked for and gets."""
    return _served(settings).intersection(hello.features + hello.required)


def mic_codecs(hello: Hello, settings: FrametalkSettings) -> tuple[Codec, ...]:
    """The codecs that this client's microphone may use."""
    return ("pcm16", "opus") if "opus" in features(hello, settings) else ("pcm16",)


def speech_codec(hello: Hello, settings: FrametalkSettings) -> Codec:
    """The codec of replies: the client's first that this session has."""
    served = mic_codecs(hello, settings)
    return next((codec for codec in hello.speech_codecs if codec in served), "pcm16")


def max_tools(settings: FrametalkSettings) -> int:
    """How many tools a session may have."""
    return settings.server.max_tools or ANY_NUMBER


def max_entities(settings: FrametalkSettings) -> int:
    """How many entities a session's scene may have."""
    return settings.server.max_entities or ANY_NUMBER


def interruptible_by(hello: Hello, settings: FrametalkSettings, character: str) -> Interruptible:
    """What interrupts a reply: as the client asks, else as the character's settings say."""
    return hello.interruptible or settings.as_character(character).interruptible


def welcome(
    hello: Hello,
    settings: FrametalkSettings,
    session_id: str,
    character: str,
    rate_hz: int,
    languages: Languages,
    *,
    terms: Terms,
) -> Welcome:
    """The answer to an accepted hello. `rate_hz` is the voice's."""
    codec = speech_codec(hello, settings)
    granted = features(hello, settings)
    return Welcome(
        protocol=PROTOCOL_VERSION,
        session=session_id,
        character=character,
        language=languages.voice,
        mic_language=languages.recogniser,
        server=f"frametalk {__version__}",
        mic_rates_hz=MIC_RATES_HZ,
        mic_codecs=mic_codecs(hello, settings),
        rate_hz=OPUS_RATE_HZ if codec == "opus" else rate_hz,
        codec=codec,
        echo=hello.echo,
        interruptible=interruptible_by(hello, settings, character),
        disclosure=disclosure(settings.privacy, languages.asked),
        consent=terms.consent,
        child=terms.child,
        features=tuple(sorted(granted)),
        ice_servers=ice_servers(settings.webrtc, session_id, time.time()) if RTC in granted else (),
        limits=Limits(
            message_bytes=MAX_MESSAGE_BYTES,
            lead_ms=settings.reply.most_lead_ms,
            played_every_ms=PLAYED_EVERY_MS,
            mic_frame_ms=settings.server.mic_frame_ms,
            tools=max_tools(settings),
            entities=max_entities(settings),
            resume_ms=settings.server.resume_ms,
            pause_ms=settings.server.pause_ms,
        ),
    )


def _type_of(item: Media | AnyMessage | UnknownMessage) -> str:
    """The type of a message as it is on the wire."""
    if isinstance(item, Media):
        return "media"
    if isinstance(item, UnknownMessage):
        return item.type
    return str(item.__struct_config__.tag)


def _refusal(code: str, text: str, remedy: str = "") -> FrametalkError:
    error = FrametalkError(code, text, stage=Stage.SESSION, remedy=remedy, fatal=True)
    error.ref = "hello"
    return error
