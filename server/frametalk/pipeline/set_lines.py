"""What a character says whatever its mind thinks: its own lines, else those of the session's language."""

from __future__ import annotations

from collections import Counter

from frametalk.adapters.abilities import HasSetLines
from frametalk.core.languages import SetLines, lines_in
from frametalk.pipeline.character import Character


class SetLineBook:
    """One session's set lines; of several each is said in turn. `help` follows every caring line."""

    def __init__(self, character: Character, *, disclosure: str = "", help_line: str = "") -> None:
        mind = character.mind
        own = mind.set_lines(character.name) if isinstance(mind, HasSetLines) else SetLines()
        usual = lines_in(character.language)
        self.disclosure = own.disclosure or disclosure or usual.disclosure
        self._lines = {
            "deflecting": own.deflecting or usual.deflecting,
            "caring": tuple(f"{line} {help_line}".strip() for line in own.caring or usual.caring),
            "parting": own.parting or usual.parting,
            "disclosure": (self.disclosure,),
        }
        self._said: Counter[str] = Counter()

    def line(self, kind: str) -> str:
        """The next line of a kind: deflecting, caring, parting or disclosure."""
        lines = self._lines[kind]
        self._said[kind] += 1
        return lines[(self._said[kind] - 1) % len(lines)]
