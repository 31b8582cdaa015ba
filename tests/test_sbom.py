"""The bill of materials and NOTICE: everything that is installed, each with a version and a licence."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from types import ModuleType
from typing import Any

import pytest

from conftest import ROOT, require

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def export() -> ModuleType:
    spec = importlib.util.spec_from_file_location("export_sbom", ROOT / "docs" / "export_sbom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bom(export: ModuleType) -> dict[str, Any]:
    found = export.sbom(frozenset(PROJECT["optional-dependencies"]) - {"test"})
    assert found == json.loads(json.dumps(found))
    return found  # type: ignore[no-any-return]


def direct() -> Iterator[str]:
    """The packages that pyproject.toml names, those of tests excepted."""
    extras = [v for name, v in PROJECT["optional-dependencies"].items() if name != "test"]
    for requirement in (*PROJECT["dependencies"], *(each for extra in extras for each in extra)):
        name = re.match(r"[\w.-]+", requirement)
        assert name is not None
        if name[0] != "frametalk":
            yield name[0].lower()


def test_it_is_cyclonedx(bom: dict[str, Any]) -> None:
    assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.6", 1)
    assert bom["metadata"]["component"]["name"] == "frametalk"
    references = [component["bom-ref"] for component in bom["components"]]
    assert len(references) == len(set(references))
    known = {*references, bom["metadata"]["component"]["bom-ref"]}
    assert {entry["ref"] for entry in bom["dependencies"]} == known
    for entry in bom["dependencies"]:
        assert set(entry["dependsOn"]) <= known
        assert len(set(entry["dependsOn"])) == len(entry["dependsOn"])


def test_it_keeps_to_the_schema(export: ModuleType, bom: dict[str, Any]) -> None:
    require(importlib.util.find_spec("cyclonedx"), "cyclonedx-python-lib[json-validation]")
    assert export.problem(bom) == ""
    broken = {**bom, "components": [{**bom["components"][0], "type": "book"}]}
    assert "book" in export.problem(broken)


def test_every_component_has_a_version_an_address_and_a_licence(bom: dict[str, Any]) -> None:
    for component in bom["components"]:
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"
        (licence,) = component["licenses"]
        assert licence.get("expression") or licence["license"]["name"] != "unknown", component


def test_what_is_installed_is_listed_with_its_version(bom: dict[str, Any]) -> None:
    versions = {component["name"]: component["version"] for component in bom["components"]}
    for name in ("websockets", "msgspec", "numpy"):
        assert versions[name] == version(name)
    assert "pytest" not in versions


def test_notice_names_every_package_that_frametalk_asks_for() -> None:
    listed = dict(
        re.findall(r"^([\w.-]+): (.+)$", (ROOT / "NOTICE").read_text("utf-8"), re.MULTILINE)
    )
    assert set(direct()) - set(listed) == set()
    assert "unknown" not in listed.values()
    assert listed["piper-tts"] == listed["espeakng-loader"] == "GPL-3.0-or-later"
