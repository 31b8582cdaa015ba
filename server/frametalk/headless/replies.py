"""Takes what the server sends about replies to the reply that it belongs to."""

from __future__ import annotations

from collections.abc import Callable

from frametalk.headless.clock import Clock
from frametalk.headless.ducking import Ducking
from frametalk.headless.reply import Reply
from frametalk.headless.speaker import Speaker
from frametalk.wire import messages as m
from frametalk.wire.codec import Media


class Replies:
    """All replies of a session by their ids in `all`.

    `violated` is called where the server breaks the wire's rules. `two_ways`: see Reply.
    """

    def __init__(
        self,
        replies: dict[int, Reply],
        clock: Clock,
        speaker: Speaker,
        ducking: Ducking,
        violated: Callable[[str], None],
        *,
        two_ways: bool = False,
    ) -> None:
        self._two_ways = two_ways
        self.all = replies
        self._clock = clock
        self._speaker = speaker
        self._ducking = ducking
        self._violated = violated
        self._streams: dict[int, Reply] = {}

    @property
    def current(self) -> Reply | None:
        """The newest reply, unless it has ended."""
        newest = next(reversed(self.all.values()), None)
        return None if newest is None or newest.done else newest

    def media(self, frame: Media) -> None:
        """Sound of a reply."""
        reply = self._streams.get(frame.stream)
        if reply is None:
            self._violated(f"media on unknown stream {frame.stream}")
        elif not reply.playback.was_cut:
            silent = reply.playback.started_s is None
            reply.take_media(frame, self._clock.now_s())
            if silent and reply.playback.started_s is not None:
                self._speaker.wake()

    def take(self, message: m.AnyMessage) -> None:
        """A message; those that are not about replies are ignored."""
        match message:
            case m.ReplyBegin():
                self._begin(message)
            case m.ReplyText():
                if reply := self._uncut(message):
                    reply.take_text(message)
            case m.ReplyMarks():
                if reply := self._uncut(message):
                    reply.take_marks(message)
            case m.ReplyEnd():
                self._end(message)
            case m.ReplyCut():
                self._cut(message)
            case m.Trace() if message.reply in self.all:
                self.all[message.reply].trace = message

    def when_reached(self, id_: int, sample: int, act: Callable[[], None]) -> None:
        """Call `act` when the reply has played to `sample`; never if it ends before."""
        reply = self.all.get(id_)
        if reply is None or not reply.done:
            self._speaker.when_reached(id_, sample, act)
        elif sample <= reply.playback.played:
            act()

    def _begin(self, message: m.ReplyBegin) -> None:
        if (before := self.current) is not None:
            self._violated(f"reply {message.reply} begins before reply {before.id} has ended")
        reply = Reply(message, self._clock.now_s(), two_ways=self._two_ways)
        self.all[reply.id] = reply
        self._streams[message.stream] = reply
        self._ducking.reset()
        self._speaker.begin(reply)

    def _uncut(self, message: m.ReplyText | m.ReplyMarks) -> Reply | None:
        """The message's reply; None if it was cut or never began."""
        reply = self.all.get(message.reply)
        if reply is None:
            self._violated(f"{type(message).__name__} for unknown reply {message.reply}")
            return None
        return None if reply.playback.was_cut else reply

    def _end(self, message: m.ReplyEnd) -> None:
        reply = self.all.get(message.reply)
        if reply is not None:
            reply.take_end(message, self._clock.now_s())
            self._speaker.wake()

    def _cut(self, message: m.ReplyCut) -> None:
        reply = self.all.get(message.reply)
        if reply is not None and not reply.done:
            self._ducking.reset()
            reply.take_cut(message, self._clock.now_s())
            self._speaker.cut(reply)
