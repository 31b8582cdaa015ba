"""The server's side of one conversation: sessions that record, and that resume each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frametalk.admission import Entrance, open_entrance
from frametalk.bench.network.recording import RecordingSession, recording_engines
from frametalk.config import FrametalkSettings
from frametalk.metrics import Metrics
from frametalk.session_state import Books
from frametalk.transports.link import WatchedLink


class House:
    """Serves the links of one player. The first session is the one that all others resume."""

    def __init__(self, seed: int, settings: FrametalkSettings, now: Callable[[], float]) -> None:
        self.engines = recording_engines(seed)
        self.metrics = Metrics()
        self.sessions: list[RecordingSession] = []
        self.books: Books | None = None
        self._settings = settings
        self._now = now
        self._entrance: Entrance[Any] = open_entrance(settings.server)

    async def serve(self, link: WatchedLink) -> None:
        """One link from start to end."""
        session = RecordingSession(
            link,
            self.engines,
            self._settings,
            session_id=f"s{len(self.sessions)}",
            metrics=self.metrics,
            now=self._now,
            entrance=self._entrance,
            books=self.books,
        )
        self.sessions.append(session)
        await session.run()

    @property
    def session(self) -> RecordingSession:
        """The conversation's session."""
        return next(session for session in self.sessions if session.conversation is not None)
