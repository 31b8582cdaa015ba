"""Any text at all, through everything that reads a player's or a mind's words: nothing fails."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.llm.scripted.test_mind import SCENE, TOOLS
from any_texts import HUGE, NOISE, OF_OTHER_LANGUAGES, real_sentences
from frametalk.adapters.base import MindEvent, MindRequest, TextDelta, ToolRequest
from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.llm.openai.prompt import Budgets, prompt
from frametalk.adapters.llm.scripted import ScriptedMind
from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.core.barge_in import BargeInClassifier
from frametalk.core.commands import Commands
from frametalk.core.completeness import completeness_of
from frametalk.core.dialogue import PlayerSaid
from frametalk.text.clauses import Clauses
from frametalk.text.number_words import number_words
from frametalk.text.spoken_text import reword
from frametalk.wire import messages as m
from growth import GRAIN_S, TIMES_LINEAR
from player import OPEN, engines, playing

MIND = ScriptedMind()
COMMANDS = Commands(
    MIND.phrases("blacksmith"),
    [verb for spec in TOOLS for verb in spec.verbs],
    [name for entity in SCENE.values() for name in (entity.name, *entity.aliases)],
)
LANGUAGES = ("en", "de", "fr", "es", "ja", "zh-CN", "ar", "xx")
SENTENCES = (*real_sentences(), *OF_OTHER_LANGUAGES, *NOISE)


async def events(text: str, others: Sequence[str] = ()) -> list[MindEvent]:
    """What the scripted mind makes of a text after one that it did not understand."""
    history = (PlayerSaid(1, "open the blue door"), PlayerSaid(2, text))
    request = MindRequest(
        "blacksmith", 2, text, tuple(others), history=history, scene=SCENE, tools=TOOLS
    )
    found = [event async for event in MIND.think(request)]
    prompt(request, "A smith.", Budgets())
    return found + [event async for event in FixedMind().think(request)]


def read_everywhere(text: str, languages: Sequence[str] = LANGUAGES) -> None:
    """Read a text with everything that decides about turns and speech."""
    for language in languages:
        completeness_of(text, COMMANDS, language, (text, "open the door"))
        BargeInClassifier(COMMANDS, language, echo=True).interrupts(text, 700, "The door is open.")
        reword(text, language, number_words)
    COMMANDS.likelier(text, (text, "open the door", ""))
    COMMANDS.likelier("open the", (text,))
    clauses = Clauses()
    pieces = [piece for at in range(0, len(text), 7) for piece in clauses.feed(text[at : at + 7])]
    assert all(piece.strip() for piece in (*pieces, *clauses.flush()))


async def check(text: str, others: Sequence[str] = ()) -> None:
    """An answer of sayable text or calls of offered tools."""
    found = await events(text, others)
    assert found
    for event in found:
        if isinstance(event, TextDelta):
            assert event.text.strip()
            assert "{" not in event.text
        else:
            assert isinstance(event, ToolRequest)
            assert event.name in {spec.name for spec in TOOLS}


async def test_minds_survive_every_sentence() -> None:
    assert len(SENTENCES) > 1_000
    for text in SENTENCES:
        await check(text, (f"and {text}", "and the rope"))
        await check("they said", (text,))


def test_turns_and_speech_survive_every_sentence() -> None:
    for text in SENTENCES:
        read_everywhere(text)


@pytest.mark.parametrize("text", HUGE, ids=lambda text: repr(text[:8]))
async def test_a_huge_text_is_survived(text: str) -> None:
    async def took_s(part: str) -> float:
        began_s = time.process_time()
        await check(part, (part,))
        return time.process_time() - began_s

    tenth_s = min([await took_s(text[: len(text) // 10]) for _ in range(3)])
    whole_s = min([await took_s(text) for _ in range(3)])
    assert whole_s <= TIMES_LINEAR * 10 * tenth_s + GRAIN_S
    read_everywhere(text, ("en", "zh"))


SCENE_WORDS = st.sampled_from(
    "and then the a it that one two second 7 open take give me red door key rope please not "
    ", . ? \u00e9".split()
)
ANY = st.one_of(
    st.text(max_size=80),
    st.lists(SCENE_WORDS, max_size=12).map(" ".join),
    st.text(
        alphabet=st.characters(categories=("Mn", "Me", "Cf", "So", "Po", "Nd", "No")), max_size=40
    ),
    st.text(alphabet="\u0627\u0628\u200f\u202e \u05d0,.and", max_size=40),
)


@settings(max_examples=300, deadline=None, database=None)
@given(ANY, ANY)
async def test_minds_survive_noise(text: str, other: str) -> None:
    await check(text, (other,))


@settings(max_examples=300, deadline=None, database=None)
@given(ANY)
def test_turns_and_speech_survive_noise(text: str) -> None:
    read_everywhere(text)


@pytest.mark.looptime
async def test_no_typed_sentence_ends_a_session() -> None:
    real = real_sentences()
    texts = [*NOISE, *OF_OTHER_LANGUAGES, *real[:: len(real) // 400]]
    typed = [text[:2_000] for text in texts if text]
    assert len(typed) > 500
    unlimited = FrametalkSettings(server=ServerSettings(messages_per_second=0))
    async with playing(engines(ScriptedMind()), unlimited) as player:
        await player.enter(tools=(OPEN,))
        for text in typed:
            player.seen.clear()
            player.link.send(m.Say(text=text))
            await player.until(m.TurnStateChanged, lambda item: item.state == "thinking")
            await player.until(m.TurnStateChanged, lambda item: item.state == "idle", within_s=120)
            assert player.error_codes == [], text
            assert player.of(m.ReplyText) or player.of(m.ToolCall), text
