"""Takes what the server sends of replies to the reply that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frametalk.headless.clock import Clock
from frametalk.headless.ducking import Ducking
from frametalk.headless.reply import Reply
from frametalk.headless.speaker import Speaker
from frametalk.wire import messages as m
from frametalk.wire.codec import Media


class Replies:
    """All replies of a session by their ids in `all`, and what to do with each message: `takers`.

    `violated` is told where the server broke the wire's rules.
    """

    def __init__(
        self,
        every: dict[int, Reply],
        clock: Clock,
        speaker: Speaker,
        ducking: Ducking,
        violated: Callable[[str], None],
    ) -> None:
        self.all = every
        self.takers: dict[type, Callable[[Any], None]] = {
            m.ReplyBegin: self._begin,
            m.ReplyText: self._to_reply(Reply.take_text),
            m.ReplyMarks: self._to_reply(Reply.take_marks),
            m.ReplyEnd: self._end,
            m.ReplyCut: self._cut,
            m.TurnStateChanged: ducking.state,
            m.Trace: self._trace,
        }
        self._clock = clock
        self._speaker = speaker
        self._ducking = ducking
        self._violated = violated
        self._streams: dict[int, Reply] = {}

    @property
    def under_way(self) -> Reply | None:
        """The reply that is not over."""
        newest = next(reversed(self.all.values()), None)
        return None if newest is None or newest.over else newest

    def media(self, frame: Media) -> None:
        """Sound of a reply."""
        reply = self._streams.get(frame.stream)
        if reply is None:
            self._violated(f"media on unknown stream {frame.stream}")
        elif not reply.playback.was_cut:
            waiting = reply.playback.started_s is None
            reply.take_media(frame, self._clock.now_s())
            if waiting and reply.playback.started_s is not None:
                self._speaker.wake()

    def when_reached(self, id_: int, sample: int, act: Callable[[], None]) -> None:
        """Call `act` when the reply has come to `sample`; never if it does not get there."""
        reply = self.all.get(id_)
        if reply is None or not reply.over:
            self._speaker.when_reached(id_, sample, act)
        elif sample <= reply.playback.played:
            act()

    def _begin(self, message: m.ReplyBegin) -> None:
        if (before := self.under_way) is not None:
            self._violated(f"reply {message.reply} begins while {before.id} is alive")
        reply = Reply(message, self._clock.now_s())
        self.all[reply.id] = reply
        self._streams[message.stream] = reply
        self._ducking.over()
        self._speaker.begin(reply)

    def _to_reply(self, take: Callable[[Reply, Any], None]) -> Callable[[Any], None]:
        def taker(message: Any) -> None:
            reply = self.all.get(message.reply)
            if reply is None:
                self._violated(f"{type(message).__name__} for unknown reply")
            elif not reply.playback.was_cut:
                take(reply, message)

        return taker

    def _end(self, message: m.ReplyEnd) -> None:
        reply = self.all.get(message.reply)
        if reply is not None:
            reply.take_end(message, self._clock.now_s())
            self._speaker.wake()

    def _cut(self, message: m.ReplyCut) -> None:
        reply = self.all.get(message.reply)
        if reply is not None and not reply.over:
            self._ducking.over()
            reply.take_cut(message, self._clock.now_s())
            self._speaker.cut(reply)

    def _trace(self, message: m.Trace) -> None:
        reply = self.all.get(message.reply)
        if reply is not None:
            reply.trace = message
