"""How many cores this process may use: the machine's, less what its affinity or its container forbids."""

from __future__ import annotations

import os
from pathlib import Path

CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/cpu.max"),  # "200000 100000": microseconds of CPU in each period
    Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),  # the older form, with the period beside it
)
OLD_PERIOD_US = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")


def usable_cores() -> int:
    """At least one."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        cores = os.cpu_count() or 1
    limit = container_cores()
    return max(1, min(cores, limit) if limit else cores)


def container_cores() -> int:
    """The cores that the container's limit of CPU time amounts to, rounded up; 0 without a limit."""
    newer, older = CGROUP_LIMITS
    try:
        if newer.is_file():
            quota, period = newer.read_text().split()
        elif older.is_file():
            quota, period = older.read_text(), OLD_PERIOD_US.read_text()
        else:
            return 0
        return -(-int(quota) // int(period)) if int(quota) > 0 else 0
    except (OSError, ValueError, ZeroDivisionError):  # "max": no limit
        return 0
