"""Reports of calls: what is said before the game's reason is known in advance."""

from pathlib import Path

import pytest

from frametalk.adapters.base import MindRequest
from frametalk.adapters.llm.character import load_all
from frametalk.adapters.llm.scripted.reports import refusal_opening, report
from frametalk.core.scene import Entity
from frametalk.core.tools import ToolOutcome

SCENE = {"chest": Entity("chest", "chest")}
OPEN = ToolOutcome(1, "open", {"target": "chest"}, "done")


@pytest.mark.parametrize(
    ("line", "opening"),
    [
        ("I cannot open {thing}. {reason}.", "I cannot open the chest."),
        ("No! Never! {reason}", "No! Never!"),
        ("I cannot, {reason}.", ""),
        ("{reason}.", ""),
    ],
)
def test_the_sentences_before_the_reason_open_a_refusal(
    line: str, opening: str, tmp_path: Path
) -> None:
    file = tmp_path / "smith.toml"
    file.write_text(f'name = "smith"\n[answers.open]\nrefused = ["{line}"]\n')
    character = load_all((str(file),))["smith"]
    request = MindRequest("smith", 1, "open the chest", scene=SCENE, outcomes=(OPEN,))
    assert refusal_opening(character, OPEN, request) == opening
    refused = ToolOutcome(1, "open", {"target": "chest"}, "refused", reason="it is locked")
    assert report(character, refused, request).startswith(opening)
