"""The settings tree: defaults, then a TOML file, then the environment, then flags.

All settings stand in one file, because docs/settings.md is made from it.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from frametalk.core.caps import Amounts, Limits
from frametalk.core.modes import Interruptible
from frametalk.core.objective import MEASURES, Measure
from frametalk.errors import ConfigError

ENVIRONMENT_PREFIX = "FRAMETALK_"

Port = Annotated[int, Meta(ge=0, le=65_535)]
Positive = Annotated[int, Meta(ge=1, le=1_000_000)]
MIN_PAGE_TOKEN = 16
_WEBSOCKET = re.compile(r"wss?://[^\s/?#@]+(/[^\s#@]{0,2000})?")
Quota = Annotated[int, Meta(ge=0, le=1_000_000)]
Ms = Annotated[float, Meta(ge=0, le=600_000)]
PositiveMs = Annotated[float, Meta(ge=1, le=600_000)]  # of a limit that is always on
PingMs = Annotated[float, Meta(ge=100, le=60_000)]
Amount = Annotated[float, Meta(ge=0, le=1e12)]
Probability = Annotated[float, Meta(ge=0, le=1)]
CharacterName = Annotated[str, Meta(min_length=1, max_length=64)]


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Base of every branch of the tree: frozen, refuses unknown keys."""


