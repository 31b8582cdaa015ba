"""Targets for the workers' tests, built in real child processes."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import threading
from typing import Any

from frametalk.workers.child import ChildCall

RELEASE = threading.Event()


class Echo:
    """Returns its input; some operations misbehave on purpose."""

    def __init__(self, greeting: str = "hello") -> None:
        self._greeting = greeting
        self._cancelled: list[int] = []

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        getattr(self, f"_op_{op}")(call, args)

    def input(self, call: ChildCall, item: Any) -> None:
        if item == "end":
            call.done("ended")
        elif item == "raise":
            raise ValueError("bad item")
        elif item == "waiting":
            call.emit(call.waiting)
        else:
            call.emit(item)

    def cancelled(self, call: ChildCall) -> None:
        self._cancelled.append(call.id)

    def _op_echo(self, call: ChildCall, args: Any) -> None:
        call.done(args)

    def _op_greet(self, call: ChildCall, args: Any) -> None:
        call.done(self._greeting)

    def _op_count(self, call: ChildCall, args: int) -> None:
        for number in range(args):
            call.emit(number)
        call.done(args)

    def _op_stream(self, call: ChildCall, args: Any) -> None:
        call.emit("open")

    def _op_raise(self, call: ChildCall, args: Any) -> None:
        raise RuntimeError("on purpose")

    def _op_refuse(self, call: ChildCall, args: Any) -> None:
        call.fail("voice_unknown", "no such voice", "try another")

    def _op_unsendable(self, call: ChildCall, args: Any) -> None:
        call.done(object())

    def _op_print(self, call: ChildCall, args: Any) -> None:
        print("a stray print", flush=True)  # noqa: T201  (the subject of the test)
        os.write(1, b"a stray write of a native library\n")
        call.done("unharmed")

    def _op_garbage(self, call: ChildCall, args: bytes) -> None:
        """Write to the pipe without framing; its descriptor is beyond the standard three."""
        for fd in range(3, 32):
            with contextlib.suppress(OSError):
                if stat.S_ISFIFO(os.fstat(fd).st_mode) or stat.S_ISSOCK(os.fstat(fd).st_mode):
                    os.write(fd, args)

    def _op_exit(self, call: ChildCall, args: int) -> None:
        os._exit(args)

    def _op_spin(self, call: ChildCall, args: Any) -> None:
        """Native code that checks `cancelled` from time to time."""
        call.emit("spinning")
        pause = threading.Event()
        while not call.cancelled:
            pause.wait(0.001)

    def _op_hang(self, call: ChildCall, args: Any) -> None:
        """Native code that never checks `cancelled`."""
        call.emit("hanging")
        RELEASE.wait()

    def _op_cancelled_calls(self, call: ChildCall, args: Any) -> None:
        call.done(self._cancelled)

    def _op_flood(self, call: ChildCall, args: int) -> None:
        """Much output at once, in items of 64 KiB."""
        for _ in range(args):
            call.emit(b"\0" * 65_536)
        call.done(args)


class Refuses:
    """A target that cannot be built."""

    def __init__(self) -> None:
        raise RuntimeError("the model is missing")


class NeverReady:
    """A target whose construction never ends."""

    def __init__(self) -> None:
        threading.Event().wait()


class DiesAtStart:
    """A target that ends the process."""

    def __init__(self) -> None:
        os._exit(7)


class Mortal:
    """Dies, stops, grows or sends invalid data on request, in the middle of its work."""

    def __init__(self) -> None:
        self._collected: dict[int, list[Any]] = {}
        self._memory: list[bytearray] = []

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        if op == "collect":
            self._collected[call.id] = []
        elif op == "say":
            for item in args:
                self._do(item)
                call.emit(item)
            call.done(os.getpid())
        elif op == "finalize":
            call.done([os.getpid(), *self._collected[args]])

    def input(self, call: ChildCall, item: Any) -> None:
        self._do(item)
        self._collected[call.id].append(item)
        call.emit(len(self._collected[call.id]))

    def cancelled(self, call: ChildCall) -> None:
        self._collected.pop(call.id, None)

    def _do(self, item: Any) -> None:
        if not isinstance(item, dict):
            return
        # `once` is a file: the action is done only if it exists, and removes it.
        once = item.get("once")
        if once is not None and not os.path.exists(once):  # noqa: PTH110
            return
        if once is not None:
            os.remove(once)  # noqa: PTH107
        if item["do"] == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif item["do"] == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif item["do"] == "grow":
            self._memory.append(bytearray(item["mib"] * 1024 * 1024))
            RELEASE.wait(30)
        elif item["do"] == "storm":
            while True:
                self._memory.append(bytearray(16 * 1024 * 1024))
        elif item["do"] == "lock":
            # One long step in C: no other thread gets the interpreter's lock.
            sum(range(60_000_000))
        elif item["do"] == "garbage":
            for fd in range(3, 32):
                with contextlib.suppress(OSError):
                    if stat.S_ISFIFO(os.fstat(fd).st_mode) or stat.S_ISSOCK(os.fstat(fd).st_mode):
                        os.write(fd, item["bytes"])
            RELEASE.wait(30)
