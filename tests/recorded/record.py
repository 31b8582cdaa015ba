"""Makes the recordings of this folder again: `python tests/recorded/record.py`.

A whole server with the engines that need no download; a player who types, and has a synthetic voice.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from frametalk.cli import main
from frametalk.headless import simulate
from frametalk.headless.player import PlayerOptions
from frametalk.headless.upgraded import PeerOptions
from frametalk.wire import messages as m

HERE = Path(__file__).parent
TYPED_AND_SPOKEN = """
[[step]]
type = "light the forge"
[[step]]
wait_reply = true
[[step]]
say = "open the red door"
[[step]]
wait_reply = true
"""
SCENARIOS = {
    "typed_and_spoken_commands": TYPED_AND_SPOKEN,
    "spoken_over_a_peer_connection": TYPED_AND_SPOKEN,
}
PEERS = {"spoken_over_a_peer_connection": PeerOptions(via="channel", addresses=("127.0.0.1",))}
SETTINGS = ("privacy.store=true", "privacy.record=true", "privacy.replay=true")


def agreeing(peer: PeerOptions | None) -> Callable[..., PlayerOptions]:
    """Makes players who agree to a recording."""
    consent = m.Consent(store=True, record=True, third_party=False)

    def options(*arguments: Any, **others: Any) -> PlayerOptions:
        return PlayerOptions(*arguments, **{**others, "consent": consent, "peer": peer})

    return options


def record(name: str, scenario: str, folder: Path) -> None:
    """Play one scenario, and keep its recording."""
    file = folder / f"{name}.toml"
    file.write_text(scenario)
    simulate.PlayerOptions = agreeing(PEERS.get(name))  # type: ignore[misc,assignment]
    flags = (*SETTINGS, f"privacy.folder={folder / name}")
    if main(["simulate", str(file), *(word for flag in flags for word in ("--set", flag))]):
        sys.exit(f"{name} failed")
    (recording,) = (folder / name).rglob("*.recording")
    shutil.copyfile(recording, HERE / f"{name}.recording")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for each, steps in SCENARIOS.items():
            record(each, steps, Path(temporary))
