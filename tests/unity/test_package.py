"""The Unity package as Unity's Package Manager sees it: layout, metas, tarball, documentation."""

from __future__ import annotations

import json
import re
import sys
import tarfile
from pathlib import Path

import pytest

from conftest import ROOT

UNITY = ROOT / "engine_clients" / "unity"
sys.path.insert(0, str(UNITY))

import check_stub  # noqa: E402
import make_metas  # noqa: E402
import pack  # noqa: E402
import update_troubleshooting  # noqa: E402

PACKAGE = make_metas.PACKAGE
MANIFEST = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
TROUBLE = (PACKAGE / "Documentation~" / "troubleshooting.md").read_text(encoding="utf-8")


def assembly(path: Path) -> dict[str, object]:
    """An assembly definition."""
    content: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return content


def first_column(table: str) -> set[str]:
    """The codes in the first column of all tables of a text."""
    return set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


# ---- metas ---------------------------------------------------------------------------------------


def test_every_asset_has_the_meta_that_the_script_writes() -> None:
    assert make_metas.stale(PACKAGE) == [], "run python engine_clients/unity/make_metas.py"


def test_no_two_assets_share_a_guid() -> None:
    guids = [make_metas.guid(PACKAGE, path) for path in make_metas.assets(PACKAGE)]
    assert len(set(guids)) == len(guids) > 50


def test_a_guid_depends_on_the_path_alone(tmp_path: Path) -> None:
    package = tmp_path / PACKAGE.name
    (package / "Runtime").mkdir(parents=True)
    script = package / "Runtime" / "A.cs"
    script.write_text("class A {}", encoding="utf-8")
    before = make_metas.guid(package, script)
    script.write_text("class A { int b; }", encoding="utf-8")
    assert make_metas.guid(package, script) == before
    assert make_metas.guid(package, script.with_name("B.cs")) != before


def test_the_check_finds_missing_changed_and_left_over_metas(tmp_path: Path) -> None:
    package = tmp_path / "com.example"
    package.mkdir()
    for name in ("missing.md", "changed.md"):
        (package / name).write_text("text", encoding="utf-8")
    (package / "changed.md.meta").write_text("guid: 0\n", encoding="utf-8")
    (package / "gone.md.meta").write_text("guid: 1\n", encoding="utf-8")
    assert make_metas.stale(package) == ["changed.md.meta", "gone.md.meta", "missing.md.meta"]


# ---- the manifest and assemblies -----------------------------------------------------------------


def test_the_manifest_says_what_the_package_manager_needs() -> None:
    assert (MANIFEST["name"], MANIFEST["unity"]) == ("com.frametalk.client", "2022.3")
    assert {"displayName", "description", "keywords", "documentationUrl", "license"} <= set(
        MANIFEST
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST["version"])


def test_only_modules_of_unity_are_required() -> None:
    assert MANIFEST["dependencies"]
    assert all(name.startswith("com.unity.modules.") for name in MANIFEST["dependencies"])


def test_every_sample_is_there_with_code_and_a_readme() -> None:
    folders = {sample["path"] for sample in MANIFEST["samples"]}
    assert folders == {f"Samples~/{f.name}" for f in (PACKAGE / "Samples~").iterdir() if f.is_dir()}
    for folder in folders:
        assert list((PACKAGE / folder).glob("*.cs"))
        assert (PACKAGE / folder / "README.md").exists()


@pytest.mark.parametrize(
    "name", ["README.md", "CHANGELOG.md", "LICENSE.md", "Third Party Notices.md", "Documentation~"]
)
def test_what_a_package_ships_beside_code(name: str) -> None:
    assert (PACKAGE / name).exists()


