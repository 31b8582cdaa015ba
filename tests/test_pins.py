"""What CI and deployments install: each file has a hash, and the pins are those of pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CI = ROOT / ".ci"
PINS = (
    CI / "build.txt",
    CI / "requirements.txt",
    CI / "node.txt",
    ROOT / "deploy" / "requirements.txt",
    ROOT / "tests" / "conformance" / "autobahn_requirements.txt",
    ROOT / "tests" / "conformance" / "autobahn_suite.txt",
)


def pinned(file: Path) -> dict[str, str]:
    """Names and versions; fails at one without a version or without a hash."""
    found = {}
    text = file.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in filter(None, text.splitlines()):
        requirement, *hashes = line.split(" --hash=")
        parsed = Requirement(requirement.strip())
        (version,) = parsed.specifier
        assert version.operator == "=="
        assert hashes, line
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}\s*", each) for each in hashes)
        found[canonicalize_name(parsed.name)] = version.version
    return found


def asked(extras: set[str]) -> list[Requirement]:
    """What pyproject.toml asks for with these extras, and with those that they name."""
    waiting = [*PROJECT["dependencies"], f"frametalk[{','.join(extras)}]"]
    found = []
    while waiting:
        requirement = Requirement(waiting.pop())
        if requirement.name == PROJECT["name"]:
            for extra in requirement.extras:
                waiting += PROJECT["optional-dependencies"][extra]
        else:
            found.append(requirement)
    return found


@pytest.mark.parametrize("file", PINS, ids=lambda file: file.name)
def test_every_package_has_one_version_and_hashes_and_no_index_is_named(file: Path) -> None:
    assert pinned(file)
    assert "://" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "extras"),
    [
        (CI / "requirements.txt", {"test"}),
        (ROOT / "deploy" / "requirements.txt", {"embedded", "opus", "openai", "tokens"}),
    ],
)
def test_the_pins_are_what_the_project_asks_for(file: Path, extras: set[str]) -> None:
    """Otherwise run .ci/lock."""
    pins = pinned(file)
    for requirement in asked(extras):
        version = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), requirement


def test_both_lists_pin_the_same_versions() -> None:
    ci, deployed = pinned(CI / "requirements.txt"), pinned(ROOT / "deploy" / "requirements.txt")
    assert {name: ci.get(name) for name in deployed} == deployed


@pytest.mark.parametrize("script", [CI / "run", ROOT / "tests" / "conformance" / "autobahn.sh"])
def test_pip_installs_nothing_without_a_hash(script: Path) -> None:
    text = script.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in re.findall(r"^.*\bpip\b.*(?:install|download|hashed).*$", text, re.MULTILINE):
        if not line.lstrip().startswith("#"):
            assert re.search(r"--require-hashes|hashed\[@\]|--no-deps", line), line
