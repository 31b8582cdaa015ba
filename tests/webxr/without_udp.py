"""A page in a network of its own, whose UDP packets get lost: a program, run by test_transport.

It makes the network in its own namespace and prints what the page saw, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parents[1]))

from chromium import PAGE, UNLOCKED, browser, pages, pcm_list, plain_page
from frametalk.config import AdapterSettings
from frametalk.headless.speech import read
from serving import serving, settings

NETWORK = (
    "ip link set lo up",
    "ip link add home type veth peer name far",
    "ip address add 192.168.77.1/24 dev home",
    "ip link set home up",
    "ip link set far up",
    "nft add table inet lab",
    "nft add chain inet lab out { type filter hook output priority 0 ; }",
)
BLOCK = "nft add rule inet lab out meta l4proto udp drop"


def shell(command: str) -> None:
    subprocess.run(["/bin/sh", "-c", command.replace(";", r"\;")], check=True)


async def main(speech: Path) -> dict[str, Any]:
    """Two sessions: UDP stops in the middle of a sentence; UDP never works."""
    for command in NETWORK:
        shell(command)
    sound = pcm_list(read(speech).samples)
    engines = replace(
        settings(drain_ms=0, pages=str(pages(Path(tempfile.mkdtemp()), PAGE / "plain.js"))),
        vad=AdapterSettings(adapter="silero"),
        asr=AdapterSettings(adapter="pocketsphinx"),
    )
    async with (
        serving(engines) as server,
        browser(UNLOCKED) as chromium,
        plain_page(chromium, f"http://127.0.0.1:{server.port}/") as talk,
    ):
        await talk.run("sound => { window.sound = sound; }", sound)
        await talk.run("talk({ transport: 'webrtc' })")
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.wait_for("transport", microphone="webrtc")
        await talk.page.wait_for_timeout(500)
        await talk.run("fakeMic.say(sound, 16000)")
        await talk.page.wait_for_timeout(600)
        blocked_at = await talk.run("performance.now()")
        await asyncio.to_thread(shell, BLOCK)
        back = await talk.wait_for("transport", microphone="websocket")
        dies = {
            "back_after_ms": back["when"] - blocked_at,
            "reason": back["reason"],
            "text": (await talk.wait_for("transcript", final=True))["text"],
            "reply": (await talk.wait_for("reply", phase="ended"))["how"],
            "errors": [entry["code"] for entry in await talk.log("error")],
        }
        await talk.run("session.close()")
        before = await talk.mark()
        await talk.run("talk({ transport: 'webrtc' })")
        await talk.run("session.mic.start({ mode: 'open' })")
        await talk.wait_for("mic", at=before, open=True)
        await talk.run("fakeMic.say(sound, 16000)")
        transcript = await talk.wait_for("transcript", at=before, final=True)
        never = {
            "text": transcript["text"],
            "transport": await talk.run("session.transport"),
            "reply": (await talk.wait_for("reply", at=before, phase="ended"))["how"],
        }
    return {"dies": dies, "never": never}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1])))))  # noqa: T201  (its result)
