"""Adapters by name: ours, those of other packages, and errors."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from conftest import ROOT
from frametalk.adapters import registry
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.adapters.vad.energy import EnergyVad
from frametalk.errors import AdapterError, ConfigError, Stage

SOURCE = """
    from pathlib import Path

    class Parrot:
        rate_hz = 16000

        def __init__(self, voice: str = "polly", speed: float = 1.0, folder: Path = Path(".")):
            self.voice, self.speed, self.folder = voice, speed, folder

        async def start(self): ...
        async def close(self): ...
"""

Publish = Callable[..., None]


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Install a package with one entry point, as pip would: a module and its metadata on the path."""

    def _publish(source: str = SOURCE, *, package: str = "parrot", point: str = "") -> None:
        folder = tmp_path / package
        info = folder / f"{package}-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / f"{package}_talk.py").write_text(dedent(source), encoding="utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        entry = point or f"parrot = {package}_talk:Parrot"
        (info / "entry_points.txt").write_text(f"[frametalk.tts]\n{entry}\n")
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(sys.modules, f"{package}_talk", raising=False)

    return _publish


# ---- names and options ---------------------------------------------------------------------------


def test_the_embedded_engines_are_listed() -> None:
    assert {"energy", "silero"} <= set(registry.names("vad"))
    assert {"fixed", "pocketsphinx"} <= set(registry.names("asr"))
    assert {"fixed", "scripted"} <= set(registry.names("llm"))
    assert {"fixed", "espeak"} <= set(registry.names("tts"))


def test_an_adapter_gets_its_options() -> None:
    voice = registry.create("tts", "fixed", {"rate_hz": 16_000})
    assert isinstance(voice, FixedVoice)
    assert voice.rate_hz == 16_000
    assert isinstance(registry.create("vad", "energy", {"threshold_db": -50}), EnergyVad)


def test_an_adapter_of_another_package_is_created_by_name(publish: Publish) -> None:
    publish()
    assert "parrot" in registry.names("tts")
    parrot = registry.create("tts", "parrot", {"speed": 2, "folder": "/voices"})
    assert vars(parrot) == {"voice": "polly", "speed": 2.0, "folder": Path("/voices")}


def test_a_factory_with_keyword_arguments_gets_any_option(publish: Publish) -> None:
    publish("class Parrot:\n    def __init__(self, **rest): self.rest = rest\n")
    assert vars(registry.create("tts", "parrot", {"a": 1})) == {"rest": {"a": 1}}


def test_a_program_can_pass_objects_of_its_own(publish: Publish) -> None:
    publish(
        """
        import threading
        class Parrot:
            def __init__(self, lock: threading.Event): self.lock = lock
        """
    )
    mine = object()
    assert vars(registry.create("tts", "parrot", {"lock": mine})) == {"lock": mine}


# ---- errors --------------------------------------------------------------------------------------


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no tts adapter 'sam'.*espeak, fixed"):
        registry.create("tts", "sam", {})


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"ratte_hz": 1}, r"\[tts.options\] of fixed: unknown option 'ratte_hz'.*rate_hz"),
        ({"rate_hz": "fast"}, r"rate_hz: Expected `int`, got `str`"),
        ({"rate_hz": 1.5}, r"rate_hz: Expected `int`, got `float`"),
        ({"first_chunk_ms": None}, r"first_chunk_ms: Expected `float`"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        registry.create("tts", "fixed", options)


def test_an_option_without_default_must_be_given(publish: Publish) -> None:
    publish("class Parrot:\n    def __init__(self, model: str): ...\n")
    with pytest.raises(ConfigError, match="option 'model' is missing"):
        registry.create("tts", "parrot", {})


@pytest.mark.parametrize(
    "source",
    [
        "import no_such_engine\nclass Parrot: ...\n",
        "class Parrot:\n    def __init__(self):\n        import no_such_engine\n",
    ],
)
def test_a_missing_library_names_the_package_to_install(publish: Publish, source: str) -> None:
    publish(source)
    with pytest.raises(AdapterError) as missing:
        registry.create("tts", "parrot", {})
    assert missing.value.code == "engine_missing"
    assert missing.value.stage is Stage.SPEAK
    assert "no_such_engine" in missing.value.text
    assert missing.value.remedy == 'pip install "parrot"'


def test_a_missing_library_names_the_extra_of_another_package(publish: Publish) -> None:
    publish(
        "import no_such_engine\nclass Parrot: ...\n", point="parrot = parrot_talk:Parrot [loud]"
    )
    with pytest.raises(AdapterError) as missing:
        registry.create("tts", "parrot", {})
    assert missing.value.remedy == 'pip install "parrot[loud]"'
    assert registry.extra_of("tts", "parrot") == "", "not an extra of frametalk"


@pytest.mark.parametrize("kind", registry.STAGES)
def test_a_missing_library_names_the_extra_of_frametalk(
    kind: registry.Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in project["entry-points"][f"frametalk.{kind}"]:
        monkeypatch.setitem(sys.modules, registry.module_of(kind, name), None)
        with pytest.raises(AdapterError) as missing:
            registry.create(kind, name, {})
        extra = registry.extra_of(kind, name)
        assert extra == "" or set(extra.split(",")) <= set(project["optional-dependencies"])
        package = f"frametalk[{extra}]" if extra else "frametalk"
        assert missing.value.remedy == f'pip install "{package}"'


def test_engines_without_a_library_need_no_extra() -> None:
    assert registry.extra_of("tts", "fixed") == ""
    assert registry.extra_of("tts", "espeak") == "embedded"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", "has no attribute 'Parrot'"),
        ("class Parrot:\n    def __init__(self): raise OSError('no card')\n", "OSError: no card"),
        ("Parrot = 3\n", "TypeError"),
    ],
)
def test_a_class_that_fails_is_named(publish: Publish, source: str, text: str) -> None:
    publish(source)
    with pytest.raises(AdapterError, match=text) as failed:
        registry.create("tts", "parrot", {})
    assert failed.value.code == "engine_failed"
    assert "parrot" in failed.value.text


def test_two_packages_with_one_name_are_refused(publish: Publish) -> None:
    publish()
    publish(package="rival", point="parrot = rival_talk:Parrot")
    with pytest.raises(ConfigError, match="'parrot': parrot, rival"):
        registry.create("tts", "parrot", {})
