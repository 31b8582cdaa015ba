"""Why a model could not be pulled."""

from __future__ import annotations

from frametalk.errors import Fault, FrametalkError, Stage


class PullError(FrametalkError):
    """Nothing half-made lies under the model's name; the text says why, the remedy what to do."""

    def __init__(self, text: str, *, remedy: str) -> None:
        super().__init__(
            "pull_failed", text, stage=Stage.CONFIG, fault=Fault.USER, remedy=remedy, fatal=True
        )


class NotThereError(PullError):
    """The other side knows no such thing."""
