"""One client's network: chances of each connection, and stalls for all of them."""

from __future__ import annotations

from frametalk.netlab.network import Network
from frametalk.netlab.profile import Conditions, Profile, load_profile


def test_connections_have_chances_of_their_own_and_the_same_again_with_the_same_seed() -> None:
    profile = Profile(up=Conditions(loss=0.5))

    def losses(seed: int, number: int) -> list[bool]:
        path = Network(profile, seed).datagrams(number)[0]
        return [not path.send(at, 100) for at in range(100)]

    assert losses(1, 0) == losses(1, 0)
    assert losses(1, 0) != losses(1, 1)
    assert losses(1, 0) != losses(2, 0)


def test_all_connections_stall_together() -> None:
    network = Network(Profile(up=Conditions(stall_every_s=2, stall_ms=500)), 3)
    stream, other = network.streams(0)[0], network.streams(1)[0]
    datagrams = network.datagrams(7)[0]
    for at in (number * 0.1 for number in range(300)):
        assert stream.send(at, 100) == other.send(at, 100) == datagrams.send(at, 100)[0]


def test_both_directions_stall_together_if_they_stall_alike() -> None:
    profile = load_profile("headset-asleep")
    up, down = Network(profile, 1).datagrams(0)
    moments = [number * 0.5 for number in range(400)]
    late = [
        {at for at in moments if any(s > at + 1 for s in path.send(at, 100))} for path in (up, down)
    ]
    assert len(late[0]) > 40
    assert len(late[0] ^ late[1]) <= 8  # those that were lost


def test_directions_of_their_own_stall_on_their_own() -> None:
    profile = Profile(
        up=Conditions(stall_every_s=2, stall_ms=500), down=Conditions(stall_every_s=3, stall_ms=500)
    )
    up, down = Network(profile, 1).streams(0)
    taken = [[path.send(n * 0.1, 100) - n * 0.1 > 0.1 for n in range(300)] for path in (up, down)]
    assert taken[0] != taken[1]
