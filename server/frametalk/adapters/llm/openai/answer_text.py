"""A model's text as it is said: no thoughts, no calls, no special tokens, whole words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from frametalk.adapters.base import ToolRequest
from frametalk.adapters.llm.openai.special_tokens import SpecialTokens
from frametalk.adapters.llm.openai.text_calls import TextCalls
from frametalk.adapters.llm.openai.thoughts import Thoughts
from frametalk.adapters.llm.openai.whole_words import WholeWords


class AnswerText:
    """The stages between a model's tokens and what is said. `tools` are those of the prompt.

    For `thinks_first` see `Thoughts`. `None` in the output means that all text before was a thought.
    """

    def __init__(self, tools: Sequence[Mapping[str, Any]], *, thinks_first: bool | None) -> None:
        self._parameters = parameters_of(tools)
        self._thoughts = Thoughts(thinks_first)
        self._begin()

    def _begin(self) -> None:
        self._calls = TextCalls(self._parameters)
        self._tokens = SpecialTokens()
        self._words = WholeWords()

    @property
    def calls(self) -> Sequence[ToolRequest]:
        """The calls that were written as text."""
        return self._calls.calls

    @property
    def is_calling(self) -> bool:
        """Whether a call that is written as text has begun."""
        return self._calls.is_calling

    @property
    def is_pending(self) -> bool:
        """Whether some text waits in a stage."""
        stages = (self._thoughts, self._calls, self._tokens, self._words)
        return any(stage.is_pending for stage in stages)

    @property
    def closed_unopened(self) -> bool:
        """Whether the model thinks first, without an opening tag."""
        return self._thoughts.closed_unopened

    @property
    def is_over(self) -> bool:
        """Whether the model has answered and goes on with somebody else's turn."""
        return self._thoughts.is_over

    def feed(self, text: str) -> list[str | None]:
        """Take more text; return what can be said, word by word."""
        return self._through(self._thoughts.feed(text))

    def flush(self, *, cut: bool) -> list[str | None]:
        """End the text; return the rest. `cut`: the model had to stop."""
        out = self._through(self._thoughts.flush(cut=cut))
        for text in self._calls.flush():
            out += self._words.feed(self._tokens.feed(text))
        return [*out, *self._words.feed(self._tokens.flush()), *self._words.flush()]

    def _through(self, parts: Sequence[str | None]) -> list[str | None]:
        out: list[str | None] = []
        for part in parts:
            if part is None:
                self._begin()
                out.append(None)
                continue
            for text in self._calls.feed(part):
                out += self._words.feed(self._tokens.feed(text))
        return out


def parameters_of(tools: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Each tool's name with its parameters, the required ones first."""
    parameters: dict[str, tuple[str, ...]] = {}
    for tool in tools:
        function = tool["function"]
        schema = function.get("parameters", {})
        required = [name for name in schema.get("required", ()) if isinstance(name, str)]
        parameters[function["name"]] = tuple(
            dict.fromkeys([*required, *schema.get("properties", {})])
        )
    return parameters
