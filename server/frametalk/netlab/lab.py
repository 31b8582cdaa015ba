"""The laboratory as a program: a relay that runs until it is stopped, and what it has done in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import astuple

from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.netlab.cuts import cuts_every
from frametalk.netlab.datagrams import DatagramRelay, relaying_datagrams
from frametalk.netlab.network import Network
from frametalk.netlab.profile import Conditions, Profile
from frametalk.netlab.relay import Address, Relay, relaying
from frametalk.netlab.schedule import Counts


async def laboratory(
    listen: Address,
    to: Address,
    network: Network,
    *,
    udp: bool,
    stop: asyncio.Event,
    show: Callable[[str], None],
) -> None:
    """Relay until `stop` is set; `show` gets each line of what it does, at the end its counts.

    Raises FrametalkError `cannot_listen`.
    """
    relaying_it: AbstractAsyncContextManager[tuple[int, Relay | DatagramRelay]]
    if udp:
        relaying_it = relaying_datagrams(to, network, listen=listen)
    else:
        cuts = cuts_every(network.seed, network.profile.cut_every_s)
        relaying_it = relaying(to[1], cuts, network, to_host=to[0], listen=listen)
    try:
        async with relaying_it as (port, relay):
            show(f"relaying {'UDP' if udp else 'TCP'} {listen[0]}:{port} -> {to[0]}:{to[1]}")
            for line in describe(network.profile, udp=udp):
                show(line)
            await stop.wait()
            for line in counted(relay):
                show(line)
    except OSError as error:
        raise FrametalkError(
            "cannot_listen",
            f"cannot listen on {listen[0]} port {listen[1]}: {error.strerror or error}",
            stage=Stage.LINK,
            fault=Fault.USER,
            remedy="choose another address with --listen HOST:PORT",
            fatal=True,
        ) from None


def describe(profile: Profile, *, udp: bool) -> Iterator[str]:
    """What a profile does, a line for each direction."""
    if profile.about:
        yield profile.about
    yield f"up:   {_conditions(profile.up, udp=udp)}"
    yield f"down: {_conditions(profile.down, udp=udp)}"
    if profile.cut_every_s and not udp:
        yield f"connections are cut after {profile.cut_every_s:g} s on average"


def _conditions(way: Conditions, *, udp: bool) -> str:
    said = [f"{way.delay_ms:g} +- {way.jitter_ms:g} ms"]
    if way.loss:
        said.append(f"{way.loss * 100:g} % lost" + ("" if udp else " and sent again"))
    if way.reorder and udp:
        said.append(f"{way.reorder * 100:g} % come {way.reorder_ms:g} ms late")
    if way.duplicate and udp:
        said.append(f"{way.duplicate * 100:g} % come twice")
    if way.rate_kbit:
        said.append(f"{way.rate_kbit:g} kbit/s")
    if way.stall_every_s:
        said.append(f"stalls of {way.stall_ms:g} ms, every {way.stall_every_s:g} s on average")
    return ", ".join(said)


def counted(relay: Relay | DatagramRelay) -> Iterator[str]:
    """What a relay has done."""
    cut = f", {relay.cut} cut" if isinstance(relay, Relay) else ""
    yield f"{relay.connections} {'connections' if isinstance(relay, Relay) else 'clients'}{cut}"
    for name, counts in (("up", relay.up), ("down", relay.down)):
        sums = total(counts)
        yield (
            f"{name}: {sums.packets} packets, {sums.bytes} bytes, {sums.lost} lost, "
            f"{sums.dropped} dropped, {sums.reordered} reordered, {sums.duplicated} duplicated, "
            f"{sums.stalls} stalls"
        )


def total(counts: Iterable[Counts]) -> Counts:
    """The sums of several counts."""
    return Counts(*map(sum, zip(*map(astuple, [Counts(), *counts]), strict=True)))
