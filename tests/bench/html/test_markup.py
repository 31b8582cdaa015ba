"""Elements: what is escaped, and how attributes are written."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from frametalk.bench.html.markup import Markup, details, element, inside, legend, short, table


def test_text_and_attributes_are_escaped_and_markup_is_not():
    shown = element("p", '<b>&"', element("i", "x"), title='"><script>')
    assert shown == ('<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&quot;<i>x</i></p>')


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"))))
def test_a_parser_reads_any_text_back_as_it_was(text: str) -> None:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert (tag, attrs) == ("p", [("title", text)])

        def handle_data(self, data: str) -> None:
            found.append(data)

    reader = Reader()
    reader.feed(element("p", text, title=text))
    reader.close()
    assert "".join(found) == text


def test_names_of_attributes_and_absent_ones():
    shown = element("text", class_="a", text_anchor="end", x=1.26, y=None, hidden=True)
    assert shown == '<text class="a" text-anchor="end" x="1.3" hidden></text>'
    assert element("meta", name="a") == '<meta name="a">'


def test_children_are_nested_lists_numbers_or_nothing():
    assert inside(["a", [1, 2.0], None, (Markup("<br>"),)]) == "a12<br>"


def test_numbers_have_three_digits_and_all_before_the_point():
    assert [short(value) for value in (3, 0.12345, 12.345, 1234.5, 12345)] == [
        "3",
        "0.123",
        "12.3",
        "1234",
        "12345",
    ]


def test_a_table_has_a_heading_for_each_column():
    shown = table(("a", "b"), [("<x>", 1)])
    assert '<th scope="col">a</th><th scope="col">b</th>' in shown
    assert "<td>&lt;x&gt;</td><td>1</td>" in shown


def test_a_legend_has_a_colour_beside_each_name():
    assert legend([("p50", "var(--c0)")]) == (
        '<ul class="legend"><li><b style="background:var(--c0)"></b>p50</li></ul>'
    )


def test_details_are_closed():
    assert details("more", "text") == "<details><summary>more</summary>text</details>"
