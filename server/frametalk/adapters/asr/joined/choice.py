"""Which reading of a sound to believe: the scene's, which knows commands, or the free one. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher

from frametalk.adapters.base import HeardWord, Hypothesis
from frametalk.core.agreement import bare
from frametalk.core.commands import Commands

SURE = 0.5  # certainty from which the scene's reading is believed without another one
DOUBTED = 0.85  # confidence of a word below which it may be another one
MOST_CHANGED = 0.5  # share of the free reading's words that may be others
UNCLEAR = 0.6  # mean confidence of words below which all of them may be others


def is_command(heard: Hypothesis, commands: Commands) -> bool:
    """Whether the scene's reading surely is a command that is known here."""
    return heard.confidence >= SURE and commands.complete(heard.text)


def is_expected(heard: Hypothesis, commands: Commands) -> bool:
    """Whether the scene's reading surely is a command or the beginning of one."""
    begins = commands.complete(heard.text) or commands.incomplete(heard.text)
    return heard.confidence >= SURE and begins


def likelier(free: Hypothesis, scene: Hypothesis, commands: Commands) -> Hypothesis:
    """The scene's reading if it makes a command of the free one by changing only doubted words.

    People who read "opened the door" aloud give no command: a free reading that is confident of its words
    is believed.
    """
    if free.stable or commands.complete(free.text) or not commands.complete(scene.text):
        return free
    changed: list[HeardWord] = []
    heard = [bare(word.text) for word in free.words]
    for kind, begin, end, _from, _to in SequenceMatcher(
        None, heard, scene.text.split(), autojunk=False
    ).get_opcodes():
        if kind == "insert":
            return free
        if kind != "equal":
            changed += free.words[begin:end]
    if not changed or any(word.confidence >= DOUBTED for word in changed):
        return free
    mean = sum(word.confidence for word in changed) / len(changed)
    return scene if len(changed) <= MOST_CHANGED * len(heard) or mean < UNCLEAR else free
