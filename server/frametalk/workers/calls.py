"""A worker's calls under way, and what happens to them when its child is lost."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import Any

from frametalk.errors import AdapterError, Stage
from frametalk.workers import framing
from frametalk.workers.call import Rerun, WorkerCall
from frametalk.workers.process import Loss, Process

# The call that a child was handling when it was lost runs again once: it may not be the cause. Other calls
# run again more often: they must not fail because of that one. Only losses in a row count, of children that
# died soon after they got the calls: a call that kills a child kills the next one as soon.
MAX_LOSSES = 3
LOSSES_OF_THE_SUSPECT = 2
MAX_RERUNS = 12  # of one call, for a call that kills every child late

_log = logging.getLogger(__name__)


class Calls:
    """Opens calls, routes frames to them, and runs them again in another child.

    Frames go to `process`; without one, calls that may run again wait.
    """

    def __init__(self, name: str, stage: Stage) -> None:
        self._name = name
        self._stage = stage
        self._ids = itertools.count(1)
        self._calls: dict[int, WorkerCall] = {}
        self.process: Process | None = None
        self.accepting = False
        self.reruns = 0
        self.failed = 0

    def __len__(self) -> int:
        return len(self._calls)

    def open(
        self, op: str, args: Any, on_item: Callable[[Any], None] | None, rerun: Rerun
    ) -> WorkerCall:
        """Begin a call; it fails at once if there is no child to wait for."""
        opening = framing.Open(next(self._ids), op, args)
        call = WorkerCall(opening, self._send, on_item, rerun)
        if not self.accepting or (self.process is None and rerun is False):
            self._fail(call, Loss("worker_lost", "is not running"))
        else:
            self._calls[call.id] = call
            self._send(opening)
        return call

    def move(
        self, process: Process | None, loss: Loss, suspect: int, *, lasted: bool = False
    ) -> None:
        """The child was lost while it handled call `suspect`; `process`, or a later one, replaces it.

        `lasted`: it had worked for a while, so that its loss follows from none before.
        """
        self.process = process
        for call in list(self._calls.values()):
            losses = LOSSES_OF_THE_SUSPECT if call.id == suspect else 1
            call.lost_children = losses if lasted else call.lost_children + losses
            call.reruns += 1
            too_often = call.lost_children > MAX_LOSSES or call.reruns > MAX_RERUNS
            if too_often or not self._run_again(call):
                self._fail(call, loss)

    def adopt(self, process: Process) -> None:
        """Run the waiting calls in a new child."""
        self.process = process
        for call in list(self._calls.values()):
            if not self._run_again(call):
                self._fail(call, Loss("worker_lost", "is not running"))

    def _run_again(self, call: WorkerCall) -> bool:
        frames = call.rerun_frames()
        if frames is None:
            return False
        if self.process is not None:
            self.reruns += 1
            for frame in frames:
                self._send(frame)
        return True

    def fail_all(self, loss: Loss) -> None:
        """Fail every call."""
        for call in list(self._calls.values()):
            self._fail(call, loss)

    def take(self, frame: framing.ToParent, size: int) -> None:
        """Handle a frame from the child."""
        if isinstance(frame, framing.Item):
            self._item(frame, size)
        elif isinstance(frame, framing.Done):
            if call := self._calls.pop(frame.id, None):
                call.finish(frame.value)
        elif isinstance(frame, framing.Failed) and (call := self._calls.pop(frame.id, None)):
            call.fail(self.error(frame.code, frame.text, frame.remedy))

    def error(self, code: str, text: str, remedy: str = "") -> AdapterError:
        """An error of this worker's stage."""
        return AdapterError(code, text, stage=self._stage, remedy=remedy)

    def _send(self, frame: framing.Open | framing.Input | framing.Cancel) -> int:
        """Send a frame of a call and return its size. A call whose input cannot be sent fails."""
        if isinstance(frame, framing.Cancel):
            self._calls.pop(frame.id, None)
        try:
            if self.process is not None:
                return self.process.send(frame)
            return len(framing.encode(frame))
        except framing.FramingError as error:
            self._abort(frame.id, f"input {error}")
        return 0

    def _abort(self, call_id: int, why: str) -> None:
        if call := self._calls.get(call_id):
            self._fail(call, Loss("worker_failed", why))
            self._send(framing.Cancel(call_id))

    def _fail(self, call: WorkerCall, loss: Loss) -> None:
        self._calls.pop(call.id, None)
        self.failed += 1
        call.fail(self.error(loss.code, f"{self._name} {loss.why}"))

    def _item(self, frame: framing.Item, size: int) -> None:
        call = self._calls.get(frame.id)
        try:
            if call is not None and not call.receive(frame.item, size):
                self._abort(frame.id, "has too much unread output")
        except Exception:  # noqa: BLE001  (the caller's `on_item`; the other calls share this pipe)
            _log.exception("worker %s: the receiver of an item failed", self._name)
            self._abort(frame.id, "ended: the receiver of its items failed")
