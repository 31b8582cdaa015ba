"""Whether what the microphone hears is the reply that is being played."""

from __future__ import annotations

from frametalk.core.audio import Samples


class EchoTest:
    """Knows no echo: nothing is explained."""

    sounding = False

    def play(self, at: int, samples: Samples) -> None:
        """The reply's sound that leaves the loudspeaker from microphone sample `at` on."""

    def stop(self, at: int) -> None:
        """Nothing more leaves from `at` on."""

    def explained(self, at: int, window: Samples) -> float:
        """Share of this window's energy that the reply explains."""
        return 0.0
