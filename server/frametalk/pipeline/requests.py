"""What the mind may know when it is asked."""

from __future__ import annotations

from frametalk.adapters.base import Focus, MindRequest
from frametalk.core.actions import StartReply
from frametalk.core.dialogue import Dialogue
from frametalk.core.objective import LatencyObjective
from frametalk.core.scene import Scene
from frametalk.core.stable_scene import StableScene
from frametalk.pipeline.act import Act
from frametalk.pipeline.character import Character
from frametalk.pipeline.world import World


class MindRequests:
    """Builds the requests of one session from its dialogue, scene and tools as they are now."""

    def __init__(
        self,
        character: Character,
        dialogue: Dialogue,
        scene: Scene,
        world: World,
        act: Act,
        objective: LatencyObjective,
    ) -> None:
        self._character = character
        self._dialogue = dialogue
        self._scene = scene
        self._world = world
        self._act = act
        self._stable = StableScene()
        self._objective = objective

    def build(self, action: StartReply, step: int, said: str = "") -> MindRequest:
        """The request for step `step` of a reply that has said `said` so far."""
        scene, dialogue = self._scene, self._dialogue
        return MindRequest(
            character=self._character.name,
            turn=action.turn,
            text=action.text,
            alternatives=action.alternatives,
            step=step,
            said=said,
            history=dialogue.history(action.reply),
            outcomes=dialogue.outcomes(action.turn, action.reply),
            scene=scene.entities,
            stable=self._stable.of(scene.entities),
            scene_rev=scene.rev,
            changed=scene.changed,
            happenings=scene.events,
            tools=self._act.specs,
            focus=Focus(self._world.focus),
            language=self._character.language,
            quick=self._objective.takes("quick_mind"),
        )

    def opening(self) -> MindRequest:
        """The request of a turn in which nothing has been said yet."""
        scene = self._scene
        return MindRequest(
            character=self._character.name,
            turn=0,
            text="",
            scene=scene.entities,
            scene_rev=scene.rev,
            stable=self._stable.of(scene.entities),
            tools=self._act.specs,
            language=self._character.language,
        )
