"""The settings tree: where values come from, and what is refused."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from conftest import ROOT
from frametalk.config import FrametalkSettings, load
from frametalk.errors import ConfigError, Fault, Stage


def toml(folder: Path, text: str) -> Path:
    file = folder / "frametalk.toml"
    file.write_text(text, encoding="utf-8")
    return file


# ---- where values come from ----------------------------------------------------------------------


def test_without_any_source_the_defaults_apply() -> None:
    assert load(environment={}) == FrametalkSettings()


def test_each_source_overrides_the_one_before(tmp_path: Path) -> None:
    file = toml(tmp_path, "[server]\nport = 1\nmax_sessions = 2\nhello_timeout_ms = 3\n")
    environment = {
        "FRAMETALK_SERVER__MAX_SESSIONS": "20",
        "FRAMETALK_SERVER__HELLO_TIMEOUT_MS": "30",
    }
    settings = load(file, environment, ["server.hello_timeout_ms=300"])
    assert settings.server.port == 1
    assert settings.server.max_sessions == 20
    assert settings.server.hello_timeout_ms == 300
    assert settings.server.drain_ms == FrametalkSettings().server.drain_ms


def test_a_characters_section_inherits_what_it_leaves_out(tmp_path: Path) -> None:
    file = toml(
        tmp_path,
        "[character]\nfile = 'smith.toml'\nspeed = 0.9\nvoice = 'en'\n"
        "[characters.guard]\nvoice = 'en+f2'\n[characters.'old king']\nspeed = 0.7\n",
    )
    settings = load(file, {"FRAMETALK_CHARACTERS__GUARD__VOLUME": "0.5"}, ["character.filler=Hm."])
    guard, king = settings.as_character("guard"), settings.as_character("old king")
    assert (guard.voice, guard.speed, guard.volume, guard.filler) == ("en+f2", 0.9, 0.5, "Hm.")
    assert (king.voice, king.speed) == ("en", 0.7)
    assert (guard.file, king.file) == ("", "")
    assert settings.as_character("smith") == settings.character


def test_the_last_of_two_equal_flags_counts() -> None:
    assert load(None, {}, ["server.port=1", "server.port=2"]).server.port == 2


def test_other_variables_of_the_environment_are_left_alone() -> None:
    environment = {"FRAMETALK_REQUIRE_ALL": "1", "PATH": "/bin", "SERVER__PORT": "9"}
    assert load(None, environment) == FrametalkSettings()


def test_options_of_an_engine_do_not_change_which_engine_is_used(tmp_path: Path) -> None:
    settings = load(toml(tmp_path, "[vad.options]\nthreshold_db = -50\n"), {})
    assert settings.vad.adapter == "silero"
    assert settings.vad.options == {"threshold_db": -50}


def test_options_of_all_sources_are_joined(tmp_path: Path) -> None:
    file = toml(tmp_path, "[tts]\nadapter = 'fixed'\noptions = {rate_hz = 1, first_chunk_ms = 2}\n")
    settings = load(file, {"FRAMETALK_TTS__OPTIONS__RATE_HZ": "8000"}, ["tts.options.voice=slt"])
    assert settings.tts.adapter == "fixed"
    assert settings.tts.options == {"rate_hz": 8000, "first_chunk_ms": 2, "voice": "slt"}


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("tts.options.x=1.5", 1.5),
        ("tts.options.x=true", True),
        ("tts.options.x=[1, 2]", [1, 2]),
        ('tts.options.x="1.5"', "1.5"),
        ("tts.options.x=two words", "two words"),
        ("tts.options.x=a=b", "a=b"),
        ("tts.options.x=", ""),
    ],
)
def test_a_flag_is_a_toml_value_or_else_text(flag: str, value: object) -> None:
    assert load(None, {}, [flag]).tts.options == {"x": value}


@pytest.mark.parametrize("token", ["123456", "true", "1e5", "2026-01-01"])
def test_text_that_looks_like_another_type_stays_text(token: str) -> None:
    assert load(None, {"FRAMETALK_SERVER__TOKEN": token}).server.token == token


@pytest.mark.parametrize(
    "limit",
    [
        "server.stalled_ms",
        "turns.mic_timeout_ms",
        "reply.played_timeout_ms",
        "reply.mind_timeout_ms",
        "reply.voice_timeout_ms",
    ],
)
def test_a_time_limit_that_is_always_on_is_not_0(limit: str) -> None:
    load(None, {}, [f"{limit}=1"])
    with pytest.raises(ConfigError, match=rf">= 1\.0.*{limit.partition('.')[2]}"):
        load(None, {}, [f"{limit}=0"])


def test_the_tree_is_frozen() -> None:
    with pytest.raises(AttributeError):
        FrametalkSettings().server.port = 1  # type: ignore[misc]


def test_two_trees_share_no_options() -> None:
    first = load(None, {}, ["tts.options.x=1"])
    assert first.tts.options == {"x": 1}
    assert load(environment={}).tts.options == {}


# ---- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flag", "named"),
    [
        ("server.prot=1", "prot"),
        ("sever.port=1", "sever"),
        ("server.port=eighty", "$.server.port"),
        ("server.port=1.5", "$.server.port"),
        ("server.port=true", "$.server.port"),
        ("server.port=65536", "$.server.port"),
        ("server.port=-1", "$.server.port"),
        ("server.max_sessions=0", "$.server.max_sessions"),
        ("server=1", "$.server"),
        ("server.port.x=1", "port is a value"),
        ("turns.endpoint_delay_ms=-1", "$.turns.endpoint_delay_ms"),
        ("turns.endpoint_delay_ms=inf", "$.turns.endpoint_delay_ms"),
        ("turns.endpoint_delay_ms=nan", "$.turns.endpoint_delay_ms"),
        ("tts.options.x=nan", "$.tts.options.x"),
        ("turns.speech_probability=1.01", "$.turns.speech_probability"),
        ("turns.speech_probability=0.2", "silence_probability is above"),
        ("reply.frame_ms=5", "$.reply.frame_ms"),
        ("character.speed=3", "$.character.speed"),
        ("server.successor_url=b.example:8765", "write ws://HOST:PORT or wss://HOST"),
        ("server.successor_url=https://b.example", "write ws://HOST:PORT or wss://HOST"),
        ("server.successor_url=ws://b.example", "write ws://HOST:PORT or wss://HOST"),
        ("server.successor_url=ws://b.example:99999", "write ws://HOST:PORT or wss://HOST"),
        ("server.successor_url=wss://b.example:99999", "write ws://HOST:PORT or wss://HOST"),
        ("server.successor_url=wss://", "write ws://HOST:PORT or wss://HOST"),
        ("server.successor_url=wss://b example", "write ws://HOST:PORT or wss://HOST"),
        ("server.successor_url=wss://me:secret@b.example", "write ws://HOST:PORT or wss://HOST"),
        ("log.level=LOUD", "$.log.level"),
        ("log.format=xml", "$.log.format"),
        ("vad.options=3", "$.vad.options"),
        ("server.port", "section.key=value"),
        ("", "section.key=value"),
        ("=3", ""),
    ],
)
def test_an_invalid_setting_is_refused_by_name(flag: str, named: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(None, {}, [flag])
    assert named in str(refused.value)
    assert refused.value.code == "bad_settings"
    assert refused.value.stage is Stage.CONFIG
    assert refused.value.fault is Fault.USER


@pytest.mark.parametrize("url", ["ws://10.0.0.2:8765", "wss://b.example", "wss://b.example:1/v1"])
def test_a_successor_has_the_address_of_a_websocket(url: str) -> None:
    assert load(None, {}, [f"server.successor_url={url}"]).server.successor_url == url


def test_a_successor_of_a_server_with_a_certificate_has_one_too() -> None:
    tls = ["server.tls_certificate=a.pem", "server.tls_key=a.key"]
    with pytest.raises(ConfigError, match="use wss://"):
        load(None, {}, [*tls, "server.successor_url=ws://10.0.0.2:8765"])
    load(None, {}, [*tls, "server.successor_url=wss://b.example"])


def test_the_environment_is_as_strict() -> None:
    with pytest.raises(ConfigError, match="prot"):
        load(None, {"FRAMETALK_SERVER__PROT": "1"})
    with pytest.raises(ConfigError, match="FRAMETALK_SERVER__PORT__X: port is a value"):
        load(None, {"FRAMETALK_SERVER__PORT__X": "1"})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[server]\nprot = 1\n", "prot"),
        ("[server\n", "line 1"),
        ("server = 3\n", r"\$.server"),
        ("[server]\nport = '80'\n", r"\$.server.port"),
        ("[turns]\nendpoint_delay_ms = nan\n", r"\$.turns.endpoint_delay_ms"),
    ],
)
def test_a_file_is_as_strict(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load(toml(tmp_path, text), {})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: No such file"):
        load(tmp_path / "none.toml", {})
    with pytest.raises(ConfigError, match="Is a directory"):
        load(tmp_path, {})
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"binary\.toml"):
        load(binary, {})


# ---- docs/settings.md ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def export() -> ModuleType:
    """docs/export_settings.py, a script outside the package."""
    file = ROOT / "docs" / "export_settings.py"
    spec = importlib.util.spec_from_file_location("export_settings", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_settings_is_up_to_date(export: ModuleType) -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == export.page(), "run: python docs/export_settings.py"


def test_every_setting_is_explained(export: ModuleType) -> None:
    tree = FrametalkSettings()
    silent = [
        f"{section}.{field.name}"
        for section in tree.__struct_fields__
        if not isinstance(getattr(tree, section), dict)  # a table of sections of another type
        for field in msgspec.structs.fields(getattr(tree, section))
        if not export.field_comments(type(getattr(tree, section))).get(field.name)
    ]
    assert silent == []
