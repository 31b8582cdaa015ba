"""A machine that lacks something: a server goes on, or says in one line what is wrong."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from conftest import require_allowed
from constrained_server import Constrained, constrained, talk, typed
from frametalk.headless.clock import Clock
from frametalk.headless.player import Player, PlayerOptions
from frametalk.headless.scene import GameWorld
from frametalk.headless.worldfile import load_world
from frametalk.wire import messages as m
from sockets import get

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="faults of a Linux machine"),
]

HEARD = "who are you"
QUIET = "log.level=WARNING"


def mounts() -> None:
    """Skip where this user may not make mounts of its own."""
    attempt = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"]
    require_allowed(attempt, "no mounts of one's own here")


def in_mounts(commands: str) -> tuple[str, ...]:
    """A program that runs another one after these commands, with mounts of its own."""
    return ("unshare", "--mount", "sh", "-c", f'set -e; {commands}; exec "$@"', "sh")


PIDFD_GETFD = 438  # a system call, by its number on every architecture
READ_ONLY = (
    "mount --bind / /; mount -o remount,bind,ro /; mount -o remount,bind,ro /tmp || true; cd /"
)


def no_traceback(server: Constrained) -> None:
    assert "Traceback" not in server.log, server.log


# ---- the disk ------------------------------------------------------------------------------------


async def test_a_full_disk_ends_records_and_no_session(tmp_path: Path) -> None:
    mounts()
    full = tmp_path / "full"
    full.mkdir()
    async with constrained(
        tmp_path,
        QUIET,
        "privacy.store=true",
        "privacy.record=true",
        f"privacy.folder={full}/records",
        f"audit.file={full}/audit.jsonl",
        f"server.handover_file={full}/handover",
        prefix=in_mounts(
            f"mount -t tmpfs -o size=64k none {full}; cat /dev/zero >{full}/fill 2>/dev/null || true"
        ),
    ) as server:
        await server.ready()
        consent = m.Consent(store=True, record=True)
        assert await talk(server, "open the door", consent=consent) == HEARD
        assert await talk(server) == HEARD
        assert await server.stop() == 0
        no_traceback(server)
        assert "not stored any more: No space left on device" in server.log
        assert "the audit log cannot be written: No space left on device" in server.log
        assert len(server.log.splitlines()) < 20  # said, not repeated for each line


async def test_a_temporary_folder_that_fills_up_keeps_nobody_from_being_heard(
    tmp_path: Path,
) -> None:
    """New scenes are kept in memory, and the log says why."""
    mounts()
    place = tmp_path / "small"
    place.mkdir()
    async with constrained(
        tmp_path,
        QUIET,
        prefix=in_mounts(f"mount -t tmpfs -o size=1m none {place}"),
        environment={"TMPDIR": str(place)},
    ) as server:
        await server.ready()
        fill(Path(f"/proc/{server.process.pid}/root{place}/fill"))
        assert await talk(server) == HEARD
        for worker in server.workers:  # the next one has to learn the scene again
            worker.kill()
        assert await talk(server) == HEARD
        assert await server.stop() == 0
        no_traceback(server)
        assert "scenes are kept in memory: No space left on device" in server.log


async def test_a_full_temporary_folder_at_the_start(tmp_path: Path) -> None:
    mounts()
    place = tmp_path / "full"
    place.mkdir()
    async with constrained(
        tmp_path,
        QUIET,
        prefix=in_mounts(
            f"mount -t tmpfs -o size=64k none {place}; cat /dev/zero >{place}/fill 2>/dev/null || true"
        ),
        environment={"TMPDIR": str(place)},
    ) as server:
        await server.ready()
        assert await talk(server) == HEARD
        assert await server.stop() == 0
        no_traceback(server)


def fill(file: Path) -> None:
    with suppress(OSError), file.open("wb", buffering=0) as out:
        while out.write(bytes(4_096)):
            pass


# ---- places --------------------------------------------------------------------------------------


async def test_no_shared_memory(tmp_path: Path) -> None:
    mounts()
    async with constrained(tmp_path, QUIET, prefix=in_mounts("umount -l /dev/shm")) as server:
        await server.ready()
        assert await talk(server) == HEARD
        assert await server.stop() == 0
        assert server.log == ""


@pytest.mark.parametrize("home", [None, "/nonexistent"])
async def test_no_home(home: str | None, tmp_path: Path) -> None:
    environment = {"HOME": home, "XDG_DATA_HOME": None, "XDG_CACHE_HOME": None}
    async with constrained(tmp_path, QUIET, environment=environment) as server:
        await server.ready()
        assert await talk(server) == HEARD
        assert await server.stop() == 0
        no_traceback(server)


async def test_nothing_but_the_temporary_folder_can_be_written(tmp_path: Path) -> None:
    mounts()
    async with constrained(
        tmp_path,
        QUIET,
        "privacy.store=true",
        f"server.handover_file={tmp_path}/handover",
        prefix=in_mounts(f"{READ_ONLY}; mount -t tmpfs none /mnt"),
        environment={"HOME": "/root", "XDG_DATA_HOME": "/var/lib", "TMPDIR": "/mnt"},
    ) as server:
        await server.ready()
        assert await talk(server, consent=m.Consent(store=True)) == HEARD
        assert await server.stop() == 0
        no_traceback(server)


async def test_no_temporary_folder_at_all(tmp_path: Path) -> None:
    """It says in one line what it needs, and does not start."""
    mounts()
    place = {"TMPDIR": "/nonexistent"}
    async with constrained(
        tmp_path, QUIET, prefix=in_mounts(f"{READ_ONLY} 2>/dev/null"), environment=place
    ) as server:
        async with asyncio.timeout(60):
            status = await server.process.wait()
        assert status == 2, server.log
        assert "frametalk: the asr adapter 'auto' did not start" in server.log
        assert "set TMPDIR to a folder that this user may write to" in server.log
        no_traceback(server)


# ---- descriptors ---------------------------------------------------------------------------------


async def test_few_descriptors_refuse_connections_and_no_session_is_lost(tmp_path: Path) -> None:
    few = ("sh", "-c", 'ulimit -n 64; exec "$@"', "sh")
    async with constrained(tmp_path, QUIET, prefix=few) as server:
        await server.ready()
        player = Player(
            await server.connect(), GameWorld(load_world("tavern")), Clock(), PlayerOptions()
        )
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(player.run())
            await player.joined.wait()
            flood = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
            await typed(player)
            used_s = psutil.Process(server.process.pid).cpu_times()
            await typed(player)
            spent_s = psutil.Process(server.process.pid).cpu_times().user - used_s.user
            for each in flood:
                each.close()
            await player.leave()
        assert await talk(server) == HEARD
        assert await server.stop() == 0
        assert spent_s < 2.0  # of a turn that lasts longer: it does not spin
        assert len(server.log) < 20_000, server.log[:2_000]


# ---- workers -------------------------------------------------------------------------------------


def kill(worker: psutil.Process) -> None:
    worker.kill()


def suspend(worker: psutil.Process) -> None:
    worker.send_signal(signal.SIGSTOP)


def starve(worker: psutil.Process) -> None:
    """From now on the system refuses it memory, as if it had swollen to its limit."""
    resource.prlimit(worker.pid, resource.RLIMIT_DATA, (1, 1))


def babble(worker: psutil.Process) -> None:
    """Write what is no frame into its pipe to the server."""
    targets = {}
    for descriptor in Path(f"/proc/{worker.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            targets[int(descriptor.name)] = descriptor.readlink()
    standard = {targets[number] for number in (0, 1, 2)}  # 1 and 2 show what is logged
    pipes = [
        _borrowed(worker.pid, number)
        for number, target in targets.items()
        if target.name.startswith(("pipe:", "socket:")) and target not in standard
    ]
    for pipe in pipes:
        os.write(pipe, b"\xff" * 4_096)
        os.close(pipe)


def _borrowed(pid: int, descriptor: int) -> int:
    """Another process's descriptor, as one of ours."""
    process = os.pidfd_open(pid)
    ours = int(ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, process, descriptor, 0))
    os.close(process)
    if ours < 0 and (number := ctypes.get_errno()) == errno.EPERM:  # as in `require_allowed`
        pytest.skip(f"its pipe cannot be borrowed: {os.strerror(number)}")
    assert ours >= 0, os.strerror(ctypes.get_errno())
    return ours


@pytest.mark.parametrize("harm", [kill, suspend, starve, babble])
async def test_a_worker_that_is_harmed_is_replaced_and_the_player_hears_every_answer(
    harm: Callable[[psutil.Process], None], tmp_path: Path
) -> None:
    async with constrained(tmp_path, QUIET, "tts.cache_mb=0") as server:
        await server.ready()
        before = {worker.pid for worker in server.workers}
        assert len(before) >= 2
        player = Player(
            await server.connect(), GameWorld(load_world("tavern")), Clock(), PlayerOptions()
        )
        async with asyncio.timeout(90), asyncio.TaskGroup() as group:
            group.create_task(player.run())
            await player.joined.wait()
            await typed(player)
            for worker in server.workers:
                harm(worker)
            await typed(player)
            await player.leave()
        assert await talk(server) == HEARD
        page = (await get(server.port, "/metrics"))[2].decode()
        assert 'frametalk_worker_restarts_total{worker="espeak' in page
        assert not before <= {worker.pid for worker in server.workers}
        assert await server.stop() == 0
        no_traceback(server)
