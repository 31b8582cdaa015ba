"""Every failure that can leave a module, with the code that goes over the wire.

    class                  stage                 fault    codes
    FrametalkError         session               client   hello_*, bad_token, protocol_version, feature_*,
    |                                                     character_unknown,
    |                                                     language_unknown
    |                      session               server   server_full, server_busy
    |                      hear, turn, speak     client   mic_*, turn_unknown, played_*
    |                      tool, scene           client   tool_*, scene_*
    |                      link                  user *   cannot_listen, cannot_connect, cannot_join
    +-- WireError          wire                  client   message_*, media_*, number_not_finite
    +-- ConfigError        config                user     bad_settings (also for files and names)
    +-- AdapterError       hear, think, speak    engine   hear_*, think_*, mind_*, voice_*, worker_*,
    |                                                     engine_*; model_missing (stage config)
    +-- PullError          config                user     pull_failed (model_store/errors.py)
        +-- NotThereError

    * the server, if it refuses a simulated player (cannot_join)

protocols/wire.md lists every code with its remedy. This module is a leaf: it imports nothing of frametalk,
so every layer may raise these.
"""

from __future__ import annotations

import signal
from enum import StrEnum


class Stage(StrEnum):
    """The part of the path of sound in which something failed."""

    LINK = "link"
    WIRE = "wire"
    SESSION = "session"
    HEAR = "hear"
    TURN = "turn"
    THINK = "think"
    TOOL = "tool"
    SCENE = "scene"
    SPEAK = "speak"
    CONFIG = "config"


class Fault(StrEnum):
    """Who has to act: the client's author, the server's, an engine's operator, or the user."""

    CLIENT = "client"
    SERVER = "server"
    ENGINE = "engine"
    USER = "user"


class FrametalkError(Exception):
    """A failure with a stable code, its stage, who is at fault and the remedy.

    `code` is the wire's `error.code`. A `fatal` failure ends the session. Another try makes
    sense after `retry_after_ms`; 0: that is not known.
    """

    def __init__(
        self,
        code: str,
        text: str,
        *,
        stage: Stage,
        fault: Fault = Fault.CLIENT,
        remedy: str = "",
        fatal: bool = False,
        retry_after_ms: float = 0,
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.stage = stage
        self.fault = fault
        self.remedy = remedy
        self.fatal = fatal
        self.retry_after_ms = retry_after_ms
        self.ref = ""  # type of the message that caused it, where that is known

    def __str__(self) -> str:
        return f"{self.code}: {self.text}" + (f" ({self.remedy})" if self.remedy else "")


def server_busy(text: str, remedy: str, retry_after_ms: float = 0) -> FrametalkError:
    """The error for a `hello` that the server cannot take now, but may take later."""
    error = FrametalkError(
        "server_busy",
        text,
        stage=Stage.SESSION,
        fault=Fault.SERVER,
        remedy=remedy,
        fatal=True,
        retry_after_ms=retry_after_ms,
    )
    error.ref = "hello"
    return error


class WireError(FrametalkError):
    """Bytes or a message that break the wire's rules."""

    def __init__(self, code: str, text: str, *, remedy: str = "", fatal: bool = False) -> None:
        super().__init__(code, text, stage=Stage.WIRE, remedy=remedy, fatal=fatal)


class ConfigError(FrametalkError):
    """A setting, file or name that is unknown, of the wrong type or out of range."""

    def __init__(self, text: str, *, remedy: str = "") -> None:
        super().__init__(
            "bad_settings", text, stage=Stage.CONFIG, fault=Fault.USER, remedy=remedy, fatal=True
        )


class AdapterError(FrametalkError):
    """An engine (recogniser, mind, voice) failed or is missing; third-party errors stop here."""

    def __init__(
        self, code: str, text: str, *, stage: Stage, remedy: str = "", fatal: bool = False
    ) -> None:
        super().__init__(code, text, stage=stage, fault=Fault.ENGINE, remedy=remedy, fatal=fatal)


class Interrupted(Exception):  # noqa: N818  (the user asked for it)
    """Ctrl-C, or the signal `number`, while a command was at work. It is not a failure and has no code."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__(number)
        self.number = number


def first_of(error: BaseException) -> BaseException:
    """The first failure in an exception group, however deep; any other exception itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
