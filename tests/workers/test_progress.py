from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from frametalk.workers.progress import Progress, new_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="children inherit no files there")


@contextmanager
def both_sides() -> Iterator[tuple[Progress, Progress]]:
    """The record as the child and the parent have it."""
    fd = new_file()
    child, parent = Progress(fd), Progress(fd)
    os.close(fd)
    yield child, parent
    child.close()
    parent.close()


def test_the_parent_sees_which_call_the_child_handles() -> None:
    with both_sides() as (child, parent):
        assert parent.read() == (0, 0)
        child.begin(7)
        assert parent.read() == (7, 1)
        child.begin(0)
        assert parent.read() == (0, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the record is a temporary file")
def test_the_record_needs_no_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with both_sides() as (child, parent):
        child.begin(1)
        assert parent.read() == (1, 1)
