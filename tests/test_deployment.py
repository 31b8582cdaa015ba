"""The unit and the container's file: their steps are carried out here, in a root of their own."""

from __future__ import annotations

import asyncio
import configparser
import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from conftest import ROOT, require_program
from constrained_server import Constrained, talk
from frametalk.bench.server import free_port, left_of
from overlaid_root import NAMESPACES, OVERLAY, become, inside, read_only, require_overlay

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="deployed on Linux"),
]

UNIT = ROOT / "deploy" / "frametalk.service"
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
PAGE = ROOT / "docs" / "deployment.md"
CLONE = (
    "pyproject.toml README.md LICENSE NOTICE server deploy .ci"  # what an installation reads of it
)
TOKEN = "a-token-of-this-test"  # noqa: S105
INSTALL_S = 400
# What a machine has already, or has nothing to do with: packages of the system, systemd itself.
NOT_CARRIED_OUT = re.compile(r"apt-get|systemctl")


@dataclass
class Container:
    """What a Containerfile says: its steps as lines of a script, and how the process is started."""

    steps: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)
    user: int = 0
    writable: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    folder: str = "/"


def container(text: str) -> Container:
    """Read a Containerfile; fails at an instruction that is unknown here."""
    found = Container()
    lines = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    for line in filter(None, lines):
        instruction, _, value = line.partition(" ")
        match instruction:
            case "RUN":
                commands = [c for c in value.split("&&") if not NOT_CARRIED_OUT.search(c)]
                found.steps += [inside(c.strip(), folder=found.folder) for c in commands]
            case "COPY" if "--from=" not in value:
                *sources, target = value.split()
                target = f"/mnt/root{target}"
                copied = shlex.join([str(ROOT / source) for source in sources])
                into = "-T" if len(sources) == 1 and (ROOT / sources[0]).is_dir() else "-t"
                found.steps.append(f"mkdir -p {target}; cp -r {copied} {into} {target}\n")
            case "WORKDIR":
                found.folder = value
                found.steps.append(f"mkdir -p /mnt/root{value}\n")
            case "ENV":
                found.environment += shlex.split(value)
            case "USER":
                found.user = int(value.partition(":")[0])
            case "VOLUME":
                found.writable.append(value)
            case "ENTRYPOINT" | "CMD":
                found.command += json.loads(value)
            case "FROM" | "COPY" | "EXPOSE" | "STOPSIGNAL" | "HEALTHCHECK":
                pass
            case _:
                pytest.fail(f"unknown instruction: {line}")
    return found


