"""Packs the Unity package as a tarball for Unity's Package Manager.

    python engine_clients/unity/pack.py [FOLDER]

Writes `com.frametalk.client-VERSION.tgz` into the folder (the present one if none is given) and prints
its path. The same files give the same bytes.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "com.frametalk.client"
# The first folder of every file, as the Package Manager expects it.
_ROOT = "package"


def files(package: Path) -> list[Path]:
    """What is packed: every file, but none whose name begins with a dot."""
    return sorted(
        path
        for path in package.rglob("*")
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(package).parts)
    )


def pack(package: Path, folder: Path) -> Path:
    """Write the tarball into a folder. Returns its path."""
    manifest = json.loads((package / "package.json").read_text(encoding="utf-8"))
    target = folder / f"{manifest['name']}-{manifest['version']}.tgz"
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in files(package):
            content = path.read_bytes()
            entry = tarfile.TarInfo(f"{_ROOT}/{path.relative_to(package).as_posix()}")
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    target.write_bytes(gzip.compress(tar.getvalue(), mtime=0))
    return target


def main() -> None:
    """Packs into the folder that is given."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    sys.stdout.write(f"{pack(PACKAGE, folder)}\n")


if __name__ == "__main__":
    main()
