# ruff: noqa: E501  (the long texts are what servers send)
"""A model's text as it is said, for every spelling of what is not: split at every position."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frametalk.adapters.llm.openai.answer_text import AnswerText, parameters_of

THOUGHT = "The player wants the door. I should be gruff."
ANSWER = "Well met, traveller."


def tool(name: str, *required: str, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": list(required), "properties": properties}
    return {"type": "function", "function": {"name": name, "parameters": schema}}


TOOLS = (
    tool("open", "target", slowly={"type": "boolean"}, target={"type": "string"}),
    tool("wave"),
    tool("bring_item", "item", "count", item={}, count={}),
)
OPEN, WAVE = ("open", {"target": "door"}), ("wave", {})

Calls = list[tuple[str, dict[str, Any]]]


def answered(
    *tokens: str, thinks_first: bool | None = None, cut: bool = False
) -> tuple[str, Calls]:
    """What is said of an answer, without white space around it, and its calls."""
    answer = AnswerText(TOOLS, thinks_first=thinks_first)
    said: list[str] = []
    for part in [part for token in tokens for part in answer.feed(token)] + answer.flush(cut=cut):
        if part is None:
            said.clear()
        else:
            said.append(part)
    return "".join(said).strip(), [(call.name, call.args) for call in answer.calls]


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def in_all_splits(text: str, **options: Any) -> list[tuple[str, Calls]]:
    """The different results for pieces of every length, and for every split in two."""
    splits = [pieces(text, size) for size in range(1, len(text) + 1)]
    splits += [[text[:at], text[at:]] for at in range(1, len(text))]
    results: list[tuple[str, Calls]] = []
    for split in splits:
        result = answered(*split, **options)
        results += [result] if result not in results else []
    return results


# @T@ stands for the thought, @A@ for the answer.
TEXTS = [
    ("<think>@T@</think>\n\n@A@", "@A@"),
    ("<THINK>@T@</THINK>@A@", "@A@"),
    ("@T@\n</think>\n\n@A@", "@A@"),
    ("Hm, so he wants in.\n</think>\n\n@A@", "@A@"),
    ("<thinking>@T@</thinking>\n@A@", "@A@"),
    ("<think>\n\n</think>\n\n@A@", "@A@"),
    ("[THINK]@T@[/THINK]@A@", "@A@"),
    ("Hm.\n<think>@T@</think>\n@A@", "Hm.\n@A@"),
    ("Hm. <think>@T@</think>@A@", "Hm. @A@"),
    ("Hm.<think>@T@</think>@A@", "Hm. @A@"),
    ("<thought>@T@</thought>@A@", "@A@"),
    ("<reasoning>@T@</reasoning>@A@", "@A@"),
    ("<seed:think>@T@</seed:think>@A@", "@A@"),
    ("<reflection>@T@</reflection>@A@", "@A@"),
    ("<inner_monologue>@T@</inner_monologue>@A@", "@A@"),
    ("<scratchpad>@T@</scratchpad>@A@", "@A@"),
    ("\u25c1think\u25b7@T@\u25c1/think\u25b7@A@", "@A@"),
    ("<|begin_of_thought|>@T@<|end_of_thought|>@A@", "@A@"),
    ("<|begin_of_thought|>@T@<|end_of_thought|><|begin_of_solution|>@A@<|end_of_solution|>", "@A@"),
    ("<|START_THINKING|>@T@<|END_THINKING|><|START_RESPONSE|>@A@<|END_RESPONSE|>", "@A@"),
    ("<unused94>thought\n@T@<unused95>@A@", "@A@"),
    ("<|channel>thought\n@T@<channel|>@A@", "@A@"),
    ("Here is my thought process:\n@T@\n\nHere is my response:\n@A@", "@A@"),
    ("<think>@T@</think><answer>@A@</answer>", "@A@"),
    (
        "<|channel|>analysis<|message|>@T@<|end|><|start|>assistant<|channel|>final<|message|>@A@",
        "@A@",
    ),
    (
        "<|start|>assistant<|channel|>analysis<|message|>@T@<|end|><|start|>assistant<|channel|>final<|message|>@A@<|return|>",
        "@A@",
    ),
    ("<|channel|>analysis<|message|>@T@<|end|>assistant<|channel|>final<|message|>@A@", "@A@"),
    ("analysis@T@assistantfinal@A@", "@A@"),
    ("<think>@T@", ""),
    ("@A@\n<think>@T@", "@A@"),
    ('<think>I could write <think> or open(target="door").</think>@A@', "@A@"),
    ("<think>@T@</think>\n<think>@T@</think>@A@", "@A@"),
    ("<think>@T@</thinking>@A@", "@A@"),
    ("@A@<|im_end|>", "@A@"),
    ("<|im_start|>assistant\n@A@<|im_end|>\n", "@A@"),
    ("<s>@A@</s>", "@A@"),
    ("<s> [INST] hi [/INST] @A@</s>", "@A@"),
    ("@A@<|eot_id|>", "@A@"),
    ("<|start_header_id|>assistant<|end_header_id|>\n\n@A@<|eot_id|>", "@A@"),
    ("@A@<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nOpen it.<|eot_id|>", "@A@"),
    ("@A@<|im_end|>\n<|im_start|>user\nOpen it.<|im_end|>\n<|im_start|>assistant\nDone.", "@A@"),
    ("[/INST] @A@", "@A@"),
    ("@A@ [INST] more [/INST] Yes.", "@A@"),
    ("@A@<end_of_turn>\n<eos>", "@A@"),
    ("<start_of_turn>model\n@A@<end_of_turn>", "@A@"),
    ("<\uff5cAssistant\uff5c>@A@<\uff5cend\u2581of\u2581sentence\uff5c>", "@A@"),
    ("<|assistant|>\n@A@<|end|>", "@A@"),
    ("@A@<|endoftext|>", "@A@"),
    ("Well met,<|eot_id|> traveller.", "@A@"),
    ("Well<|x|>met, traveller.", "@A@"),
    ("<<SYS>>be gruff<</SYS>>@A@", "@A@"),
    ("<bos>@A@<pad><pad>", "@A@"),
    ("@A@</s><s>", "@A@"),
    ("[BOS]@A@[EOS]", "@A@"),
    ("@A@<0x0A>", "@A@"),
    ("[|assistant|]@A@[|endofturn|]", "@A@"),
    ("@A@<|im_e", "@A@"),
    ("@A@<|end_of_text|>", "@A@"),
    ("<|begin_of_text|>@A@", "@A@"),
    ("@A@<|fim_middle|>", "@A@"),
    ("I <3 you", "I <3 you"),
    ("a < b and [nods] (smiles) {yes}", "a < b and [nods] (smiles) {yes}"),
    ("Open(ed) the door(s).", "Open(ed) the door(s)."),
    ("I wave. Wave! open the door", "I wave. Wave! open the door"),
    ("*opens the door* Fine.", "*opens the door* Fine."),
    ("[wave] Hi", "[wave] Hi"),
    ("The user manual is old.", "The user manual is old."),
    ("<b>Fine</b>", "<b>Fine</b>"),
    ("Think! <thin ice>", "Think! <thin ice>"),
]


@pytest.mark.parametrize(("text", "said"), TEXTS)
def test_thoughts_and_special_tokens_are_not_said(text: str, said: str) -> None:
    text, said = (each.replace("@T@", THOUGHT).replace("@A@", ANSWER) for each in (text, said))
    assert in_all_splits(text) == [(said, [])]


CALLS: list[tuple[str, str, Calls]] = [
    (
        '<|channel|>commentary<|message|>@A@<|end|><|start|>assistant<|channel|>commentary to=functions.open <|constrain|>json<|message|>{"target":"door"}<|call|>',
        "@A@",
        [OPEN],
    ),
    (
        '<|channel|>analysis<|message|>@T@<|end|><|start|>assistant to=functions.open<|channel|>commentary json<|message|>{"target":"door"}<|call|>',
        "",
        [OPEN],
    ),
    (
        'Very well.\n<tool_call>\n{"name": "open", "arguments": {"target": "door"}}\n</tool_call>',
        "Very well.",
        [OPEN],
    ),
    ('Very well. {"name": "open", "parameters": {"target": "door"}}', "Very well.", [OPEN]),
    ('Very well. <function=open>{"target": "door"}</function>', "Very well.", [OPEN]),
    ('Very well. open(target="door")', "Very well.", [OPEN]),
    (
        '<tool_call>{"name": "open", "arguments": {"target": "door"}}</tool_call>\n<tool_call>{"name": "wave", "arguments": {}}</tool_call>',
        "",
        [OPEN, WAVE],
    ),
    (
        '<tool_call>{"name": "open", "arguments": {"target": "door"}}\n{"name": "wave"}</tool_call> Fine.',
        "Fine.",
        [OPEN, WAVE],
    ),
    (
        '<tool_call>{"name": "open", "arguments": {"target": "door"}}\nThere you are.',
        "There you are.",
        [OPEN],
    ),
    ('<tool_call>{"name": "open", "arguments": {"target": "door"}}', "", [OPEN]),
    (
        "<tool_call>\n<function=open>\n<parameter=target>\ndoor\n</parameter>\n</function>\n</tool_call>Fine.",
        "Fine.",
        [OPEN],
    ),
    (
        "<tool_call>open\n<arg_key>target</arg_key>\n<arg_value>door</arg_value>\n</tool_call>Fine.",
        "Fine.",
        [OPEN],
    ),
    (
        '<function_calls><invoke name="open"><parameter name="target">door</parameter></invoke></function_calls> Fine.',
        "Fine.",
        [OPEN],
    ),
    (
        '<minimax:tool_call><invoke name="open"><parameter name="target">door</parameter></invoke></minimax:tool_call>',
        "",
        [OPEN],
    ),
    ('[TOOL_CALLS] [{"name": "open", "arguments": {"target": "door"}}]', "", [OPEN]),
    ('[TOOL_CALLS]open[ARGS]{"target": "door"}', "", [OPEN]),
    ('[TOOL_CALLS]open{"target": "door"}</s>', "", [OPEN]),
    ('<|python_tag|>{"name": "open", "parameters": {"target": "door"}}<|eom_id|>', "", [OPEN]),
    ('<|python_tag|>open.call(target="door")<|eom_id|>', "", [OPEN]),
    ('<|tool_call|>[{"name": "open", "arguments": {"target": "door"}}]', "", [OPEN]),
    (
        '<|tool_calls_section_begin|><|tool_call_begin|>functions.open:0<|tool_call_argument_begin|>{"target": "door"}<|tool_call_end|><|tool_calls_section_end|>',
        "",
        [OPEN],
    ),
    (
        '<\uff5ctool\u2581calls\u2581begin\uff5c><\uff5ctool\u2581call\u2581begin\uff5c>function<\uff5ctool\u2581sep\uff5c>open\n```json\n{"target": "door"}\n```<\uff5ctool\u2581call\u2581end\uff5c><\uff5ctool\u2581calls\u2581end\uff5c><\uff5cend\u2581of\u2581sentence\uff5c>',
        "",
        [OPEN],
    ),
    (
        '<\uff5ctool\u2581calls\u2581begin\uff5c><\uff5ctool\u2581call\u2581begin\uff5c>open<\uff5ctool\u2581sep\uff5c>{"target": "door"}<\uff5ctool\u2581call\u2581end\uff5c><\uff5ctool\u2581calls\u2581end\uff5c>',
        "",
        [OPEN],
    ),
    ('functools[{"name": "open", "arguments": {"target": "door"}}]', "", [OPEN]),
    ('Sure. [open(target="door")]', "Sure.", [OPEN]),
    ('[open(target="door"), wave()]', "", [OPEN, WAVE]),
    ('```tool_code\nopen(target="door")\n```', "", [OPEN]),
    ('```python\nprint(open(target="door"))\n```', "", [OPEN]),
    ('```json\n{"name": "open", "arguments": {"target": "door"}}\n```\nThere.', "There.", [OPEN]),
    ('Sure. `open(target="door")`', "Sure. `", [OPEN]),
    ('open("door")', "", [OPEN]),
    ("open('door'), come in.", "come in.", [OPEN]),
    ("wave() Hello.", "Hello.", [WAVE]),
    ('functions.open({"target": "door"})', "", [OPEN]),
    ('open({"target": "door"})', "", [OPEN]),
    ('Fine. open {"target": "door"}', "Fine.", [OPEN]),
    ('{"open": {"target": "door"}}', "", [OPEN]),
    (
        '{"tool_calls": [{"type": "function", "function": {"name": "open", "arguments": "{\\"target\\": \\"door\\"}"}}]}',
        "",
        [OPEN],
    ),
    ("{'name': 'open', 'arguments': {'target': 'door'}}", "", [OPEN]),
    ('{"name": "dance", "arguments": {}} Hi.', "Hi.", []),
    ('Ha. dance(style="slow") Hi.', "Ha. Hi.", []),
    ('<tool_call>{"name": "dance"}</tool_call>Hi.', "Hi.", []),
    ('{"name": "open", "arguments": {"target": "do', "", []),
    ('open(target="do', "", []),
    ('bring_item("key", 2)', "", [("bring_item", {"item": "key", "count": 2})]),
    ('{"action": "open", "action_input": {"target": "door"}}', "", [OPEN]),
    ('<tool_call>open(target="door")</tool_call>Fine.', "Fine.", [OPEN]),
    ("open(target=door)", "", [OPEN]),
    ('<function name="open">{"target": "door"}</function>Fine.', "Fine.", [OPEN]),
    ('Hm.\nAction: open\nAction Input: {"target": "door"}', "Hm.", [OPEN]),
    ('print(open(target="door"))', "", [OPEN]),
    ('{"tool": "open", "target": "door"}', "", [OPEN]),
    ('[{"name":"open","parameters":{"target":"door"}}]', "", [OPEN]),
    ('{"type":"function","name":"open","parameters":{"target":"door"}}', "", [OPEN]),
]


@pytest.mark.parametrize(("text", "said", "calls"), CALLS)
def test_a_call_as_text_is_not_said_and_is_read(text: str, said: str, calls: Calls) -> None:
    text, said = (each.replace("@T@", THOUGHT).replace("@A@", ANSWER) for each in (text, said))
    assert in_all_splits(text) == [(said, calls)]


@pytest.mark.parametrize(
    "call", ['open("door")', "dance()", 'dance(style="slow")', '{"name": "open", "arguments": {}}']
)
def test_a_call_is_not_said_when_no_tools_are_offered(call: str) -> None:
    for size in range(1, len(call)):
        answer = AnswerText((), thinks_first=False)
        parts = [part for piece in pieces(f"{call} Hello.", size) for part in answer.feed(piece)]
        assert "".join(part or "" for part in parts + answer.flush(cut=False)).strip() == "Hello."
        assert not answer.calls


def test_a_model_that_thinks_first_needs_no_opening_tag() -> None:
    text = f"He wants in, and I am gruff.\n</think>\n\n{ANSWER}"
    assert in_all_splits(text, thinks_first=True) == [(ANSWER, [])]
    assert in_all_splits(ANSWER, thinks_first=True) == [(ANSWER, [])], "it need not think"
    assert in_all_splits(f"<think>{THOUGHT}</think>{ANSWER}", thinks_first=True) == [(ANSWER, [])]
    assert in_all_splits("He wants in, and", thinks_first=True, cut=True) == [("", [])]


def test_a_closing_tag_shows_that_the_text_before_was_a_thought() -> None:
    answer = AnswerText((), thinks_first=None)
    assert answer.feed("He wants in. ") == ["He wants in. "]
    assert answer.feed("</think>\n") == [None]
    assert answer.closed_unopened
    assert answer.feed("Hello.") == ["Hello."]


ORDINARY = 'Well, I\'d say the door (the red one) opens at 3.5 bells. "Go!" he said - *nods* ok?'


def test_ordinary_text_is_not_delayed() -> None:
    """Only the newest word waits, and one character that may begin a marker."""
    answer, said = AnswerText(TOOLS, thinks_first=False), ""
    for number, letter in enumerate(ORDINARY, 1):
        said += "".join(part or "" for part in answer.feed(letter))
        waiting = ORDINARY[len(said) : number]
        assert len(waiting.split()) <= 1, waiting
        assert len(waiting.rstrip()) <= 7, waiting
    assert said == ORDINARY
    first = AnswerText(TOOLS, thinks_first=None)
    assert first.feed("Well") == ["Well"], "the player waits for the first word"
    assert first.feed(", traveller.") == [", traveller."], "the end of a sentence passes at once"


@given(st.lists(st.text(max_size=12)))
def test_any_tokens_are_read(tokens: list[str]) -> None:
    answered(*tokens)


MARKERS = [
    *("<think>", "</think>", "[THINK]", "[/THINK]", "[INST]", "[/INST]", "<s>", "</tool_call>"),
    *("<|im_start|>", "<|im_end|>", "<|channel|>", "<|message|>", "<|end|>", "<|user|>"),
    *("user\n", "assistant\n", "final", "analysis", '{"name": "open"}', 'open(target="door")'),
]


@given(st.lists(st.sampled_from([*MARKERS, "Well ", "met ", "door. ", "\n", "`Hm` "])))
def test_the_answer_does_not_depend_on_its_pieces(tokens: list[str]) -> None:
    text = "".join(tokens)
    whole, by_token, by_letter = answered(text), answered(*tokens), answered(*text)
    assert whole[1] == by_token[1] == by_letter[1]
    said = ["".join(result[0].split()) for result in (whole, by_token, by_letter)]
    assert said[0] == said[1] == said[2]


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "open", "arguments": {"target": "' + "x" * 1_000_000,
        "<tool_call>" + "x" * 1_000_000,
        "<tool_call>{}" + " " * 1_000_000,
        'open(target="' + "x" * 1_000_000,
        "<think>" + "x " * 500_000,
        " " * 1_000_000,
    ],
    ids=["json", "tag", "white space in a tag", "python", "thought", "white space"],
)
def test_a_megabyte_that_is_not_said_takes_no_memory(text: str) -> None:
    answer = AnswerText(TOOLS, thinks_first=None)
    said = [part for piece in pieces(text, 4_000) for part in answer.feed(piece)]
    assert not "".join(part or "" for part in said).strip()
    stages = (answer._thoughts, answer._calls, answer._tokens, answer._words)
    assert all(len(stage._buffer) < 40_000 for stage in stages)
    answer.flush(cut=False)
    assert answer.calls == []


def test_parameters_in_the_order_of_a_call() -> None:
    assert parameters_of(TOOLS) == {
        "open": ("target", "slowly"),
        "wave": (),
        "bring_item": ("item", "count"),
    }
