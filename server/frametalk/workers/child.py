"""The child process: builds one target and serves the parent's calls until standard input ends."""

from __future__ import annotations

import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, Protocol

from frametalk.workers import framing, memory
from frametalk.workers.parent import end_with_parent
from frametalk.workers.progress import Progress

READ_BYTES = 256 * 1024
# More unhandled input than this means that the target is too slow. The child ends instead of growing, and
# the parent starts another.
MAX_WAITING_BYTES = 64 * 1024 * 1024
# How long the main thread may continue after the end of input.
GRACE_S = 0.5

Send = Callable[[framing.ToParent], None]


class ChildCall:
    """One call, for the target; usable from any thread.

    `cancelled` is set when the parent's frame arrives, even while native code runs. After `done`, `fail`
    or cancellation everything else that the target sends is discarded.
    """

    def __init__(self, call_id: int, send: Send, remove: Callable[[int], object]) -> None:
        self.id = call_id
        self.cancelled = False
        self.arrived = self.taken = 0  # inputs; each counter belongs to one thread
        self._ended = False
        self._send = send
        self._remove = remove

    @property
    def waiting(self) -> int:
        """How many inputs have arrived and not reached the target."""
        return self.arrived - self.taken

    def emit(self, item: Any) -> None:
        """Send the parent one item: anything that MessagePack can encode."""
        if not (self._ended or self.cancelled):
            self._send(framing.Item(self.id, item))

    def done(self, value: Any = None) -> None:
        """End the call with a value."""
        self._end(framing.Done(self.id, value))

    def fail(self, code: str, text: str, remedy: str = "") -> None:
        """End the call with an error of a stable code."""
        self._end(framing.Failed(self.id, code, text, remedy))

    def _end(self, frame: framing.ToParent) -> None:
        if not (self._ended or self.cancelled):
            self._send(frame)
        self._ended = True
        self._remove(self.id)


class Handler(Protocol):
    """The methods of a target's class. All run on the main thread, one after another.

    None may keep the interpreter's lock for a second: the heartbeat would fail. MemoryError must be
    raised, not handled: the process is then replaced.
    """

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """A call begins; it lasts until `call.done` or `call.fail`, or until it is cancelled."""
        ...

    def input(self, call: ChildCall, item: Any) -> None:
        """Further input of a call that has not ended."""
        ...

    def cancelled(self, call: ChildCall) -> None:
        """The parent cancelled the call; free its resources."""
        ...


class Child:
    """Serves one parent over two file descriptors."""

    def __init__(self, read_fd: int, write_fd: int, progress: Progress | None = None) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._progress = progress
        self._write_lock = threading.Lock()
        self._calls: dict[int, ChildCall] = {}
        self._inbox: queue.SimpleQueue[tuple[framing.ToChild | None, int]] = queue.SimpleQueue()
        self._waiting_bytes = 0
        self._waiting_lock = threading.Lock()
        self._finished = threading.Event()
        self._reader = threading.Thread(target=self._read, name="reader", daemon=True)

    def run(self) -> int:
        """Serve until the parent closes the pipe. Returns the process's exit status."""
        self._reader.start()
        try:
            return self._serve()
        except BrokenPipeError:
            return 0  # the parent has ended
        except MemoryError:
            return memory.OUT_OF_MEMORY
        finally:
            self._finished.set()

    def _serve(self) -> int:
        start = self._take()
        if not isinstance(start, framing.Start):
            return 0 if start is None else 2
        memory.limit_this_process(start.memory_bytes)
        try:
            handler = build(start)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  (the parent handles every failure of the target)
            traceback.print_exc()
            self._send(framing.Broken(describe(error)))
            return 1
        self._send(framing.Ready())
        while (frame := self._take()) is not None:
            self._handle(handler, frame)
            self._set_current_call(0)
        return 0

    def _set_current_call(self, call_id: int) -> None:
        if self._progress is not None:
            self._progress.begin(call_id)

    def _handle(self, handler: Handler, frame: framing.ToChild) -> None:
        """Pass one frame to the target; its errors end that call only."""
        if not isinstance(frame, framing.Open | framing.Input | framing.Cancel):
            return
        call = self._calls.get(frame.id)
        if call is None:
            return
        self._set_current_call(call.id)
        try:
            if isinstance(frame, framing.Cancel):
                self._remove(call.id)
                handler.cancelled(call)
            elif isinstance(frame, framing.Open):
                if call.cancelled:
                    self._remove(call.id)  # the target never gets it
                else:
                    handler.open(call, frame.op, frame.args)
            elif not call.cancelled:
                call.taken += 1
                handler.input(call, frame.item)
        except (BrokenPipeError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  (one bad call must not end the others)
            traceback.print_exc()
            call.fail("worker_failed", describe(error))

    def _take(self) -> framing.ToChild | None:
        frame, size = self._inbox.get()
        with self._waiting_lock:
            self._waiting_bytes -= size
        return frame

    def _read(self) -> None:
        """The reader thread: answers pings and marks cancelled calls while the main thread is busy."""
        frames = framing.Frames(framing.ToChild)
        try:
            while data := os.read(self._read_fd, READ_BYTES):
                for frame, size in frames.feed(data):
                    self._arrived(frame, size)
        except (framing.FramingError, OSError) as error:
            sys.stderr.write(f"worker: {error}\n")
        except MemoryError:
            os._exit(memory.OUT_OF_MEMORY)
        for call in list(self._calls.values()):
            call.cancelled = True
        self._inbox.put((None, 0))
        if not self._finished.wait(GRACE_S):
            os._exit(0)

    def _arrived(self, frame: framing.ToChild, size: int) -> None:
        if isinstance(frame, framing.Ping):
            self._send(framing.Pong())
            return
        if isinstance(frame, framing.Open):
            self._calls[frame.id] = ChildCall(frame.id, self._send, self._remove)
        elif isinstance(frame, framing.Cancel | framing.Input) and (
            call := self._calls.get(frame.id)
        ):
            if isinstance(frame, framing.Cancel):
                call.cancelled = True
            else:
                call.arrived += 1
        with self._waiting_lock:
            self._waiting_bytes += size
            waiting = self._waiting_bytes
        if waiting > MAX_WAITING_BYTES:
            raise framing.FramingError(f"the target is too slow: {waiting} bytes of input wait")
        self._inbox.put((frame, size))

    def _remove(self, call_id: int) -> None:
        self._calls.pop(call_id, None)

    def _send(self, frame: framing.ToParent) -> None:
        data = memoryview(framing.encode(frame))
        with self._write_lock:
            while data:
                data = data[os.write(self._write_fd, data) :]


def build(start: framing.Start) -> Handler:
    """Build the target. Raises whatever the target raises."""
    sys.path[:] = start.path
    module_name, _, class_name = start.target.partition(":")
    handler: Handler = getattr(importlib.import_module(module_name), class_name)(**start.options)
    return handler


def describe(error: BaseException) -> str:
    """An exception in one line."""
    return f"{type(error).__name__}: {error}"


def main() -> None:
    """Entry point of the child process; its argument is the descriptor of the shared record."""
    # Ctrl-C in a terminal reaches the whole process group, but the parent ends its children itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(os.getppid())  # a stopped process does not read the end of its input
    # Output of native libraries would break the framing, so it goes to standard error.
    write_fd = os.dup(1)
    os.dup2(2, 1)
    progress = Progress(int(sys.argv[1])) if sys.argv[1:] else None
    status = Child(0, write_fd, progress).run()
    sys.stderr.flush()
    # Without interpreter teardown: the reader thread may still be in a read.
    os._exit(status)


if __name__ == "__main__":
    main()