def check_successor(url: str, *, encrypted: bool) -> None:
    """Raise ValueError for an address that clients would refuse. An empty one is allowed."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        # Without a port, clients take different ones for ws://.
        has_port = bool(parts.port) or (parts.scheme == "wss" and parts.port is None)
    except ValueError:
        has_port = False
    if not has_port or not _WEBSOCKET.fullmatch(url):
        raise ValueError(f"successor_url is {url!r}; write ws://HOST:PORT or wss://HOST")
    if encrypted and url.startswith("ws://"):
        raise ValueError(
            "successor_url is ws://, and clients do not leave wss:// for it; use wss://"
        )


class ServerSettings(Settings, kw_only=True, frozen=True):
    """Where the server listens and whom it admits."""

    host: str = "127.0.0.1"  # address to listen on; 0.0.0.0: every IPv4 address of the machine
    port: Port = 8765  # port to listen on; 0: any free port
    max_sessions: Positive = 200  # sessions at once; further clients are refused
    insecure: bool = False  # listen beyond this machine without a token, a key or a certificate
    token: str = ""  # token that clients must send in `hello`; empty: none is needed
    debug_token: str = ""  # token of the page /debug, at least 16 characters; empty: no such page
    metrics_token: str = ""  # the same for /metrics and all of /healthz; empty: this machine only
    token_secret: str = ""  # key of signed tokens (JWT, HS256), at least 32 bytes
    token_public_key: str = ""  # the same for EdDSA: PEM file of an Ed25519 public key
    audience: str = "frametalk"  # what signed tokens must name as `aud`
    bad_tokens_per_minute: Quota = 20  # of an address; 0: any
    handshakes_per_minute: Quota = 300  # connections of an address; 0: any; see docs/security.md
    sessions_per_address: Quota = 50  # at once; 0: any; 127.0.0.1 and ::1 are exempt from both
    sessions_per_subject: Quota = 4  # sessions of a player (a signed token's `sub`) at once; 0: any
    max_loop_lag_ms: Ms = 250  # while the event loop stays later, no session begins; 0: any lag
    max_engine_wait_ms: Ms = 3_000  # the same while recogniser or voice mostly take longer; 0: any
    messages_per_second: Quota = 500  # of a session, and as many frames of sound; 0: any
    kb_per_second: Quota = 1_000  # of a session's messages, and as much sound; 0: any
    scene_changes_per_second: Quota = 120  # scene messages of a session; 0: any
    mic_speed: Annotated[float, Meta(ge=0, le=1_000)] = 4  # at most so many times real time; 0: any
    mic_frame_ms: Literal[20, 40] = 20  # clients send frames of this length; 40: later, but cheaper
    max_entities: Quota = 512  # things in a session's scene; 0: any number
    max_tools: Quota = 64  # tools of a session; 0: any number
    history_kb: Quota = 1_000  # kept of a conversation, and of its scene's events; 0: any
    max_session_minutes: Quota = 720  # a session ends after this time; 0: never
    idle_minutes: Quota = 60  # a session in which nothing happens ends after this time; 0: never
    max_waiting: Quota = 100  # connections without a `hello`; beyond, the oldest is closed; 0: any
    hello_timeout_ms: Ms = 3_000  # a connection without a `hello` is closed after it; 0: never
    drain_ms: Ms = 20_000  # time that sessions have to finish when the server stops
    stalled_ms: PositiveMs = 5_000  # a client that does not read for this long is disconnected
    ping_every_ms: PingMs = 1_000  # between WebSocket pings; deadlines wait when two bring nothing
    ping_timeout_ms: Ms = 30_000  # the same for one that answers no WebSocket ping; 0: never
    resume_ms: Ms = 60_000  # a session whose connection broke waits so long to be resumed; 0: none
    handover_file: str = ""  # file that keeps sessions while the server restarts; empty: none is
    successor_url: str = ""  # where clients connect next when this server stops; empty: here again
    pause_ms: Ms = 600_000  # the longest time that a game may stand still; 0: it may not
    pages: str = ""  # folder with an index.html to serve on the same port
    origins: tuple[str, ...] = ()  # other web pages that may connect: "https://game.example"
    tls_certificate: str = ""  # PEM file; with it: wss and https instead of ws and http
    tls_key: str = ""  # PEM file with the certificate's private key

    def __post_init__(self) -> None:
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("tls_certificate and tls_key must be set together")
        for name in ("debug_token", "metrics_token"):
            if 0 < len(getattr(self, name)) < MIN_PAGE_TOKEN:
                raise ValueError(f"{name} needs at least {MIN_PAGE_TOKEN} characters")
        check_successor(self.successor_url, encrypted=bool(self.tls_certificate))


class WebRtcSettings(Settings, kw_only=True, frozen=True):
    """Peer connections, for clients on networks that lose packets; needs the extra `webrtc`."""

    enabled: bool = True  # offer them to clients
    addresses: tuple[str, ...] = ()  # of this machine, for media; empty: as server.host says
    ice_servers: tuple[str, ...] = ()  # for clients: "stun:HOST:PORT", "turn:HOST:PORT"
    turn_secret: str = ""  # as coturn's static-auth-secret: makes short-lived passwords of it
    turn_credential_s: Positive = 3_600  # so long such a password holds

    def __post_init__(self) -> None:
        for url in self.ice_servers:
            if not url.startswith(("stun:", "stuns:", "turn:", "turns:")):
                raise ValueError(f"ice_servers has {url!r}, which is neither stun: nor turn:")


class AdapterSettings(Settings, kw_only=True, frozen=True):
    """The engine and its own options, which the engine checks."""

    adapter: str  # name of an installed adapter; `frametalk doctor` lists them
    options: dict[str, Any] = {}  # options of the adapter; see docs/engines.md


class VoiceSettings(AdapterSettings, kw_only=True, frozen=True):
    """The voice engine and its own options, which the engine checks."""

    adapter: str = "auto"  # name of an installed adapter; `frametalk doctor` lists them
    options: dict[str, Any] = {}  # options of the adapter; see docs/engines.md
    cache_mb: Annotated[float, Meta(ge=0, le=100_000)] = 64  # cache of clauses; 0: none


class GuardSettings(AdapterSettings, kw_only=True, frozen=True):
    """What stops words before the mind, before the voice and before a tool, and its own options."""

    adapter: str = "embedded"  # name of an installed adapter; empty: nothing is stopped
    options: dict[str, Any] = {}  # options of the adapter; see docs/guard.md
    help: str = ""  # said after the line to a player who thinks of self-harm: a number to call


class TurnSettings(Settings, kw_only=True, frozen=True):
    """Where turns start and end."""

    speech_probability: Probability = 0.5  # at or above: speech
    silence_probability: Probability = 0.5  # below: silence; between the two: as the last window
    start_ms: Ms = 64  # speech that opens a turn
    barge_in_ms: Ms = 96  # speech that opens a turn over a reply
    pause_reply_ms: Ms = 192  # speech over a reply, longer than a cough, that pauses the reply
    pause_ms: Ms = 32  # silence after which the text is finalized and a draft is made
    endpoint_delay_complete_ms: Ms = 192  # silence that ends a command that is known here
    endpoint_delay_ms: Ms = 640  # silence that ends a turn where the text does not tell
    endpoint_delay_incomplete_ms: Ms = 1_400  # silence that ends a turn that sounds incomplete
    endpoint_delay_max_ms: Ms = 2_000  # the longest delay for a player who often pauses
    continuation_ms: Ms = 1_500  # speech this soon continues a turn whose reply is not yet heard
    soft_start_ms: Ms = 700  # who goes on over so much of a reply continues the turn; 0: off
    drafts: bool = True  # make the reply as a draft before the turn has certainly ended
    early_draft_ms: Ms = 0  # also of words that stay so long while the player speaks; 0: none
    discarded_drafts_per_turn: Positive = 3  # after so many, the reply waits for the turn's end
    discarded_drafts_per_minute: Positive = 20  # the same, for any minute
    max_turn_ms: Ms = 60_000  # a turn of this length ends in any case
    mic_timeout_ms: PositiveMs = 3_000  # a turn ends when no microphone frame comes for this long
    preroll_ms: Ms = 320  # sound before the start of speech that the recogniser also gets

    def __post_init__(self) -> None:
        if self.silence_probability > self.speech_probability:
            raise ValueError("silence_probability is above speech_probability")


class ReplySettings(Settings, kw_only=True, frozen=True):
    """How replies are sent."""

    frame_ms: Annotated[float, Meta(ge=10, le=60)] = 20  # length of one media frame
    lead_ms: Ms = 400  # how far sound is sent ahead of playback at first
    longest_lead_ms: Ms = 1_600  # how far it is where playback runs dry; each time it is doubled
    played_timeout_ms: PositiveMs = 5_000  # a reply whose playback is not reported so long is cut
    max_steps: Positive = 4  # rounds of tool calls in one reply
    max_calls: Positive = 16  # tool calls in one reply; further ones are refused
    think_ahead: bool = True  # think on during a tool call, as if it will succeed
    mind_timeout_ms: PositiveMs = 30_000  # a mind that gives nothing for this long has failed
    voice_timeout_ms: PositiveMs = 5_000  # a voice that gives nothing for this long has failed

    @property
    def most_lead_ms(self) -> float:
        """How far sound is ever sent ahead."""
        return max(self.lead_ms, self.longest_lead_ms)


class CharacterSettings(Settings, kw_only=True, frozen=True):
    """The character that speaks."""

    file: str = ""  # character file, or name of a built-in character; empty: the blacksmith
    voice: str = ""  # voice, as the voice engine names it; empty: the engine's default
    speed: Annotated[float, Meta(ge=0.5, le=2.0)] = 1.0  # pace; 1: the voice's own
    volume: Annotated[float, Meta(ge=0, le=2.0)] = 1.0  # loudness; 1: the voice's own
    interruptible: Interruptible = "words"  # what interrupts a reply
    gestures: bool = False  # nod in the player's pauses, and show that the character thinks
    filler: str = ""  # said while a slow mind thinks, such as "Hm."; empty: nothing
    filler_after_ms: Ms = 600  # time from the end of the turn to the filler


class PrivacySettings(Settings, kw_only=True, frozen=True):
    """What players are told, what is kept of them, and where it may go."""

    disclosure: str = ""  # text for the player in `welcome`; empty: one in their language
    speak_disclosure: bool = False  # the character also says so before its first reply
    require_consent: bool = False  # engines on other machines only for players who agreed to them
    children: bool = False  # every player is a child: local engines only, nothing stored
    own_hosts: tuple[str, ...] = ()  # your other machines: engines there are no third party
    store: bool = False  # store conversations and reports of players who agree to it
    record: bool = False  # store the sound of players who agree to it
    replay: bool = False  # with both: record whole sessions, to replay them
    recording_mb: Annotated[float, Meta(ge=0.001, le=100_000)] = 64  # a longer recording ends there
    folder: str = ""  # where it is stored; empty: `records` in the user's data
    retention_days: Annotated[float, Meta(ge=0, le=36_500)] = 30  # after this time it is deleted


class CapSettings(Settings, kw_only=True, frozen=True):
    """What may be used; 0: any amount. When a cap is reached, the character takes its leave."""

    session_tokens: Amount = 0  # tokens of the mind in one session
    session_speech_s: Amount = 0  # seconds of speech that the voice makes for one session
    session_minutes: Amount = 0  # length of one session
    session_money: Amount = 0  # cost of the mind in one session, in the currency of its prices
    subject_tokens: Amount = 0  # tokens for one player (the token's `sub`) in a day
    subject_speech_s: Amount = 0  # seconds of speech for one player in a day
    subject_minutes: Amount = 0  # minutes of one player's sessions in a day
    subject_money: Amount = 0  # cost of the mind for one player in a day
    day_tokens: Amount = 0  # tokens for all sessions in a day of UTC
    day_speech_s: Amount = 0  # seconds of speech for all sessions in a day
    day_minutes: Amount = 0  # minutes of all sessions in a day
    day_money: Amount = 0  # cost of the mind for all sessions in a day

    @property
    def limits(self) -> Limits:
        """The same, as the core counts them."""

        def amounts(whose: str) -> Amounts:
            names = ("tokens", "speech_s", "minutes", "money")
            return Amounts(*(getattr(self, f"{whose}_{name}") for name in names))

        return Limits(amounts("session"), amounts("subject"), amounts("day"))


class AuditSettings(Settings, kw_only=True, frozen=True):
    """The audit log: tool calls and decisions of the guard, without a word of what was said."""

    file: str = ""  # file to write, one JSON object per line; empty: none is written
    max_mb: Annotated[float, Meta(ge=0.001, le=10_000)] = 10  # size at which another file is begun
    kept: Annotated[int, Meta(ge=0, le=100)] = 3  # older files that stay


class LatencySettings(Settings, kw_only=True, frozen=True):
    """An objective for mouth-to-ear, and what is done about a session that misses it."""

    objective_ms: Ms = 0  # 95th percentile of a session's last 20 turns; 0: no objective
    measures: tuple[Measure, ...] = MEASURES  # taken one after another while it is missed
    filler: str = "Hm."  # said by the measure `filler` where the character has none
    fast_voice: str = ""  # voice of the same engine that begins sooner; empty: no such measure


class LogSettings(Settings, kw_only=True, frozen=True):
    """What the server writes to standard error."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"  # speech is logged at DEBUG
    format: Literal["text", "json"] = "text"  # `json`: one object per line


