"""What a mind writes -> what is shown. "|nod" is a cue, at its place in the shown text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.text.markup import MAX_DIRECTION_CHARS, MAX_SPAN_CHARS, SPAN, open_at, read

WRITTEN_AND_SHOWN = [
    ("*nods* [happy] That's 25 gold.", "|nod|happy That's 25 gold."),
    ("Well *shrugs* perhaps.", "Well |shrug perhaps."),
    ("Hello *waves*, friend.", "Hello|wave, friend."),
    ("Farewell. *bows*", "Farewell.|bow"),
    ("*looks at the red door* Hm.", "|red_door Hm."),
    ('See <gaze target="door"/> there.', "See |door there."),
    ("(sighs) Fine.", "|sigh Fine."),
    ("*twirls beard* Well met.", "|twirls_beard Well met."),
    ("Well. *The wind howls.* Listen.", "Well. |the_wind_howls Listen."),
    ("[draws a map] Here.", "|draws_a_map Here."),
    # stress, not direction
    ("A *very* good sword.", "A very good sword."),
    ("*Never* say that.", "Never say that."),
    ("*No!* You cannot.", "No! You cannot."),
    ("I *love* it, I *think*, so *sit* down.", "I love it, I think, so sit down."),
    ("(I think) so.", "(I think) so."),
    ("(It turns out he lied.)", "(It turns out he lied.)"),
    # bold that tells what the speaker does, and bold that does not
    ("**slams the table** Out!", "|slams_the_table Out!"),
    ("**sighs** Fine.", "|sigh Fine."),
    ("***nods*** Aye.", "|nod Aye."),
    ("** sighs ** Fine.", "|sigh Fine."),
    ("__He nods slowly.__ Yes.", "|nod Yes."),
    ("_sighs_ Fine.", "|sigh Fine."),
    ("**Swords and shields** are here.", "Swords and shields are here."),
    ("**Drinks are on me.** Sit.", "Drinks are on me. Sit."),
    ("**Things to buy**", "Things to buy"),
    ("**Drinks**: ale", "Drinks: ale"),
    ("He **laughs** at you.", "He laughs at you."),
    # other brackets
    ("{nods} Yes.", "|nod Yes."),
    ("{it} is", "{it} is"),
    ("((sighs)) Fine.", "|sigh Fine."),
    ("（laughs） Good.", "|laugh Good."),
    ("＊sighs＊ ｛nods｝ Fine.", "|sigh|nod Fine."),
    ("(slams the table) Out!", "|slams_the_table Out!"),
    ("(He laughs.) Yes.", "|laugh Yes."),
    ("(Sounds good to me.) Yes.", "(Sounds good to me.) Yes."),
    ("**looks good** Yes.", "looks good Yes."),
    ("你好（笑）。", "你好|laugh。"),
    ("【点头】好的。", "|nod 好的。"),
    ("［微笑着］你好", "|smile 你好"),
    ("*微笑*你好", "|smile 你好"),
    ("「どうぞ」", "「どうぞ」"),
    ("東京（とうきょう）です", "東京（とうきょう）です"),
    # Markdown
    ("**Bold**, __strong__, ***both***, _low_, ~~gone~~.", "Bold, strong, both, low, gone."),
    ("Say `open sesame`.", "Say open sesame."),
    ("## The sword", "The sword"),
    ("- one *fine* sword", "one fine sword"),
    ("[ ] buy bread", "buy bread"),
    ("See [the map](https://a.b/c), [1] too.", "See the map, too."),
    ("```python", ""),
    ("---", ""),
    (r"\*as it is\*", "*as it is*"),
    ("snake_case, 5 * 3, a < b", "snake_case, 5 * 3, a < b"),
    # emoji and faces
    ("It is hot 🔥.", "It is hot."),
    ("Good 😀 day 👍", "Good |happy day|thumbs_up"),
    ("👩‍🚒 1️⃣", "1"),
    ("Well :) yes", "Well |happy yes"),
    ("For you <3 dear xD", "For you |happy dear|happy"),
    ("Oh :O no T_T", "Oh |surprised no|sad"),
    ("5 x Dx <30 :Dx", "5 x Dx <30 :Dx"),
    # what HTML writes otherwise
    ("Tom &amp; Sons &#8211; 5 &lt; 6&nbsp;", "Tom & Sons – 5 < 6"),
    ("&lt;b&gt; &amp;amp; R&D; AT&T", "<b> &amp; R&D; AT&T"),
    # never closed, or too long to be markup
    ("*unclosed words", "unclosed words"),
    ("[unclosed words", "[unclosed words"),
    # not fit for a voice or a caption
    ("<speak>a\x07b\x1b</speak>\u202ec", "ab c"),
    ("[[h@l'oU]] hi", "|h_l_ou hi"),
    ("a\tb\n c", "a b c"),
]


@pytest.mark.parametrize(("written", "shown"), WRITTEN_AND_SHOWN)
def test_markup_is_removed_and_directions_become_cues_at_their_places(
    written: str, shown: str
) -> None:
    text, cues = read(written)
    for placed in reversed(cues):
        space = " " if text[placed.at :] and text[placed.at] not in ",。" else ""
        another_cue = text[placed.at :].startswith("|")
        text = f"{text[: placed.at]}|{placed.cue.name}{'' if another_cue else space}{text[placed.at :]}"
    assert text == shown


@pytest.mark.parametrize(
    ("written", "language", "shown", "name"),
    [
        ("*nickt* Gut.", "de", "Gut.", "nod"),
        ("(hausse les épaules) Bon.", "fr-CA", "Bon.", "shrug"),
        ("**suspira** Bueno.", "es", "Bueno.", "sigh"),
        ("*nods* Gut.", "de", "Gut.", "nod"),
        ("**haut auf den Tisch** Raus!", "de", "Raus!", "haut_auf_den_tisch"),
        ("**das alte Schwert** Nimm!", "de", "das alte Schwert Nimm!", None),
        ("Ich sage: **nimm das**", "de", "Ich sage: nimm das", None),
        ("（カウンターを叩く）出ていけ！", "ja", "出ていけ！", "カウンターを叩く"),
        ("*das ist gut* sagte er", "de", "das ist gut sagte er", None),
        ("I *ride* horses", "en", "I ride horses", None),
    ],
)
def test_directions_are_known_in_the_language_of_the_session(
    written: str, language: str, shown: str, name: str | None
) -> None:
    text, cues = read(written, language)
    assert (text, [placed.cue.name for placed in cues]) == (shown, [name] if name else [])


def test_a_direction_above_the_limit_is_text() -> None:
    words = "word " * (MAX_DIRECTION_CHARS // 5 + 1)
    shown, cues = read(f"[{words}]")
    assert (words.strip() in shown, cues) == (True, ())


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("Well *nods", 5),
        ("Well [nods", 5),
        ("Well [map](http", 5),
        ("Well <gaze tar", 5),
        ("Well *nods* so", None),
        ("5 * 3", None),
        ("Well [nods\nso", None),
        ("Well *" + "x" * 2 * MAX_SPAN_CHARS, None),
    ],
)
def test_open_markup_is_found_as_long_as_it_may_still_close(text: str, opens: int | None) -> None:
    assert open_at(text) == opens


MARKED = st.text(alphabet='ab N.,! \n*_[]()<>`~\\#-😀:)"', max_size=300)


@given(st.one_of(st.text(max_size=300), MARKED))
def test_any_text_is_read_with_its_cues_in_order(text: str) -> None:
    shown, cues = read(text)
    assert all(0 <= placed.at <= len(shown) + 1 for placed in cues)
    assert [placed.at for placed in cues] == sorted(placed.at for placed in cues)
    assert shown == shown.strip()
    assert "\n" not in shown
    assert all(match.end() - match.start() <= MAX_SPAN_CHARS for match in SPAN.finditer(text))
