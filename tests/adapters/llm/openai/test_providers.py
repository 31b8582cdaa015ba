"""Settings of providers, and their errors."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.openai.providers import Provider, address_of, is_local, key_of
from frametalk.errors import ConfigError

OLLAMA = Provider(base_url="http://127.0.0.1:11434/v1", model="qwen3")


def test_an_address_is_host_and_port() -> None:
    assert address_of(OLLAMA, "") == "127.0.0.1:11434"
    assert (
        address_of(Provider(base_url="https://api.openai.com/v1", model="m"), "")
        == "api.openai.com"
    )


@pytest.mark.parametrize(
    "base_url",
    ["", "localhost:11434", "ftp://host/v1", "http://", "http://[::1", "http://h:port/v1"],
)
def test_an_invalid_address_is_refused_with_an_example(base_url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        address_of(Provider(base_url=base_url, model="m"), "fallbacks[1].")
    assert "fallbacks[1].base_url" in caught.value.text
    assert "http://127.0.0.1:11434/v1" in caught.value.remedy


def test_a_provider_without_a_model_is_refused() -> None:
    with pytest.raises(ConfigError, match="model: no model is named"):
        address_of(Provider(base_url="http://h/v1"), "")


def test_a_local_server_needs_no_key() -> None:
    assert key_of(OLLAMA, "127.0.0.1:11434", "")


def test_a_key_comes_from_the_settings_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "k2")
    monkeypatch.setenv("OPENAI_API_KEY", "k3")
    assert key_of(Provider(api_key="k1"), "h", "") == "k1"
    assert key_of(Provider(api_key_env="MY_KEY"), "h", "") == "k2"
    assert key_of(Provider(), "api.openai.com", "") == "k3"
    assert key_of(Provider(), "openai.com.evil.example", "") != "k3"
    assert key_of(Provider(), "myopenai.com", "") != "k3"


def test_a_missing_key_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("MY_KEY", raising=False)
    for provider, address in (
        (Provider(), "api.openai.com"),
        (Provider(api_key_env="MY_KEY"), "h"),
    ):
        with pytest.raises(ConfigError) as caught:
            key_of(provider, address, "")
        assert "is not set" in caught.value.text
        assert caught.value.remedy


@pytest.mark.parametrize(
    ("base_url", "local"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://localhost:11434/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://192.168.1.20:8080/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://forge.local/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False),
    ],
)
def test_a_server_on_this_machine_or_network_is_local(base_url: str, local: bool) -> None:
    assert is_local(Provider(base_url=base_url, model="m")) is local
