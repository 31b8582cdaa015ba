"""Autobahn's fuzzing client on Python 3: autobahn_client.py CASES URL RESULTS.json.

Opens one connection after another to an echo server, one for each case, and writes how the server and its
close behaved: {"7.1.5": ["FAILED", "WRONG CODE"]}. Runs in the client's environment.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol, connectWS
from twisted.internet import reactor

LIMIT_S = 180
CLOSE_LIMIT_S = 5  # Autobahn's own, 1 s, fails cases on a busy machine
NAME = re.compile(r"Case(\d+)_(\d+)(?:_(\d+))?")


def to_bytes(data: Any) -> Any:
    return data.encode("latin-1") if isinstance(data, str) else data


def to_text(data: bytes) -> str:
    return data.decode("latin-1")


def number(case: type) -> tuple[int, ...]:
    """7, 1, 5 for Case7_1_5; empty for a base class."""
    name = NAME.fullmatch(case.__name__)
    return tuple(int(part) for part in name.groups() if part) if name else ()


def subclasses(case: type) -> Iterator[type]:
    for below in case.__subclasses__():
        yield below
        yield from subclasses(below)


def load_cases(folder: Path) -> list[type]:
    """All cases of the turned suite, in the order of their numbers."""
    sys.path.insert(0, str(folder))
    for file in sorted(folder.glob("case*.py")):
        importlib.import_module(file.stem)
    return sorted(filter(number, subclasses(sys.modules["case"].Case)), key=number)


class Protocol(WebSocketClientProtocol):
    """One connection, for one case. Cases call the older names of these methods, and pass text."""

    def __init__(self, case: type) -> None:
        super().__init__()
        self.number = ".".join(str(part) for part in number(case))
        self.connectionWasOpen = False
        self.case = case(self)

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.case.onConnectionLost(self.failedByMe)
        self.factory.results[self.number] = (self.case.behavior, self.case.behaviorClose)

    def onOpen(self) -> None:
        self.connectionWasOpen = True
        self.case.onOpen()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self.case.onMessage(to_text(payload), isBinary)

    def onPing(self, payload: bytes) -> None:
        self.case.onPing(to_text(payload))
        self.sendPong(payload)

    def onPong(self, payload: bytes) -> None:
        self.case.onPong(to_text(payload))

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:
        self.case.onClose(wasClean, code, reason)

    def sendFrame(self, opcode: int, payload: Any = b"", **options: Any) -> None:
        super().sendFrame(opcode, to_bytes(payload), **options)

    def sendMessage(self, payload: Any, isBinary: bool = False, **options: Any) -> None:
        super().sendMessage(to_bytes(payload), isBinary, **options)

    def sendMessageFrameData(self, payload: Any, sync: bool = False) -> Any:
        return super().sendMessageFrameData(to_bytes(payload), sync)

    def sendCloseFrame(
        self, code: int | None = None, reasonUtf8: Any = None, isReply: bool = False
    ) -> None:
        super().sendCloseFrame(code, to_bytes(reasonUtf8), isReply)

    def enableWirelog(self, enable: bool) -> None:
        """A log for reports, which this run does not write."""

    def continueLater(self, delay_s: float, function: Any, tag: Any = None) -> None:
        reactor.callLater(delay_s, self._unless_closed, function)

    def killAfter(self, delay_s: float) -> None:
        reactor.callLater(delay_s, self._unless_closed, self._fail_connection)

    def closeAfter(self, delay_s: float) -> None:
        reactor.callLater(delay_s, self._unless_closed, self.sendClose)

    def _unless_closed(self, function: Any) -> None:
        if self.state != self.STATE_CLOSED:
            function()


class Run(WebSocketClientFactory):
    """All cases against one server."""

    def __init__(self, url: str, cases: list[type]) -> None:
        super().__init__(url)
        self.setProtocolOptions(
            failByDrop=False,
            closeHandshakeTimeout=CLOSE_LIMIT_S,
            serverConnectionDropTimeout=CLOSE_LIMIT_S,
        )
        self.results: dict[str, tuple[str, str]] = {}
        self._cases = iter(cases)
        self._left = len(cases)

    def buildProtocol(self, addr: Any) -> Protocol:
        protocol = Protocol(next(self._cases))
        protocol.factory = self
        return protocol

    def clientConnectionLost(self, connector: Any, reason: Any) -> None:
        self._left -= 1
        if self._left:
            connector.connect()
        else:
            reactor.stop()

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        print(f"cannot connect to {self.url}: {reason.getErrorMessage()}", file=sys.stderr)
        reactor.stop()


def main() -> None:
    folder, url, target = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    run = Run(url, load_cases(folder))
    connectWS(run)
    reactor.callLater(LIMIT_S, reactor.stop)
    reactor.run()
    target.write_text(json.dumps(run.results), encoding="utf-8")


if __name__ == "__main__":
    main()
