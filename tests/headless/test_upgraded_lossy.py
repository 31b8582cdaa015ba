"""The microphone on networks that lose packets and stall: each sound is heard in its place."""

from __future__ import annotations

import numpy as np
import pytest

from frametalk.core.audio import Samples
from frametalk.headless.upgraded import PeerOptions
from frametalk.netlab.profile import Profile, load_profile, read_profile
from lossy import RATE_HZ, Net

pytestmark = pytest.mark.looptime

# A WebSocket on it is seconds late: packets that are sent again are lost again.
VERY_BAD = read_profile(
    "[both]\ndelay_ms = 80\njitter_ms = 60\nloss = 0.2\nstall_every_s = 5\nstall_ms = 700", "test"
)
BLOCK = RATE_HZ // 10
LOUD = 500


def scale(seconds: int) -> Samples:
    """A tone for each tenth of a second, no two the same within 30 s."""
    at = np.arange(seconds * RATE_HZ)
    tone_hz = 300 + 10 * (at // BLOCK % 300)
    return (8_000 * np.sin(2 * np.pi * tone_hz * at / RATE_HZ)).astype(np.int16)


def misplaced(heard: Samples) -> list[int]:
    """The tenths of a second in which another one's tone is heard."""
    found = []
    for number in range(len(heard) // BLOCK):
        block = heard[number * BLOCK : (number + 1) * BLOCK].astype(float)
        tone = round((np.argmax(np.abs(np.fft.rfft(block * np.hanning(BLOCK)))) * 10 - 300) / 10)
        if np.abs(block).max() > LOUD and abs(tone - number % 300) > 1:
            found.append(number)
    return found


def silent_ms(heard: Samples) -> int:
    """How much is missing, in steps of 5 ms."""
    steps = np.abs(heard[: len(heard) // 80 * 80].astype(int)).reshape(-1, 80).max(axis=1)
    return int((steps < LOUD).sum()) * 5


async def spoken(
    monkeypatch: pytest.MonkeyPatch, profile: Profile, seed: int, options: PeerOptions, **more: bool
) -> Net:
    net = Net(monkeypatch, profile, seed, options, **more)
    await net.talk(scale(20))
    assert net.link.moves >= 3  # the network was bad enough
    return net


@pytest.mark.parametrize("seed", [1, 2, 6])
async def test_a_redundant_track_loses_nothing_on_a_bad_wifi(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = await spoken(monkeypatch, load_profile("bad-wifi"), seed, PeerOptions(via="track"))
    assert (net.errors, misplaced(net.heard), silent_ms(net.heard)) == ([], [], 0)


async def test_without_redundancy_what_is_lost_is_silence_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad = load_profile("bad-wifi")
    net = await spoken(monkeypatch, bad, 1, PeerOptions(via="track"), redundant=False)
    assert net.errors == []
    assert 100 < silent_ms(net.heard) < 1_500


@pytest.mark.parametrize("options", [PeerOptions(via="track"), PeerOptions(twice=True)])
async def test_the_clock_stays_true_where_the_websocket_is_seconds_late(
    options: PeerOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = await spoken(monkeypatch, VERY_BAD, 1, options)
    assert (net.errors, misplaced(net.heard)) == ([], [])
    assert abs(len(net.heard) - 20 * RATE_HZ) < 0.1 * RATE_HZ
