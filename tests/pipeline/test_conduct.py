"""What a session's replies keep to, put together from the settings."""

from __future__ import annotations

import pytest

from frametalk.config import FrametalkSettings, PrivacySettings
from stages import Stage, character, conduct

pytestmark = pytest.mark.looptime


async def test_the_disclosure_is_spoken_only_if_a_setting_says_so() -> None:
    assert conduct(Stage(), character()).disclosure.opening() == ""
    settings = FrametalkSettings(privacy=PrivacySettings(speak_disclosure=True))
    assert conduct(Stage(settings), character()).disclosure.opening()


async def test_without_a_guard_everything_passes() -> None:
    rules = conduct(Stage(), character())
    assert await rules.guard.player(1, "fuck") is None
    assert await rules.guard.clause("fuck", "") is None
    assert await rules.guard.call("write", {"text": "fuck"}) is None
