"""Which tests run beside which, with pytest-xdist: `python -m pytest -n 3`.

Tests that talk in real time leave a core idle for most of it, and hear wrongly when they get none. So they
run in lanes, each of them in one process: at no time two of a lane. The other tests need a core and may
wait for it. Where there are three processes and more, the last of them takes these alone, with a lower
priority.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# Files by lane, longest first.
LANES = (
    (  # Chromium, which draws with all cores
        "tests/webxr/",
        "tests/demo/",
        "tests/test_media_upgrade_chromium.py",
    ),
    (  # speech at the speed of sound
        "tests/test_spoken_loop.py",
        "tests/bench/",
        "tests/headless/test_upgraded.py",
        "tests/test_media_upgrade.py",
        "tests/test_independent_client.py",
        "tests/commands/test_hear.py",
    ),
)
# Of the others: those that take longest come first, so that the processes end together.
LONGEST = (
    "tests/test_session_fuzz.py",
    "tests/adapters/asr/pocketsphinx/test_recogniser.py",
    "tests/test_session.py",
)
# Their tests share nothing and may run in any process.
APART = ("tests/test_session_fuzz.py",)
LOWER_PRIORITY = 5


class Lanes(LoadScopeScheduling):
    """Gives each process the files of its lanes, and when these are done the other ones."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        self._owners: dict[int, WorkerController] = {}

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file in APART else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        scope = self._next(node)
        if scope is not None:
            self.workqueue.move_to_end(scope, last=False)
            super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        if self.workqueue and self._next(node) is None and not node.shutting_down:
            node.shutdown()  # what is left belongs to the lanes of others
        else:
            super()._reschedule(node)

    def _next(self, node: WorkerController) -> str | None:
        """What this process runs next; None when all that is left is in the lanes of others."""
        own = [lane for lane in range(len(LANES)) if self._owner(lane, node) is node]
        return min(
            (scope for scope in self.workqueue if lane_of(scope) in {*own, None}),
            key=lambda scope: place(scope, own),
            default=None,
        )

    def _owner(self, lane: int, asking: WorkerController) -> WorkerController:
        """The process of a lane. The one that asks takes the lane of one that died."""
        if not self._owners:
            nodes = sorted(self.nodes, key=lambda node: int(node.gateway.id.removeprefix("gw")))
            self._owners = {n: nodes[worker_of(n, len(nodes))] for n in range(len(LANES))}
        if self._owners[lane] not in self.nodes:
            self._owners[lane] = asking
        return self._owners[lane]


def worker_of(lane: int, workers: int) -> int:
    """Which of so many processes has a lane: of three and more, one is left without."""
    return lane % (workers - 1 if workers > 2 else workers)


def lane_of(scope: str) -> int | None:
    """The lane of a file or test."""
    return next((n for n, files in enumerate(LANES) if scope.startswith(files)), None)


def place(scope: str, own: Sequence[int]) -> tuple[int, int]:
    """Sorts what a process may run: its lanes one after another, then the longest of the others."""
    lane = lane_of(scope)
    files = LONGEST if lane is None else LANES[lane]
    rank = next((n for n, file in enumerate(files) if scope.startswith(file)), len(files))
    return (len(own) if lane is None else own.index(lane), rank)


def lower_priority(config: pytest.Config) -> None:
    """A process without a lane runs when the others leave it a core."""
    worker = getattr(config, "workerinput", None)
    if worker is None or not hasattr(os, "nice"):
        return
    with_lanes = {worker_of(lane, worker["workercount"]) for lane in range(len(LANES))}
    if int(worker["workerid"].removeprefix("gw")) not in with_lanes:
        os.nice(LOWER_PRIORITY)
