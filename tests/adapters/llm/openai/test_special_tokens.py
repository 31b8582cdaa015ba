"""Special tokens of chat templates."""

from __future__ import annotations

import pytest

from frametalk.adapters.llm.openai.special_tokens import SpecialTokens


def without(*tokens: str) -> str:
    stage = SpecialTokens()
    return "".join([*map(stage.feed, tokens), stage.flush()])


@pytest.mark.parametrize(
    "token",
    "<|im_end|> <|eot_id|> <|end_of_text|> <s> </s> <bos> <eos> <pad> <unk> [INST] [/INST] [BOS] [EOS] "
    "<end_of_turn> <start_of_turn> <unused7> <extra_id_0> <0x0A> <<SYS>> </tool_call> </function> "
    "[AVAILABLE_TOOLS] [|endofturn|] <\uff5cend\u2581of\u2581sentence\uff5c> <|im_end> <tool_call|> "
    "<answer> </answer>".split(),
)
def test_a_token_is_removed(token: str) -> None:
    assert without(f"Well met.{token}") == "Well met."
    assert without("Well", token, "met.") == "Well met.", "words stay apart"
    assert without("Well met,", f"{token} traveller.") == "Well met, traveller."


@pytest.mark.parametrize(
    "text", ["<3", "a < b > c", "[nods] Hm.", "<b>so</b>", "I [INSIST]", "a|b"]
)
def test_other_text_stays(text: str) -> None:
    assert without(text) == text


def test_a_fence_is_removed_in_any_pieces() -> None:
    for tokens in (["```json\nHello\n```"], [*"```json\nHello\n```"], ["``", "`", "Hello```"]):
        assert without(*tokens).strip() == "Hello"
    assert without("`", "code", "`") == "`code`"
