"""The demo's page in an emulated headset: enter, look, point, speak, leave, and enter again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tavern_page import Tavern, quick_tavern, tavern_page

pytestmark = pytest.mark.real

# Places the right hand and points it at an entity of the stage.
POINT = """id => {
  const box = tavern.stage.boxes.get(id);
  const at = box.getCenter(tavern.eye.clone());
  const hand = device.controllers.right;
  const from = { x: 0.7, y: 1.5, z: -0.3 };
  hand.position.set(from.x, from.y, from.z);
  const away = at.clone().set(at.x - from.x, at.y - from.y, at.z - from.z).normalize();
  const ahead = away.clone().set(0, 0, -1);
  const turn = tavern.camera.quaternion.clone().setFromUnitVectors(ahead, away);
  hand.quaternion.set(turn.x, turn.y, turn.z, turn.w);
}"""
ENTERED = "tavern.headset.inside && tavern.renderer.xr.isPresenting"
LEFT = "!tavern.headset.inside && !tavern.renderer.xr.isPresenting"


async def keep(page: Tavern, name: str) -> None:
    """Save a screenshot into the folder that FRAMETALK_PICTURES names, if it is set."""
    folder = os.environ.get("FRAMETALK_PICTURES")
    if folder:
        await page.page.screenshot(path=Path(folder) / f"xr-{name}.png", timeout=120_000)


async def enter(page: Tavern, kind: str = "vr") -> None:
    await page.until(f"!document.getElementById('enter-{kind}').hidden")
    # The emulator's canvas covers the page, so a mouse cannot reach the button.
    await page.run(f"document.getElementById('enter-{kind}').click()")
    await page.until(ENTERED)


async def leave(page: Tavern) -> None:
    await page.run("tavern.headset.leave()")
    await page.until(LEFT)


async def test_open_that_opens_the_thing_that_the_player_points_at() -> None:
    async with tavern_page(quick_tavern(), headset=True, size=(480, 300)) as page:
        await page.join("ptt")
        await page.greeted()
        await page.type("unlock the chest")
        await page.until("tavern.game.entity('chest').state.locked === false")
        await page.until("tavern.talk.session.turn?.state === 'idle'")
        await page.run("watchEvents('transcript', 'tool', 'mic')")
        await enter(page)
        drawn = await page.run("tavern.renderer.info.render.frame")
        await page.run(POINT, "chest")
        await page.until(f"tavern.renderer.info.render.frame > {drawn} + 3")
        await page.until("tavern.talk.session.focus.last.get('point') === 'chest'")
        await keep(page, "points")
        # The trigger is the button to talk; the recogniser hears "open that" in any sound.
        await page.run("device.controllers.right.updateButtonValue('trigger', 1)")
        await page.until("events.some(({ happened, open }) => happened === 'mic' && open)")
        await page.run(
            "fakeMic.say(Array.from({ length: 16000 }, (_, i) => Math.sin(i / 5) / 2), 16000)"
        )
        await page.page.wait_for_timeout(1_200)
        await page.run("device.controllers.right.updateButtonValue('trigger', 0)")
        await page.until("tavern.game.entity('chest').state.open")
        await page.until("tavern.talk.captions.heard.includes('open')")
        await keep(page, "opened")
        events = await page.run("events")
        shown = await page.run("tavern.immersion.captions.shown")
        heard = [one["text"] for one in events if one["happened"] == "transcript"]
        assert heard[-1] == "open that"
        assert [one["args"] for one in events if one.get("state") == "done"] == [
            {"target": "chest"}
        ]
        assert "open that" in shown  # the captions are on a panel
        assert "chest" in shown
        await leave(page)
        await enter(page)
        await page.run(POINT, "lever")
        await page.until("tavern.talk.session.focus.last.get('point') === 'lever'")
        await leave(page)


async def test_leaving_a_headset_restores_the_page() -> None:
    async with tavern_page(quick_tavern("Well."), headset=True) as page:
        await page.join()
        view = "[...tavern.camera.position.toArray(), tavern.camera.fov, tavern.camera.aspect]"
        before = await page.run(view)
        for kind in ("vr", "ar", "vr"):
            await page.run("device.position.set(0.7, 1.2, 0.4)")
            await enter(page, kind)
            seen = await page.run("tavern.stage.room.group.visible")
            assert seen == (kind == "vr")  # the player's own room is the tavern
            await page.until("tavern.camera.position.x > 0.5")
            await leave(page)
            await page.page.wait_for_timeout(200)
            assert await page.run(view) == before
            assert await page.run("tavern.stage.room.group.visible")
        size = "tavern.renderer.domElement.width / tavern.renderer.domElement.height"
        await page.page.set_viewport_size({"width": 120, "height": 200})
        await page.until(f"Math.abs({size} - 0.6) < 0.01")


async def test_taking_off_the_headset_holds_the_floor_until_it_is_back_on() -> None:
    async with tavern_page(quick_tavern("Well."), headset=True) as page:
        await page.join()
        await page.run("window.floors = [], tavern.talk.session.floor = mode => floors.push(mode)")
        await enter(page)
        await page.run("device.updateVisibilityState('hidden')")
        await page.until("floors.at(-1) === 'hold'")
        await page.run("device.updateVisibilityState('visible')")
        await page.until("floors.at(-1) === 'free'")
        await page.run("device.updateVisibilityState('visible-blurred')")
        await page.until("floors.at(-1) === 'hold'")
        await leave(page)
        await page.until("floors.at(-1) === 'free'")


async def test_entering_a_headset_resumes_stopped_sound() -> None:
    async with tavern_page(quick_tavern("Well."), headset=True) as page:
        await page.join()
        await page.run("tavern.audio.context.suspend()")
        await page.until("document.querySelector('[data-code=audio_suspended]')")
        await enter(page)
        await page.until("tavern.audio.running")
        assert await page.problems() == {}
        await leave(page)


async def test_the_latency_table_is_shown_on_a_panel_in_a_headset() -> None:
    async with tavern_page(quick_tavern("Well."), headset=True) as page:
        await page.join()
        await page.run("document.getElementById('show-latency').click()")
        await enter(page)
        await page.until("tavern.immersion.latency.mesh.visible")
        assert "our part of it" in await page.run("tavern.immersion.latency.shown")
        await leave(page)
        assert not await page.run("tavern.immersion.latency.mesh.visible")
