"""What a recognised text means here: how complete it is, whether it interrupts, whether to draft."""

from __future__ import annotations

from frametalk.adapters.base import Hypothesis
from frametalk.context import SessionContext
from frametalk.core.barge_in import BargeInClassifier
from frametalk.core.completeness import Completeness, completeness_of
from frametalk.core.draft_budget import DraftBudget
from frametalk.core.turn import TurnMachine
from frametalk.pipeline.replies import Replies
from frametalk.pipeline.world import World


class Interpreter:
    """Reads texts in the language of the session and with the words of its scene.

    `echo`: the microphone may pick up the reply.
    """

    def __init__(
        self,
        context: SessionContext,
        machine: TurnMachine,
        world: World,
        replies: Replies,
        draft_budget: DraftBudget,
        *,
        language: str,
        echo: bool,
    ) -> None:
        self._context = context
        self._machine = machine
        self._world = world
        self._replies = replies
        self._draft_budget = draft_budget
        self._language = language
        self._echo = echo

    @property
    def over_reply(self) -> bool:
        """Whether the present turn started over a reply and has not interrupted it."""
        return self._machine.over_reply

    def has_interrupted(self, turn: int) -> bool:
        """Whether a turn that started over a reply has interrupted it."""
        return self._machine.turn == turn and not self._machine.over_reply

    def in_soft_start(self, turn: int) -> bool:
        """Whether speech over a reply's first sound may continue this turn, which that reply answers."""
        return self._machine.turn == turn and self._machine.in_soft_start

    def likelier(self, heard: Hypothesis) -> Hypothesis:
        """The alternative that makes sense in this scene, where the recogniser has several."""
        text = self._world.commands.likelier(heard.text, heard.alternatives)
        if text == heard.text:
            return heard
        others = tuple(one for one in heard.alternatives if one != text)
        return Hypothesis(text, confidence=heard.confidence, alternatives=(heard.text, *others))

    def completeness(self, heard: Hypothesis) -> Completeness:
        """How complete the text sounds."""
        commands = self._world.commands
        return completeness_of(heard.text, commands, self._language, heard.alternatives)

    def interrupts(self, turn: int, text: str, speech_ms: float) -> bool:
        """Whether `text` of this turn, `speech_ms` long so far, interrupts the reply."""
        classifier = BargeInClassifier(self._world.commands, self._language, self._echo)
        sounding = self._replies.sounding(self._machine.reply)
        soft_start = self.in_soft_start(turn)
        return classifier.interrupts(text, speech_ms, sounding, in_soft_start=soft_start)

    def continues(self, text: str) -> bool:
        """Whether `text`, said over a reply's first sound, may go on with the turn before it."""
        return BargeInClassifier(self._world.commands, self._language, self._echo).continues(text)

    def may_draft(self, turn: int, heard: Hypothesis) -> bool:
        """Whether a draft may be made of this text.

        After an incomplete text the player usually resumes, and the draft would be discarded.
        """
        if self.completeness(heard) is Completeness.INCOMPLETE:
            return False
        settings, objective = self._context.settings, self._context.objective
        drafts = settings.turns.drafts and not objective.takes("no_drafts")
        return drafts and self._draft_budget.allows(turn, self._context.now())
