"""Runs a program until it ends or the bench has gone: `python -m frametalk.bench.guarded BENCH COMMAND...`.

BENCH is the bench's process id. What the program has started is killed with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

LOOK_EVERY_S = 0.5


def _watch(bench: int) -> None:
    while os.getppid() == bench:
        time.sleep(LOOK_EVERY_S)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Run it; the exit code is its own."""
    threading.Thread(target=_watch, args=(int(sys.argv[1]),), daemon=True).start()
    sys.exit(subprocess.call(sys.argv[2:]))  # noqa: S603  (what the bench measures)


if __name__ == "__main__":
    main()
