"""Why a model could not be pulled."""

from __future__ import annotations

from frametalk.errors import Fault, FrametalkError, Stage


class PullError(FrametalkError):
    """A pull failed; no incomplete model is left under the model's name."""

    def __init__(self, text: str, *, remedy: str) -> None:
        super().__init__(
            "pull_failed", text, stage=Stage.CONFIG, fault=Fault.USER, remedy=remedy, fatal=True
        )


class NotThereError(PullError):
    """The source does not have it."""