class FrametalkSettings(Settings, kw_only=True, frozen=True):
    """The whole settings tree."""

    server: ServerSettings = ServerSettings()
    webrtc: WebRtcSettings = WebRtcSettings()
    vad: AdapterSettings = AdapterSettings(adapter="silero")
    turn: AdapterSettings = AdapterSettings(
        adapter="auto"
    )  # a turn detector, which judges the end of a turn by its sound; empty: by the words alone
    asr: AdapterSettings = AdapterSettings(adapter="auto")
    llm: AdapterSettings = AdapterSettings(adapter="scripted")
    tts: VoiceSettings = VoiceSettings()
    guard: GuardSettings = GuardSettings()
    turns: TurnSettings = TurnSettings()
    reply: ReplySettings = ReplySettings()
    character: CharacterSettings = CharacterSettings()
    characters: dict[CharacterName, CharacterSettings] = {}
    privacy: PrivacySettings = PrivacySettings()
    caps: CapSettings = CapSettings()
    audit: AuditSettings = AuditSettings()
    latency: LatencySettings = LatencySettings()
    log: LogSettings = LogSettings()

    def as_character(self, name: str) -> CharacterSettings:
        """The settings of the character of this name, as clients ask for it."""
        return self.characters.get(name, self.character)


def load(
    file: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    flags: Sequence[str] = (),
) -> FrametalkSettings:
    """Read the tree. Flags are `section.key=value`, variables `FRAMETALK_SECTION__KEY=value`.

    Raises ConfigError for an unreadable file, an unknown key, a wrong type or a value out of range.
    """
    tree: dict[str, Any] = msgspec.to_builtins(FrametalkSettings())
    if file is not None:
        _merge(tree, _read_toml(file))
    for name, value in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX) and "__" in name:
            _set(tree, name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__"), value, name)
    _set_flags(tree, flags)
    _inherit(tree)
    return _checked(tree)


def changed(settings: FrametalkSettings, flags: Sequence[str]) -> FrametalkSettings:
    """The settings with these flags; raises ConfigError as `load` does."""
    tree: dict[str, Any] = msgspec.to_builtins(settings)
    _set_flags(tree, flags)
    return _checked(tree)


def _set_flags(tree: dict[str, Any], flags: Sequence[str]) -> None:
    for flag in flags:
        path, equals, value = flag.partition("=")
        if not equals:
            raise ConfigError(f"setting {flag!r} has no value", remedy="write section.key=value")
        _set(tree, path.strip().split("."), value, flag)


def _checked(tree: dict[str, Any]) -> FrametalkSettings:
    _refuse_nan(tree, "$")
    try:
        return msgspec.convert(tree, FrametalkSettings)
    except msgspec.ValidationError as error:
        raise ConfigError(str(error), remedy="docs/settings.md lists every key") from None


def _inherit(tree: dict[str, Any]) -> None:
    """Fill in what a character's own section leaves out from `character`, except the file."""
    base, sections = tree["character"], tree["characters"]
    if not isinstance(base, dict) or not isinstance(sections, dict):
        return  # the conversion below refuses it
    common = {key: value for key, value in base.items() if key != "file"}
    for name, section in sections.items():
        if isinstance(section, dict):
            sections[name] = {**common, **section}


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from None


def _merge(tree: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        branch = tree.get(key)
        if isinstance(branch, dict) and isinstance(value, dict):
            _merge(branch, value)
        else:
            tree[key] = value


def _set(tree: dict[str, Any], path: Sequence[str], value: str, origin: str) -> None:
    branch = tree
    for key in path[:-1]:
        branch = branch.setdefault(key, {})
        if not isinstance(branch, dict):
            raise ConfigError(f"{origin}: {key} is a value, not a section")
    parsed = _parse(value)
    if isinstance(branch.get(path[-1]), str) and not isinstance(parsed, str):
        parsed = value  # a token that consists of digits is text
    branch[path[-1]] = parsed


def _parse(value: str) -> Any:
    """The TOML value that `value` spells, else the text itself."""
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def _refuse_nan(value: Any, where: str) -> None:
    """Refuse NaN, which TOML can spell and no range excludes."""
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_nan(item, f"{where}.{key}")
    elif isinstance(value, float) and math.isnan(value):
        raise ConfigError(f"a setting cannot be NaN - at `{where}`")
