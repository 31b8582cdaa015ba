"""`frametalk models` at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from frametalk import cli, models
from frametalk.commands import shared
from model_store.hub import FakeHub, serving, whisper_files


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "120")
    with serving(FakeHub(files={"Systran/faster-whisper-tiny": whisper_files()})) as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.url)
        yield fake


def test_list_pull_path_and_verify_agree(
    hub: FakeHub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["models", "list"]) == 0
    listed = capsys.readouterr().out
    assert "tiny.en" in listed
    assert "en_US-ljspeech-medium" in listed
    assert str(tmp_path / "models") in listed
    assert "yes" not in listed

    assert cli.main(["models", "pull", "tiny"]) == 0
    printed = capsys.readouterr().out
    assert f"from {hub.url}/Systran/faster-whisper-tiny, all checksums match" in printed
    assert str(tmp_path / "models" / "tiny") in printed

    assert cli.main(["models", "path", "tiny"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'models' / 'tiny'}\n"
    assert cli.main(["models", "path"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'models'}\n"

    assert cli.main(["models", "verify"]) == 0
    assert capsys.readouterr().out == "tiny: complete\n"
    assert cli.main(["models", "pull", "tiny"]) == 0
    assert "already here and complete" in capsys.readouterr().out
    assert cli.main(["models", "list"]) == 0
    assert capsys.readouterr().out.count("yes") == 1


def test_verify_finds_damage_and_says_how_to_repair_it(
    hub: FakeHub, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["models", "pull", "tiny"])
    (models.folder() / "tiny" / "config.json").unlink()
    (models.folder() / "own").mkdir()
    capsys.readouterr()
    assert cli.main(["models", "verify"]) == shared.FAILED
    printed = capsys.readouterr().out
    assert "tiny: config.json is missing" in printed
    assert "frametalk models pull tiny" in printed
    assert "own: not pulled" in printed
    assert cli.main(["models", "list"]) == 0
    assert "added by hand" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pull", "nothing-like-it"], "frametalk models list"),
        (["pull", "tiny", "--from", "/no/such/folder"], "does not exist"),
        (["verify", "tiny"], "frametalk models pull tiny"),
        (["path", "tiny"], "frametalk models pull tiny"),
    ],
)
def test_an_error_gives_its_remedy_in_one_line(
    hub: FakeHub, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert cli.main(["models", *arguments]) == shared.BAD_INPUT
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert said in printed


def test_starter_pulls_a_model_of_each_kind_and_shows_their_licences(
    hub: FakeHub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from frametalk.model_store import manifest, pull, starter

    pulled: list[str] = []

    def fake(name: str, origin: str | None, *_arguments: object) -> pull.Pulled:
        pulled.append(name)
        assert origin == "index"
        files = {"model": manifest.Entry(1, "")}
        found = manifest.Manifest(name=name, kind="", origin="here", licence="CC0", files=files)
        return pull.Pulled(found, Path(name))

    monkeypatch.setattr(pull, "pull", fake)
    assert cli.main(["models", "pull", "--from", "index", "starter", "smart-turn"]) == 0
    assert pulled == list(starter.names())
    assert capsys.readouterr().out.count("licence: CC0") == 3


def test_verify_without_models_says_so(hub: FakeHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "verify"]) == 0
    assert "no models in" in capsys.readouterr().out


def test_an_interrupted_pull_says_that_it_can_be_resumed(
    hub: FakeHub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from frametalk.model_store import pull

    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pull, "pull", interrupted)
    assert cli.main(["models", "pull", "tiny"]) == shared.INTERRUPTED
    assert "pull again to resume" in capsys.readouterr().err
