"""The Godot client's documents and data against the wire and the package."""

from __future__ import annotations

import json
import re
import runpy

from conftest import ROOT

CLIENT = ROOT / "engine_clients" / "godot"
ADDON = CLIENT / "addons" / "frametalk"
MADE = re.compile(r'(?:FrametalkError\.new|_bad|_fail)\(\s*"(\w+)"')
VERSION = re.compile(r'^version ?= ?"(.+)"', re.MULTILINE)
MEMBER = re.compile(r"(?:@export[^ ]*(?:\([^)]*\))? )?(?:static )?(?:signal|func|var|enum) (\w+)")
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def troubleshooting() -> set[str]:
    """Codes in the first columns of its tables; a row may be about several."""
    page = (CLIENT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
    return {code for cell in cells for code in re.findall(r"`(\w+)`", cell)}


def test_every_code_of_the_wire_has_advice() -> None:
    page = (ROOT / "protocols" / "wire.md").read_text(encoding="utf-8")
    codes = set(ROW.findall(page.split("\n## Errors")[1]))
    assert len(codes) > 70
    assert codes - troubleshooting() == set()


def test_every_code_of_the_addon_has_advice() -> None:
    made: set[str] = set()
    for script in ADDON.rglob("*.gd"):
        made |= set(MADE.findall(script.read_text(encoding="utf-8")))
    assert "cannot_connect" in made
    assert made - troubleshooting() == set()


def test_advice_is_only_for_codes_that_exist() -> None:
    page = (ROOT / "protocols" / "wire.md").read_text(encoding="utf-8")
    scripts = "".join(script.read_text("utf-8") for script in ADDON.rglob("*.gd"))
    unknown = {code for code in troubleshooting() if code not in page and code not in scripts}
    assert unknown == set()


def test_the_demos_world_is_the_packages() -> None:
    exporter = ROOT / "engine_clients" / "webxr" / "demo" / "export_world.py"
    world = runpy.run_path(str(exporter))["world"]()
    assert (CLIENT / "demo" / "tavern.json").read_text(encoding="utf-8") == world


def test_the_recorded_session_is_the_wires() -> None:
    recorded = json.loads((ADDON / "testing" / "session.json").read_text(encoding="utf-8"))
    golden = ROOT / "protocols" / "golden" / "session.json"
    assert recorded == json.loads(golden.read_text(encoding="utf-8"))


def test_the_pictures_of_the_documents_exist_and_are_small() -> None:
    pages = [CLIENT / "README.md", *(CLIENT / "docs").glob("*.md")]
    linked = {
        page.parent / image
        for page in pages
        for image in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    assert linked
    for image in linked:
        assert image.stat().st_size <= 150_000, image.name


def test_links_of_the_documents_lead_somewhere() -> None:
    for page in [CLIENT / "README.md", *(CLIENT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_only_the_addon_is_shipped() -> None:
    rules = (CLIENT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert rules[-3:] == [
        "/** export-ignore",
        "/addons !export-ignore",
        "/addons/** !export-ignore",
    ]
    for file in ("plugin.cfg", "LICENSE", "README.md", "CHANGELOG.md", "icon.svg"):
        assert (ADDON / file).is_file()
    licence = (ADDON / "LICENSE").read_text(encoding="utf-8")
    assert licence == (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_plugins_version_is_the_packages() -> None:
    found = [
        VERSION.findall(file.read_text(encoding="utf-8"))
        for file in (ROOT / "pyproject.toml", ADDON / "plugin.cfg")
    ]
    assert found[0] == found[1] != []


def undocumented(script: str) -> list[str]:
    """Public members without a `##` comment above; annotations may stand between."""
    lines = script.splitlines()
    found = []
    for number, line in enumerate(lines):
        member = MEMBER.match(line)
        if not member or member[1].startswith("_"):
            continue
        above = number - 1
        while lines[above].startswith("@"):
            above -= 1
        if not lines[above].startswith("##"):
            found.append(member[1])
    return found


def test_every_public_member_is_in_the_editors_help() -> None:
    missing = {}
    for script in ADDON.rglob("*.gd"):
        text = script.read_text(encoding="utf-8")
        if re.search(r"^class_name ", text, re.MULTILINE):
            assert re.search(r"^extends \w+\n##", text, re.MULTILINE), script.name
            missing[script.name] = undocumented(text)
    assert {name: members for name, members in missing.items() if members} == {}


def test_every_script_has_its_uid_and_every_node_its_icon() -> None:
    scripts = [s for s in CLIENT.rglob("*.gd") if ".godot" not in s.parts]
    assert [s.name for s in scripts if not s.with_suffix(".gd.uid").exists()] == []
    for script in ADDON.glob("*.gd"):
        text = script.read_text(encoding="utf-8")
        if "class_name" in text and "\nextends Node\n" in text:
            icon = re.search(r'@icon\("res://(.+)"\)', text)
            assert icon, script.name
            assert (CLIENT / icon[1]).is_file()