def test_the_changelog_and_the_manifest_name_the_same_version() -> None:
    newest = re.search(r"^## \[(.+)\]", (PACKAGE / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == MANIFEST["version"]


def test_the_license_is_the_repository_s() -> None:
    assert (PACKAGE / "LICENSE.md").read_text() == (ROOT / "LICENSE").read_text()


def test_the_core_uses_no_game_engine() -> None:
    core = assembly(PACKAGE / "Runtime" / "Core" / "Frametalk.Core.asmdef")
    assert core["noEngineReferences"] is True
    assert core["references"] == []
    for file in (PACKAGE / "Runtime" / "Core").rglob("*.cs"):
        assert not re.search(r"\bUnityE\w+\s*[.;]", file.read_text(encoding="utf-8")), file


def test_the_editor_s_code_stays_out_of_games() -> None:
    editor = assembly(PACKAGE / "Editor" / "Frametalk.Unity.Editor.asmdef")
    assert editor["includePlatforms"] == ["Editor"]
    for file in (PACKAGE / "Runtime").rglob("*.cs"):
        assert "using UnityEditor" not in file.read_text(encoding="utf-8"), file


def test_code_of_an_optional_package_stands_behind_its_symbol() -> None:
    symbols = {
        "UnityEngine.InputSystem": "FRAMETALK_INPUT_SYSTEM",
        "Cysharp.Threading.Tasks": "FRAMETALK_UNITASK",
        "Newtonsoft.Json": "FRAMETALK_NEWTONSOFT",
        "UniVRM10": "FRAMETALK_UNIVRM",
    }
    unity = assembly(PACKAGE / "Runtime" / "Unity" / "Frametalk.Unity.asmdef")
    defined = {entry["define"] for entry in unity["versionDefines"]}  # type: ignore[attr-defined]
    assert defined == set(symbols.values())
    for file in (PACKAGE / "Runtime" / "Unity").rglob("*.cs"):
        text = file.read_text(encoding="utf-8")
        for namespace, symbol in symbols.items():
            if f"using {namespace}" in text:
                before = text[: text.index(f"using {namespace}")]
                assert f"#if {symbol}" in before, file


# ---- the tarball ---------------------------------------------------------------------------------


def test_the_tarball_has_every_file_below_one_folder(tmp_path: Path) -> None:
    with tarfile.open(pack.pack(PACKAGE, tmp_path)) as archive:
        names = set(archive.getnames())
    assert "package/package.json" in names
    assert "package/Samples~/Tavern/Tavern.cs" in names
    assert all(name.startswith("package/") for name in names)
    assert len(names) == len(pack.files(PACKAGE))


def test_the_same_files_give_the_same_tarball(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        pack.pack(PACKAGE, folder)
    name = f"com.frametalk.client-{MANIFEST['version']}.tgz"
    assert (first / name).read_bytes() == (second / name).read_bytes()


# ---- the stub ------------------------------------------------------------------------------------


def test_every_member_of_the_stub_is_in_the_list_of_those_that_were_compared() -> None:
    listed = check_stub.LIST.read_text(encoding="utf-8")
    assert listed == check_stub.listed(check_stub.STUB), (
        "compare the new members with Unity's documentation, then run check_stub.py"
    )


def test_a_member_that_differs_from_the_reference_is_found(tmp_path: Path) -> None:
    stub, reference = tmp_path / "stub", tmp_path / "reference"
    for folder in (stub, reference):
        folder.mkdir()
    (stub / "A.cs").write_text(
        "namespace UnityEngine\n{\n    public class Sound\n    {\n"
        "        public float volume { get; set; }\n"
        "        public void Play(int delay, float[] data)\n"
        "        public void Stop(bool all)\n"
        "    }\n}\n"
    )
    (reference / "B.cs").write_text(
        "public sealed class Sound {\n extern public float volume { get; set; }\n"
        " public void Play([Default] int delay = 3, float[] data);\n public void Stop(int what);\n}"
    )
    assert [member.name for member in check_stub.missing(stub, reference)] == ["Stop"]


# ---- the documentation ---------------------------------------------------------------------------


def test_troubleshooting_names_every_code_of_the_wire() -> None:
    wire = update_troubleshooting.WIRE.read_text(encoding="utf-8")
    codes = first_column(wire[wire.index("\n## Errors") :])
    assert len(codes) > 50
    assert codes - first_column(TROUBLE) == set()
    assert update_troubleshooting.updated(TROUBLE, wire) == TROUBLE, (
        "run python engine_clients/unity/update_troubleshooting.py"
    )


def test_what_to_do_is_kept_when_the_wire_changes() -> None:
    page = (
        "| `own` | x | y |\n\n## Errors of the server\n\n| code |\n|---|\n"
        "| `old` | no | when | by hand |\n"
    )
    wire = (
        "\n## Errors\n| `own` | a | b | no | c | d |\n| `old` | a | b | yes | later | e |\n"
        "| `new` | a | b | no | as above: now | f |\n"
    )
    rows = update_troubleshooting.updated(page, wire).splitlines()[-2:]
    assert rows == [
        "| `old` | yes | later | by hand |",
        "| `new` | no | at the server's start: now | f |",
    ]


def test_troubleshooting_names_every_code_of_the_package() -> None:
    made = re.compile(r"\b(?:new FrametalkE\w+|Failed|Error)\(\s*\"([a-z]+_[a-z_]+)\"")
    constants = re.compile(r"const string \w*Code = \"([a-z_]+)\"")
    codes: set[str] = set()
    for file in (PACKAGE / "Runtime").rglob("*.cs"):
        text = file.read_text(encoding="utf-8")
        codes |= set(made.findall(text)) | set(constants.findall(text))
    assert {"session_used", "platform_unsupported"} <= codes
    assert codes - first_column(TROUBLE) == set()


def test_troubleshooting_names_no_code_that_does_not_exist() -> None:
    wire = (ROOT / "protocols" / "wire.md").read_text(encoding="utf-8")
    known = first_column(wire[wire.index("\n## Errors") :])
    code = "".join(file.read_text(encoding="utf-8") for file in (PACKAGE / "Runtime").rglob("*.cs"))
    stray = {name for name in first_column(TROUBLE) - known if f'"{name}"' not in code}
    assert stray == set()


def test_links_of_the_documentation_lead_somewhere() -> None:
    for page in (*PACKAGE.glob("*.md"), *(PACKAGE / "Documentation~").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"