@asynccontextmanager
async def running(script: str, folder: Path, port: int) -> AsyncIterator[tuple[Constrained, int]]:
    """The server that the script becomes, once it is ready, and its process id."""
    file = folder / "server.log"
    with file.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(*NAMESPACES, "sh", "-c", script), stdout=log, stderr=log
        )
    server = Constrained(port, process, file)
    try:
        await server.ready(INSTALL_S)
        (first,) = psutil.Process(process.pid).children()
        yield server, first.pid
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def status(pid: int, name: str) -> str:
    """A value of /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"{name}:")).split(":")[1].strip()


async def check(server: Constrained, pid: int, user: int) -> None:
    """It talks, as a user who may do nothing else, and stops with 0 and without orphans."""
    assert status(pid, "Uid").split() == [str(user)] * 4
    assert int(status(pid, "CapEff"), 16) == int(status(pid, "CapBnd"), 16) == 0
    assert status(pid, "NoNewPrivs") == "1"
    assert await talk(server, token=TOKEN) == "who are you"
    workers = [child.pid for child in psutil.Process(pid).children(recursive=True)]
    assert len(workers) >= 2
    psutil.Process(pid).send_signal(signal.SIGTERM)
    async with asyncio.timeout(30):
        assert await server.process.wait() == 0, server.log
    assert await left_of(workers, 5) == []
    assert "Traceback" not in server.log


# ---- the container -------------------------------------------------------------------------------


async def test_the_containers_steps_make_a_server_without_root_and_on_a_read_only_root(
    tmp_path: Path,
) -> None:
    require_overlay()
    made = container(CONTAINERFILE.read_text(encoding="utf-8"))
    assert made.user >= 10_000
    port = free_port()
    settings = (f"FRAMETALK_SERVER__TOKEN={TOKEN}", f"FRAMETALK_SERVER__PORT={port}")
    script = (
        OVERLAY
        + "".join(made.steps)
        + read_only([(place, made.user) for place in made.writable])
        + become(made.user, (*made.environment, *settings), made.command)
    )
    async with running(script, tmp_path, port) as (server, pid):
        await check(server, pid, made.user)


def test_the_container_installs_only_what_has_a_hash() -> None:
    text = CONTAINERFILE.read_text(encoding="utf-8")
    for line in re.findall(r"^RUN (.*pip install.*)$", text, re.MULTILINE):
        assert "--require-hashes" in line or "--no-deps" in line


# ---- the service ---------------------------------------------------------------------------------


def unit() -> dict[str, list[str]]:
    """The section Service of the unit; a key may occur several times."""
    found: dict[str, list[str]] = {}
    service = UNIT.read_text(encoding="utf-8").partition("[Service]")[2].partition("[Install]")[0]
    for line in service.splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def steps_of(heading: str) -> Sequence[str]:
    """The commands below a heading of docs/deployment.md, but those of apt and systemd."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}")[2]
    block = section.partition("```sh\n")[2].partition("```")[0]
    return [line for line in block.splitlines() if not NOT_CARRIED_OUT.search(line)]


async def test_the_services_steps_make_a_server_that_runs_as_its_unit_says(tmp_path: Path) -> None:
    require_overlay()
    service = unit()
    user = 61_184  # the first that systemd gives to DynamicUser=
    port = free_port()
    assert service["DynamicUser"] == ["yes"]
    state = [f"/var/lib/{name}" for name in service["StateDirectory"]]
    state += [f"/var/cache/{name}" for name in service["CacheDirectory"]]
    settings = (f"FRAMETALK_SERVER__TOKEN={TOKEN}", f"FRAMETALK_SERVER__PORT={port}")
    environment = [each for line in service["Environment"] for each in shlex.split(line)]
    script = (
        OVERLAY
        + f"mkdir -p /mnt/root/src {' '.join(f'/mnt/root{place}' for place in state)}\n"
        + f"cd {ROOT}; cp -r {CLONE} /mnt/root/src; cd /\n"
        + "".join(inside(step, folder="/src") for step in steps_of("As a systemd service"))
        + "test $(stat -c %a /mnt/root/etc/frametalk/secrets.env) = 600\n"
        + "cmp /mnt/root/etc/systemd/system/frametalk.service /mnt/root/src/deploy/frametalk.service\n"
        + read_only([(place, user) for place in state])
        + become(user, (*environment, *settings), shlex.split(service["ExecStart"][0]))
    )
    async with running(script, tmp_path, port) as (server, pid):
        await check(server, pid, user)


def test_the_unit_waits_longer_than_sessions_may_take() -> None:
    from frametalk.config import ServerSettings

    service = unit()
    assert float(service["TimeoutStopSec"][0]) * 1000 > ServerSettings().drain_ms + 5_000
    assert service["KillMode"] == ["mixed"]  # a signal to its workers would end their turns


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    program = require_program("systemd-analyze")
    placed = tmp_path / "frametalk.service"
    text = UNIT.read_text(encoding="utf-8").replace("/opt/frametalk/bin/frametalk", "/bin/true")
    placed.write_text(text, encoding="utf-8")
    found = subprocess.run(
        [program, "verify", "--man=no", str(placed)], capture_output=True, text=True, check=False
    )
    assert "frametalk.service" not in found.stderr, found.stderr


def test_the_unit_can_be_read_by_other_programs() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read(UNIT, encoding="utf-8")
    assert set(parser.sections()) == {"Unit", "Service", "Install"}
