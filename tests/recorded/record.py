"""Makes the recordings of this folder again: `python tests/recorded/record.py`.

A whole server with the engines that need no download; a player who types, and has a synthetic voice.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from frametalk.cli import main
from frametalk.headless import simulate
from frametalk.headless.player import PlayerOptions
from frametalk.wire import messages as m

HERE = Path(__file__).parent
SCENARIOS = {
    "typed_and_spoken_commands": """
[[step]]
type = "light the forge"
[[step]]
wait_reply = true
[[step]]
say = "open the red door"
[[step]]
wait_reply = true
""",
}
SETTINGS = ("privacy.store=true", "privacy.record=true", "privacy.replay=true")


def agreeing(*arguments: object, **options: object) -> PlayerOptions:
    """A player who agrees to a recording."""
    consent = m.Consent(store=True, record=True, third_party=False)
    return PlayerOptions(*arguments, **options, consent=consent)  # type: ignore[arg-type]


def record(name: str, scenario: str, folder: Path) -> None:
    """Play one scenario, and keep its recording."""
    file = folder / f"{name}.toml"
    file.write_text(scenario)
    flags = (*SETTINGS, f"privacy.folder={folder / name}", "webrtc.enabled=false")
    if main(["simulate", str(file), *(word for flag in flags for word in ("--set", flag))]):
        sys.exit(f"{name} failed")
    (recording,) = (folder / name).rglob("*.recording")
    shutil.copyfile(recording, HERE / f"{name}.recording")


if __name__ == "__main__":
    simulate.PlayerOptions = agreeing  # type: ignore[misc,assignment]
    with tempfile.TemporaryDirectory() as temporary:
        for each, steps in SCENARIOS.items():
            record(each, steps, Path(temporary))
