"""One client's network: the paths of its connections, which stall together."""

from __future__ import annotations

from frametalk.netlab.profile import Profile
from frametalk.netlab.schedule import DatagramPath, Stalls, StreamPath


class Network:
    """A profile and the seed of its chances.

    Each connection has chances of its own, but a stall is for all. Where both directions stall alike, they
    stall together.
    """

    def __init__(self, profile: Profile, seed: int = 0) -> None:
        self.profile = profile
        self.seed = seed
        up, down = profile.up, profile.down
        first = Stalls(up, f"{seed} stalls")
        alike = (up.stall_every_s, up.stall_ms) == (down.stall_every_s, down.stall_ms)
        self._stalls = (first, first if alike else Stalls(down, f"{seed} down stalls"))

    def streams(self, number: int) -> tuple[StreamPath, StreamPath]:
        """Up and down of a TCP connection."""
        up, down = self._stalls
        return (
            StreamPath(self.profile.up, f"{self.seed} {number} up", up),
            StreamPath(self.profile.down, f"{self.seed} {number} down", down),
        )

    def datagrams(self, number: int) -> tuple[DatagramPath, DatagramPath]:
        """Up and down of the datagrams of one socket."""
        up, down = self._stalls
        return (
            DatagramPath(self.profile.up, f"{self.seed} {number} up", up),
            DatagramPath(self.profile.down, f"{self.seed} {number} down", down),
        )


PERFECT = Network(Profile())
