"""Writes the `.meta` of every asset of the Unity package, with a GUID that its path alone decides.

    python engine_clients/unity/make_metas.py

Unity finds scripts in scenes and prefabs by GUID, so it must never change, and a package of a git
URL is read-only: without its `.meta` a file is ignored there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "com.frametalk.client"

_FOLDER = "folderAsset: yes\nDefaultImporter:\n  externalObjects: {}\n"
_ENDING = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
_SCRIPT = (
    "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n"
    "  executionOrder: 0\n  icon: {instanceID: 0}\n"
)
_IMPORTERS = {
    ".cs": _SCRIPT,
    ".asmdef": "AssemblyDefinitionImporter:\n  externalObjects: {}\n",
    ".md": "TextScriptImporter:\n  externalObjects: {}\n",
    ".txt": "TextScriptImporter:\n  externalObjects: {}\n",
    ".json": "TextScriptImporter:\n  externalObjects: {}\n",
    ".inputactions": "DefaultImporter:\n  externalObjects: {}\n",
}


def assets(package: Path) -> list[Path]:
    """Every file and folder that Unity imports, also those of samples, which are copied from here."""
    return sorted(
        path
        for path in package.rglob("*")
        if path.suffix != ".meta" and not _ignored(path.relative_to(package))
    )


def _ignored(path: Path) -> bool:
    """Unity ignores what ends with `~` or begins with a dot; a sample's own files are copied out."""
    if any(part.startswith(".") for part in path.parts) or path.parts[0] == "Documentation~":
        return True
    return path.name.endswith("~")


def guid(package: Path, path: Path) -> str:
    """32 hexadecimal digits, from the package's name and the path inside it."""
    name = f"{package.name}/{path.relative_to(package).as_posix()}"
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def meta(package: Path, path: Path) -> str:
    """The text of an asset's `.meta`.

    Raises KeyError for a type of file that has no importer here.
    """
    if path.is_dir():
        importer = _FOLDER
    elif path.relative_to(package).as_posix() == "package.json":
        importer = "PackageManifestImporter:\n  externalObjects: {}\n"
    else:
        importer = _IMPORTERS[path.suffix]
    return f"fileFormatVersion: 2\nguid: {guid(package, path)}\n{importer}{_ENDING}"


def meta_of(path: Path) -> Path:
    """Where an asset's `.meta` lies."""
    return path.with_name(f"{path.name}.meta")


def stale(package: Path) -> list[str]:
    """Metas that are missing, differ, or belong to nothing."""
    expected = {meta_of(path): meta(package, path) for path in assets(package)}
    present = set(package.rglob("*.meta"))
    wrong = [
        path
        for path, text in expected.items()
        if path not in present or path.read_text(encoding="utf-8") != text
    ]
    return sorted(str(path.relative_to(package)) for path in [*wrong, *(present - set(expected))])


def main() -> None:
    """Writes what is missing or differs, and removes what belongs to nothing."""
    for name in stale(PACKAGE):
        (PACKAGE / name).unlink(missing_ok=True)
    for path in assets(PACKAGE):
        meta_of(path).write_text(meta(PACKAGE, path), encoding="utf-8")


if __name__ == "__main__":
    main()
