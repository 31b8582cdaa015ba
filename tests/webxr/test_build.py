"""The web client's build: reproducible, and without a registry's address."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path

import pytest

from chromium import CLIENT, PARTS
from conftest import require, require_program

pytestmark = pytest.mark.real

MODES = ("production", "worker", "audio")


async def build(out: Path) -> dict[str, bytes]:
    """Build the three files into `out`."""
    node = require_program("node")
    vite = CLIENT / "node_modules" / "vite" / "bin" / "vite.js"
    require(vite.is_file(), "engine_clients/webxr has no node_modules: `npm ci` there")
    for mode in MODES:
        arguments = [
            str(vite),
            "build",
            "--mode",
            mode,
            "--outDir",
            str(out),
            "--logLevel",
            "error",
        ]
        child = await asyncio.create_subprocess_exec(node, *arguments, cwd=CLIENT)
        assert await child.wait() == 0
    return {part: (out / part).read_bytes() for part in PARTS}


async def test_the_build_is_reproducible_and_small(tmp_path: Path) -> None:
    first = await build(tmp_path / "first")
    assert await build(tmp_path / "second") == first
    assert sum(len(gzip.compress(part)) for part in first.values()) < 64 * 1024
    for name, part in first.items():
        assert b"eval(" not in part, name
        assert b"__WORKER_URL__" not in part, name
        assert b"__AUDIO_URL__" not in part, name
    assert b'new URL("./frametalk-worker.js", import.meta.url)' in first["frametalk.js"]


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((CLIENT / "package-lock.json").read_text(encoding="utf-8"))
    assert lock["packages"]
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    unlocked = [
        name for name, package in lock["packages"].items() if name and "integrity" not in package
    ]
    assert unlocked == []
