"""What the mind is told: the dialogue, the scene and the tools as they are when it is asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from frametalk.core.actions import StartReply
from frametalk.core.dialogue import Dialogue, PlayerSaid
from frametalk.core.objective import LatencyObjective
from frametalk.core.scene import Entity, Scene
from frametalk.core.tools import ToolOutcome, ToolSpec
from frametalk.pipeline.requests import MindRequests
from stages import character

OPEN = ToolSpec("open")


def test_a_request_shows_the_session_at_this_moment() -> None:
    dialogue, scene = Dialogue(), Scene(max_entities=10)
    world: Any = SimpleNamespace(focus=("door",))
    act: Any = SimpleNamespace(specs=(OPEN,))
    requests = MindRequests(character(), dialogue, scene, world, act, LatencyObjective(0, ()))
    dialogue.commit_player(1, "open the door")
    scene.snapshot(4, (Entity("door", "red door"),))
    request = requests.build(StartReply(1, 1, "open the door", ("open a door",)), 0)
    assert (request.character, request.turn, request.text) == ("smith", 1, "open the door")
    assert (request.alternatives, request.step, request.said) == (("open a door",), 0, "")
    assert (request.scene_rev, list(request.scene)) == (4, ["door"])
    assert (request.focus.entities, request.tools) == (("door",), (OPEN,))
    assert request.history == (PlayerSaid(1, "open the door"),)


def test_a_later_step_knows_outcomes_and_what_was_said() -> None:
    dialogue: Dialogue = Dialogue()
    world: Any = SimpleNamespace(focus=())
    act: Any = SimpleNamespace(specs=())
    requests = MindRequests(
        character(), dialogue, Scene(max_entities=10), world, act, LatencyObjective(0, ())
    )
    outcome = ToolOutcome(1, "open", {}, "done")
    dialogue.tool_ran(1, outcome, 1)
    request = requests.build(StartReply(1, 1), 1, "Let me see.")
    assert (request.outcomes, request.said) == ((outcome,), "Let me see.")
