"""Downloads one wheel with pip, whose settings (index, mirror, proxy, credentials) are the user's own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from frametalk.model_store.errors import PullError
from frametalk.model_store.pins import Wheel

POLL_S = 0.1
COMMAND = (
    *("-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python"),
    *("--no-cache-dir", "--no-input", "--disable-pip-version-check", "--quiet"),
)

_CREDENTIALS = re.compile(r"//[^/\s@]+@")


def download_wheel(wheel: Wheel, target: Path, on_bytes: Callable[[int], None]) -> None:
    """Download `wheel` to `target`; nothing of it is installed, imported or run.

    `on_bytes` is called with each growth of the download in bytes. Raises PullError when pip is missing or
    fails, and for a file larger than the pinned size; a partial download is deleted in any case.
    """
    scratch = target.with_suffix(".tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "work").mkdir(parents=True)
    try:
        _run(wheel, scratch, on_bytes)
        found = list(scratch.glob("*.whl"))
        if len(found) != 1 or found[0].stat().st_size > wheel.size:
            raise _not_the_pinned(wheel)
        found[0].replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(wheel: Wheel, scratch: Path, on_bytes: Callable[[int], None]) -> None:
    # pip downloads into the folder for temporary files, where the growth can be seen.
    work = str(scratch / "work")
    environment = {**os.environ, "TMPDIR": work, "TEMP": work, "TMP": work}
    errors = scratch / "errors.txt"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603  (its arguments are from the catalogue)
            [sys.executable, *COMMAND, "--dest", str(scratch), wheel.requirement],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=environment,
        )
        try:
            status = _watch(process, wheel, scratch, on_bytes)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if status != 0:
        raise _failed(wheel, errors.read_text(encoding="utf-8", errors="replace"))


def _watch(
    process: subprocess.Popen[bytes], wheel: Wheel, scratch: Path, on_bytes: Callable[[int], None]
) -> int:
    """The exit status; raises PullError as soon as a file outgrows the wheel."""
    reported = 0
    while True:
        try:
            return process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            size = _largest(scratch)
        if size > wheel.size:
            raise _not_the_pinned(wheel)
        if size > reported:
            on_bytes(size - reported)
            reported = size


def _largest(folder: Path) -> int:
    """The size of the largest file in a folder whose files come and go."""
    largest = 0
    for path, _folders, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, (Path(path) / name).stat().st_size)
            except FileNotFoundError:
                continue
    return largest


def _not_the_pinned(wheel: Wheel) -> PullError:
    return PullError(
        f"the package index has another file as {wheel.requirement} than the pinned one",
        remedy="check which index pip uses (`pip config list`); do not trust this one",
    )


def _failed(wheel: Wheel, errors: str) -> PullError:
    if "No module named pip" in errors:
        return PullError(
            f"{sys.executable} has no pip, which downloads from the package index",
            remedy=f"install it: {sys.executable} -m ensurepip --upgrade, or: uv pip install pip",
        )
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    said = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    reason = _CREDENTIALS.sub("//***@", (said or lines or ["no reason given"])[-1])
    return PullError(
        f"pip cannot download {wheel.requirement}: {reason}",
        remedy="check the network and the index that pip uses (`pip config list`, PIP_INDEX_URL);"
        " without one, copy the models folder of another machine and use --from FOLDER",
    )
