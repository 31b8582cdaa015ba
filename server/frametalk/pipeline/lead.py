"""How far the sound of a session's replies is sent ahead of playback."""

from __future__ import annotations

from dataclasses import dataclass

from frametalk.config import ReplySettings


@dataclass(slots=True)
class Lead:
    """In milliseconds. Grows when playback runs dry: the network holds sound back for longer than that."""

    ms: float
    longest_ms: float

    @classmethod
    def of(cls, settings: ReplySettings) -> Lead:
        """The lead of a new session."""
        return cls(settings.lead_ms, settings.most_lead_ms)

    def ran_dry(self) -> None:
        """The client had no sound left to play."""
        self.ms = min(2 * self.ms, self.longest_ms)
