"""The commands that measure a game engine's client."""

from __future__ import annotations

from pathlib import Path

import pytest

from frametalk.bench.client import engines
from frametalk.errors import ConfigError


def test_godot_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GODOT", "/opt/godot")
    monkeypatch.setattr(engines, "_import", lambda *_project: None)
    command = engines.ENGINES["godot"].command("ws://here", Path("result.json"))
    assert command[0] == "/opt/godot"
    assert command[-2:] == ["ws://here", "result.json"]
    project = Path(command[command.index("--path") + 1])
    assert (project / command[command.index("--script") + 1]).exists()


def test_a_missing_godot_is_said_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GODOT", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="Godot is not on PATH"):
        engines.godot("ws://here", Path("result.json"))


def test_outside_a_clone_it_says_where_it_looked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GODOT", "/opt/godot")
    monkeypatch.setattr(engines, "CLIENTS", tmp_path)
    with pytest.raises(ConfigError, match=str(tmp_path)):
        engines.godot("ws://here", Path("result.json"))


def test_csharp_runs_the_script_of_the_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.shutil, "which", lambda _program: "/usr/bin/mcs")
    command = engines.csharp("ws://here", Path("result.json"))
    assert Path(command[0]).exists()
    assert command[1:] == ["ws://here", "result.json"]


def test_a_missing_mono_is_said_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="mcs is not on PATH"):
        engines.csharp("ws://here", Path("result.json"))


def test_the_web_client_runs_the_script_of_the_clone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engines.shutil, "which", lambda _program: "/usr/bin/chromium")
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda _name: object())
    client = tmp_path / "webxr"
    (client / "dist").mkdir(parents=True)
    (client / "package.json").touch()
    (client / "dist" / "frametalk.js").touch()
    monkeypatch.setattr(engines, "CLIENTS", tmp_path)
    command = engines.web("ws://here", Path("result.json"))
    assert command[1:] == [str(client / "bench" / "bench.py"), "ws://here", "result.json"]


def test_a_web_client_that_is_not_built_is_said_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engines.shutil, "which", lambda _program: "/usr/bin/chromium")
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda _name: object())
    (tmp_path / "webxr").mkdir()
    (tmp_path / "webxr" / "package.json").touch()
    monkeypatch.setattr(engines, "CLIENTS", tmp_path)
    with pytest.raises(ConfigError, match="not built") as caught:
        engines.web("ws://here", Path("result.json"))
    assert "npm run build" in caught.value.remedy


def test_a_missing_playwright_is_said_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match="playwright is not installed"):
        engines.web("ws://here", Path("result.json"))
