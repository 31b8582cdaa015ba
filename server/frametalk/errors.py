"""Every failure that can leave a module, with the code that goes over the wire.

A leaf: it imports nothing of frametalk, so every layer may raise these.
"""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where in the path of sound something went wrong."""

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
    """Whose fault it is, so that a developer knows where to look."""

    CLIENT = "client"
    SERVER = "server"
    ENGINE = "engine"
    USER = "user"


class FrametalkError(Exception):
    """A failure with a stable code, its stage, who is at fault and the remedy.

    `code` is the wire's `error.code`; the list of codes is in protocols/wire.md. `fatal` says that the
    session ends with it.
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
    ) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.stage = stage
        self.fault = fault
        self.remedy = remedy
        self.fatal = fatal

    def __str__(self) -> str:
        return f"{self.code}: {self.text}" + (f" ({self.remedy})" if self.remedy else "")


class WireError(FrametalkError):
    """Bytes or a message that the wire's rules refuse."""

    def __init__(self, code: str, text: str, *, remedy: str = "", fatal: bool = False) -> None:
        super().__init__(code, text, stage=Stage.WIRE, remedy=remedy, fatal=fatal)


class ConfigError(FrametalkError):
    """A setting that is unknown, of the wrong type or out of range."""

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


def first_of(error: BaseException) -> BaseException:
    """The first failure in a group of them, however deep; one that is no group is itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
