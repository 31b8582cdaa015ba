"""Removes a chat template's special tokens that a server left in the text."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"<[|\uff5c][^<>|\uff5c\n]{1,48}[|\uff5c]?>|<[\w\u2581]{1,48}[|\uff5c]>"
    r"|</?(?:s|bos|eos|pad|unk|mask|cls|sep)\s?/?>"
    r"|</?(?:answer|final|final_answer|response|reply|output|assistant|think|thinking)\s?/?>"
    r"|<(?:start|end)_of_(?:turn|text|image|role|utterance)>"
    r"|<unused\d{1,4}>|<extra_id_\d{1,4}>|<0x[0-9a-f]{2}>|<reserved_\d{1,4}>"
    r"|</(?:[\w-]{1,24}:)?(?:tool\w{0,24}|function\w{0,24}|invoke|parameter)>"
    r"|\[/?(?-i:[A-Z]+_[A-Z_]+|INST|BOS|EOS|PAD|UNK|CLS|SEP|MASK|ARGS)\]|\[\|/?\w{1,24}\|\]|<</?SYS>>"
    r"|```(?:(?:json|python|tool_code|tool_call|xml|text)\b|[a-z_]{1,16}(?=\n))?",
    re.IGNORECASE,
)
_FENCE = re.compile(r"(?:`{1,60}|```[a-z_]{1,16})\Z")


class SpecialTokens:
    """Passes text on without special tokens. A token in <> or [] arrives in one piece (see `Thoughts`)."""

    def __init__(self) -> None:
        self._buffer = ""
        self._last = "\n"
        self._removed = False

    @property
    def is_pending(self) -> bool:
        """Whether some text waits."""
        return bool(self._buffer)

    def feed(self, text: str) -> str:
        """Take more text; return it without tokens."""
        self._buffer += text
        if "`" not in self._buffer:
            return self._cut(len(self._buffer))
        fence = _FENCE.search(self._buffer)
        return self._cut(fence.start() if fence else len(self._buffer))

    def flush(self) -> str:
        """End the text; return the rest of it."""
        return self._cut(len(self._buffer))

    def _cut(self, end: int) -> str:
        text, self._buffer = self._buffer[:end], self._buffer[end:]
        if not self._removed and not any(first in text for first in "<[`"):
            self._last = text[-1:] or self._last
            return text
        whole, at = [], 0
        for found in _TOKEN.finditer(text):
            whole.append(self._joined(text[at : found.start()]))
            at, self._removed = found.end(), True
        whole.append(self._joined(text[at:]))
        return "".join(whole)

    def _joined(self, text: str) -> str:
        """The text after what was removed, with a space where two words would join."""
        if not text:
            return ""
        if self._removed:
            text = text.lstrip() if self._last.isspace() else text
            if not text:
                return ""
            self._removed = False
            if not self._last.isspace() and text[0].isalnum() and text[0] < "\u2e80":
                text = f" {text}"
        self._last = text[-1]
        return text
