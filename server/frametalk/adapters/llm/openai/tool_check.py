"""Whether a server shows a model the tools that it is offered: its chat template may leave them out."""

from __future__ import annotations

from contextlib import aclosing

from frametalk.adapters.llm.openai.models import Model, ModelError
from frametalk.adapters.llm.openai.prompt import Prompt

DROPPED_REMEDY = (
    'set llm.adapter to "scripted+openai" (the script calls the tools), or choose a model whose template '
    "has tools; docs/engines.md names some. For llama.cpp see also --jinja and --chat-template"
)
_SHOWN_TOKENS = 12  # the tool below has more in any tokenizer
_HELLO = ({"role": "user", "content": "hello"},)
_TARGET = {"type": "string", "description": "The thing that is to be opened."}
_TOOL = {
    "type": "function",
    "function": {
        "name": "open_thing",
        "description": "Open a door, a chest, or another thing that is closed.",
        "parameters": {"type": "object", "properties": {"target": _TARGET}, "required": ["target"]},
    },
}


def dropped_text(name: str) -> str:
    """The warning for the model of this name."""
    return f"{name}: the server leaves the tools out of the prompt, so the model cannot call any"


async def drops_tools(model: Model) -> bool:
    """Whether a prompt with a tool is no longer than one without it; False if the server does not say."""
    try:
        bare = await _prompt_tokens(model, Prompt(_HELLO, max_tokens=1))
        with_tool = await _prompt_tokens(model, Prompt(_HELLO, (_TOOL,), max_tokens=1))
    except ModelError:
        return False  # it may refuse tools aloud: that is an error of its own in each turn
    return 0 < with_tool < bare + _SHOWN_TOKENS and bare > 0


async def _prompt_tokens(model: Model, prompt: Prompt) -> int:
    """The length of the prompt as the server counts it; 0 if it does not say."""
    count = 0
    async with aclosing(model.answer(prompt)) as pieces:
        async for piece in pieces:
            count = piece.usage[0] if piece.usage else count
    return count
