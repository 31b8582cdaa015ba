"""What a network does to packets, each way, from a TOML file."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from frametalk.errors import ConfigError

Ms = Annotated[float, Meta(ge=0, le=600_000)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Conditions(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What happens to packets in one direction. The defaults are a perfect network."""

    delay_ms: Ms = 0  # mean time from one end to the other
    jitter_ms: Ms = 0  # the delay wanders between delay_ms - jitter_ms and delay_ms + jitter_ms
    loss: Share = 0  # share of packets that are lost; TCP sends them again, and what follows waits
    reorder: Share = 0  # share of datagrams that come `reorder_ms` late, after those behind them
    reorder_ms: Ms = 30
    duplicate: Share = 0  # share of datagrams that come twice
    rate_kbit: Annotated[float, Meta(ge=0, le=10_000_000)] = 0  # per second; 0: no limit
    queue_bytes: Annotated[int, Meta(ge=1_500, le=100_000_000)] = 262_144  # before the rate limit
    stall_every_s: Annotated[float, Meta(ge=0, le=86_400)] = 0  # mean time between stalls; 0: none
    stall_ms: Ms = 0  # length of a stall, in which nothing moves

    def __post_init__(self) -> None:
        if self.jitter_ms > self.delay_ms:
            raise ValueError("jitter_ms is above delay_ms")
        if bool(self.stall_every_s) != bool(self.stall_ms):
            raise ValueError("stall_every_s and stall_ms must be set together")


class Profile(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A network: its conditions from the client (`up`) and to it (`down`), and how connections end."""

    about: str = ""
    up: Conditions = Conditions()
    down: Conditions = Conditions()
    cut_every_s: Annotated[float, Meta(ge=0, le=86_400)] = (
        0  # mean life of a TCP connection; 0: any
    )


def profile_names() -> list[str]:
    """The profiles that come with the package."""
    folder = files("frametalk").joinpath("data/networks")
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir())


def load_profile(name: str) -> Profile:
    """A profile by its name, or from a TOML file.

    The file's table `both` holds for both directions, `up` and `down` override it. Raises ConfigError.
    """
    if name in profile_names():
        text = files("frametalk").joinpath(f"data/networks/{name}.toml").read_text("utf-8")
        return read_profile(text, name)
    try:
        return read_profile(Path(name).read_text("utf-8"), name)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise ConfigError(
            f"no network profile {name!r}: {reason}",
            remedy=f"use a TOML file, or one of {', '.join(profile_names())}",
        ) from None


def read_profile(text: str, name: str) -> Profile:
    """A profile from TOML; `name` is for the error. Raises ConfigError."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
        both = msgspec.convert(table.pop("both", {}), dict[str, Any])
        for way in ("up", "down"):
            if isinstance(own := table.get(way, {}), dict):
                table[way] = {**both, **own}
        return msgspec.convert(table, Profile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            f"network profile {name}: {error}", remedy="see latency_tests/networks for examples"
        ) from None
