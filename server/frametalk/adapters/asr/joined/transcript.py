"""Which of two recognisers' readings is the text of an utterance. Pure.

The scene's reading leads until the free one has words, and a free reading that leads stays: the text
changes from one to the other once, and back only to a final of the scene. Only the free reading has stable
text; a text that does not begin with it never follows.
"""

from __future__ import annotations

from dataclasses import replace

from frametalk.adapters.base import Hypothesis


class Transcript:
    """The text of one utterance. Each method returns the hypothesis to show; None if nothing changes."""

    def __init__(self) -> None:
        self.free_leads = False
        self._free = Hypothesis("")
        self._shown = ""

    @property
    def is_settled(self) -> bool:
        """Whether some text of the free reading is stable."""
        return self._free.stable > 0

    def scene_partial(self, heard: Hypothesis) -> Hypothesis | None:
        """A partial of the scene's recogniser."""
        return None if self.free_leads else self._changed(replace(heard, stable=0))

    def free_partial(self, heard: Hypothesis) -> Hypothesis | None:
        """A partial of the free recogniser."""
        if not self.free_leads and not heard.text:
            return None
        self._free, self.free_leads = heard, True
        return self._changed(heard)

    def scene_final(self, heard: Hypothesis) -> Hypothesis:
        """A final of the scene's recogniser, which replaces the free reading unless that is settled."""
        if self.is_settled:
            return self._free
        self._free, self.free_leads = Hypothesis(""), False
        self._shown = heard.text
        return replace(heard, stable=0)

    def free_final(self, heard: Hypothesis) -> Hypothesis:
        """A final of the free recogniser; an empty one too means that these are the words."""
        self._free, self.free_leads = heard, True
        self._shown = heard.text
        return heard

    def _changed(self, heard: Hypothesis) -> Hypothesis | None:
        if heard.text == self._shown:
            return None
        self._shown = heard.text
        return heard
