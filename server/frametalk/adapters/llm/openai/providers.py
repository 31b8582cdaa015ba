"""Settings of providers, checked."""

from __future__ import annotations

import ipaddress
import os
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from frametalk.errors import ConfigError

Price = Annotated[float, Meta(ge=0)]


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A server and a model on it. Prices are for a million tokens, in any currency.

    `api_key_env` is the name of an environment variable with the key. `extra` is added to the request's
    body. `usage` False: the server does not support `stream_options`. `text_calls`: carry out calls that
    the model writes as text. `thinks_first`: its answers begin with a thought that has only a closing
    tag; without the option the first answer shows it. `at_once`: how many requests it works on at once, 0
    for any number; without the option llama.cpp's server is asked, and another one may get any number.
    """

    base_url: str = ""
    model: str = ""
    api_key: str = ""
    api_key_env: str = ""
    prompt_price: Price = 0.0
    completion_price: Price = 0.0
    usage: bool = True
    extra: dict[str, Any] = {}
    text_calls: bool = True
    thinks_first: bool | None = None
    at_once: Annotated[int, Meta(ge=0, le=10_000)] | None = None


def is_local(provider: Provider) -> bool:
    """Whether the server is on this machine or its network, where a request costs no money."""
    host = urlsplit(provider.base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal"))


def host_of(provider: Provider) -> str:
    """The server's host; empty for an address that `address_of` refuses."""
    try:
        return urlsplit(provider.base_url).hostname or ""
    except ValueError:
        return ""


def address_of(provider: Provider, where: str) -> str:
    """The server's host and port. Raises ConfigError for an invalid address or a missing model."""
    try:
        parts = urlsplit(provider.base_url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(
            f"[llm.options] {where}base_url: {provider.base_url!r} is not a server's address",
            remedy='set the server\'s address, such as "http://127.0.0.1:11434/v1" for Ollama; '
            "docs/engines.md lists more",
        )
    if not provider.model:
        raise ConfigError(
            f"[llm.options] {where}model: no model is named",
            remedy=f"choose one that {provider.base_url}/models lists",
        )
    return f"{parts.hostname}{port}"


def is_openai(address: str) -> bool:
    """Whether it is OpenAI's own server."""
    host = address.partition(":")[0]
    return host == "openai.com" or host.endswith(".openai.com")


def key_of(provider: Provider, address: str, where: str) -> str:
    """The key to send. Raises ConfigError when a required key is missing."""
    variable = provider.api_key_env
    if is_openai(address) and not (provider.api_key or variable):
        variable = "OPENAI_API_KEY"
    if not variable:
        return provider.api_key or "none"  # the library requires one, local servers accept any
    key = os.environ.get(variable, "")
    if not key:
        raise ConfigError(
            f"[llm.options] {where}api_key_env: the environment variable {variable} is not set",
            remedy=f"set {variable} to the key before the server starts",
        )
    return key
