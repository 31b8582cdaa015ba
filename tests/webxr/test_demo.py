"""The demo's page in a real browser with the demo's real server: speech, actions and the face."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from chromium import measured
from frametalk.adapters.asr.pocketsphinx.recogniser import PocketSphinxRecogniser
from frametalk.adapters.base import Bias
from tavern_page import Tavern, tavern, tavern_page, together

pytestmark = pytest.mark.real

# Bram's possible answers; other words that sound alike are excluded.
HEARD_AS = Bias(
    things=("golden key", "iron key", "chest", "red door", "sword"),
    phrases=(
        "here take the {thing}", "the {thing} it is yours", "there the {thing} is open",
        "the {thing} stands open", "click the {thing} is unlocked", "the {thing} burns",
        "i cannot give you the {thing}", "what do you need", "mind your tongue", "mind the step",
        "good day to you", "the king pays late and fights often",
    ),
)  # fmt: skip


# Zooms in until the view is as wide as the mouth.
NEAR = "tavern.look.pitch = -0.045, tavern.camera.fov = 3, tavern.camera.updateProjectionMatrix(), "


async def understood(sound: npt.NDArray[np.int16]) -> str:
    """PocketSphinx's text for 16 kHz sound."""
    recogniser = PocketSphinxRecogniser()
    await recogniser.start()
    try:
        await recogniser.prepare(HEARD_AS)
        stream = recogniser.open(HEARD_AS, lambda _: None)
        quiet = np.zeros(4_800, np.int16)
        stream.feed(np.concatenate([quiet, sound, quiet]).tobytes())
        text = (await stream.finalize()).text
        stream.cancel()
    finally:
        await recogniser.close()
    return text


def words(text: str) -> set[str]:
    return set(re.findall("[a-z]+", text.lower()))


async def keep(page: Tavern, name: str) -> None:
    """Save a screenshot into the folder that FRAMETALK_PICTURES names, if it is set."""
    folder = os.environ.get("FRAMETALK_PICTURES")
    if not folder:
        return
    small = page.page.viewport_size
    await page.page.set_viewport_size({"width": 960, "height": 600})
    await page.page.screenshot(path=Path(folder) / f"{name}.png", timeout=120_000)
    await page.page.set_viewport_size(small)


async def test_the_player_asks_for_the_key_by_voice_and_gets_it(speech: Path) -> None:
    async with tavern_page(tavern(), size=(320, 200)) as page:
        await page.join("open")
        await page.greeted()
        await keep(page, "before")
        assert await page.run("tavern.game.entity('golden_key').state.holder") == "blacksmith"
        await page.run("tapVoice(16000); watchEvents('caption', 'transcript', 'tool')")
        await page.say(speech / "golden_key.flac")
        await page.until("tavern.game.entity('golden_key').state.holder === 'player'")
        await page.until("tavern.talk.captions.heard.includes('golden key')")
        await page.until("tavern.talk.session.turn?.state === 'idle'")
        await page.page.wait_for_timeout(500)
        events = await page.run("events")
        said = " ".join(one["text"] for one in events if one["happened"] == "caption")
        shown = await page.page.inner_text("#character-says")
        asked = await page.page.inner_text("#player-says")
        sound = together(await page.tapped())
        hangs = await page.run(
            "tavern.stage.carried.get('golden_key').parent.parent === tavern.camera"
        )
        await keep(page, "after")
    assert asked == "give me the golden key"
    assert shown == said
    assert hangs
    heard = await understood(sound)
    measured("the character's voice, recognised", heard)
    spoken = words(said)
    assert "key" in words(heard)
    assert words(heard) <= spoken, (heard, said)
    assert len(words(heard)) >= len(spoken) / 2, (heard, said)
    assert [one["state"] for one in events if one["happened"] == "tool"] == ["called", "done"]


async def test_the_drawn_mouth_is_open_on_a_vowel_and_closed_on_a_p(speech: Path) -> None:
    async with tavern_page(tavern(), size=(320, 200)) as page:
        await page.run("drawing(false)")
        dark = {}
        await page.run("freezeFace('aa', 'E', 'oh')")
        await page.join()
        for shapes in (("aa", "E", "oh"), ("PP",)):
            if shapes == ("PP",):
                await page.run("thaw(); freezeFace('PP')")
            name = await page.until("frozen")
            dark[shapes[0]] = await page.run(NEAR + "drawing(true), darkPart()")
            await keep(page, f"during-{name}")
            await page.run("drawing(false)")
            await page.type("who are you")
        await page.run("thaw()")
        await page.greeted()
        await page.until("tavern.stage.character.influence('sil') === 1")
        dark["sil"] = await page.run(NEAR + "drawing(true), darkPart()")
        await keep(page, "during-rest")
    measured("dark part of the view, by shape", dark)
    assert dark["aa"] > 2 * dark["PP"]
    assert dark["PP"] <= dark["sil"] + dark["aa"] / 10  # at most 0.08 of it in 12 runs
