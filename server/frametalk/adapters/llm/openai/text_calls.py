"""Takes calls that a model writes as text out of its answer."""

from __future__ import annotations

import re
from enum import Enum, auto

from frametalk.adapters.base import ToolRequest
from frametalk.adapters.llm.openai import call_marks as marks
from frametalk.adapters.llm.openai.brackets import Brackets
from frametalk.adapters.llm.openai.call_notation import (
    MAX_TEXT_CALLS,
    Parameters,
    calls_in,
    python_calls,
)

# Twice the limit of a call (core/tools); what follows a longer one is not an answer.
MAX_CALL_CHARACTERS = 32_768
MAX_PROSE_CHARACTERS = 512  # in brackets that may be a call's
_OVERLAP = 64  # a closing tag is shorter
_WORD_REST = re.compile(r"\w*")


class _In(Enum):
    TEXT = auto()
    TAG = auto()  # behind an opening tag
    JSON = auto()  # in an object, or a list of them
    PYTHON = auto()  # in the brackets of a call
    TOO_LONG = auto()  # a call that is too long: the rest is discarded


class TextCalls:
    """Passes text on without calls; `calls` has those of the declared `tools` that could be read.

    Tags and tokens must arrive in one piece (see `Thoughts`). Text that may begin a call waits until the
    next characters show it: a name that may get a bracket, a bracket that may get a quotation mark.
    """

    def __init__(self, tools: Parameters) -> None:
        self.calls: list[ToolRequest] = []
        self._tools = tools
        self._names = frozenset(map(str.casefold, tools))
        self._mark, self._partial = marks.patterns(tuple(tools))
        self._beginnings = (*self._names, *marks.PREFIXES)
        self._in = _In.TEXT
        self._buffer = ""
        self._scanned = 0  # characters of the buffer in which the end was looked for
        self._brackets = Brackets()
        self._closing = ""  # what the closing tag contains
        self._closes_from = 0  # characters of the buffer without a closing tag
        self._in_object = False
        self._object_end: int | None = None
        self._begun = False
        self._last = "\n"  # the last character that was passed on
        self._after_call = False

    @property
    def is_calling(self) -> bool:
        """Whether a call has begun."""
        return bool(self.calls) or self._in is not _In.TEXT

    @property
    def is_pending(self) -> bool:
        """Whether some text waits."""
        return bool(self._buffer)

    def feed(self, text: str) -> list[str]:
        """Take more text; return what is not part of a call."""
        out: list[str] = []
        if self._in is _In.TEXT and self._buffer and text[:1].isspace():
            self._release(out)
        self._buffer += text
        while self._step(out):
            pass
        return [part for part in out if part]

    def flush(self) -> list[str]:
        """End the text; return what is not part of a call."""
        out: list[str] = []
        if self._in is _In.PYTHON and not self._is_call():
            self._say(self._buffer, out)
        elif self._in in {_In.TAG, _In.JSON, _In.PYTHON}:
            self._keep(calls_in(self._buffer, self._tools))
        elif self._in is _In.TEXT:
            self._say(self._buffer, out)
        self._buffer, self._in = "", _In.TEXT
        return [part for part in out if part]

    def _release(self, out: list[str]) -> None:
        """White space follows a name: it was a word."""
        word = self._buffer.strip().casefold()
        if marks.WORD_PARTIAL.fullmatch(self._buffer) and word not in self._names:
            self._say(self._buffer, out)
            self._buffer = ""

    def _step(self, out: list[str]) -> bool:
        if self._in is _In.TEXT:
            return self._text(out)
        if self._in is _In.TOO_LONG:
            self._buffer = ""
            return False
        if len(self._buffer) > MAX_CALL_CHARACTERS:
            self._in = _In.TOO_LONG
            return True
        if self._in is _In.TAG:
            return self._tag()
        return self._bracket(out)

    # ---- text ------------------------------------------------------------------------------------

    def _text(self, out: list[str]) -> bool:
        if self._after_call:
            self._skip_after_call()
        found = self._mark.search(self._buffer, self._word_rest())
        if found is None:
            self._say_all_but(self._may_begin(), out)
            return False
        before = self._buffer[: found.start()]
        self._say(marks.LIST_BEFORE.sub("", before) if found["call"] else before, out)
        self._scanned = 0
        self._brackets = Brackets()
        if found["tag"]:
            named = marks.TAG_NAME.match(found["tag"])
            self._closing = named[1].casefold() if named else ""
            self._in = _In.TAG
            self._buffer = self._buffer[found.start() :]
            self._scanned, self._closes_from = len(found["tag"]), 0
            self._in_object, self._object_end = False, None
        else:
            self._in = _In.JSON if found["json"] else _In.PYTHON
            self._buffer = self._buffer[found.start() :]
        return True

    def _skip_after_call(self) -> None:
        """Skip what closed a list or a fence around the call, and a second space."""
        before, text = self._last.isspace(), self._buffer
        text = text.lstrip() if before else text
        text = marks.AFTER_CALL.sub("", text, count=1)
        self._buffer = text.lstrip() if before else text
        self._after_call = not self._buffer

    def _word_rest(self) -> int:
        """How much of the buffer is the rest of a word that was passed on."""
        rest = _WORD_REST.match(self._buffer) if self._last.isalnum() else None
        return rest.end() if rest else 0

    def _may_begin(self) -> int:
        """Where the text begins that may become a call."""
        begin = self._word_rest()
        found = [
            p.search(self._buffer)
            for p in (marks.BARE_PARTIAL, marks.KEYWORD_PARTIAL, self._partial)
        ]
        word = marks.WORD_PARTIAL.search(self._buffer, begin)
        if word:
            begun = self._begun or bool(self._buffer[: word.start()].strip())
            first = word.group().strip("[ \n")
            found.append(word if begun or self._begins_call(first) else None)
        return min((each.start() for each in found if each), default=len(self._buffer))

    def _begins_call(self, word: str) -> bool:
        """Whether the answer's first word may be a call's name; a sentence's first word passes at once."""
        plain = word.casefold()
        named = any(each.startswith(plain) for each in self._beginnings)
        return named or plain.startswith(marks.PREFIXES) or word[:1].islower()

    def _say_all_but(self, end: int, out: list[str]) -> None:
        text, self._buffer = self._buffer[:end], self._buffer[end:]
        self._say(text, out)

    def _say(self, text: str, out: list[str]) -> None:
        self._begun = self._begun or bool(text.strip())
        self._last = text[-1:] or self._last
        out.append(text)

    # ---- calls -----------------------------------------------------------------------------------

    def _tag(self) -> bool:
        """Find the closing tag, or the end of an object that ordinary text follows."""
        for close in marks.CLOSE.finditer(self._buffer, max(1, self._closes_from - _OVERLAP)):
            if not close["tag"] or self._closing in close["tag"].casefold():
                return self._end(close.end())
        self._closes_from = len(self._buffer)
        while True:
            if self._object_end is None and not self._find_object_end():
                return False
            after = self._buffer[self._object_end :].lstrip()
            if not after:
                return False
            if after[0] not in marks.STILL_CALLS:
                return self._end(self._object_end or 0)
            self._object_end = None

    def _find_object_end(self) -> bool:
        """Look for the end of the object that has begun, or of the next one."""
        if not self._in_object:
            begin = marks.BRACKET.search(self._buffer, self._scanned)
            self._scanned = begin.start() if begin else len(self._buffer)
            self._in_object, self._brackets = begin is not None, Brackets()
            if begin is None:
                return False
        closed = self._brackets.feed(self._buffer[self._scanned :])
        if closed is None:
            self._scanned = len(self._buffer)
            return False
        self._scanned += closed
        self._object_end, self._in_object = self._scanned, False
        return True

    def _bracket(self, out: list[str]) -> bool:
        closed = self._brackets.feed(self._buffer[self._scanned :])
        if closed is not None:
            end = self._scanned + closed
            if self._in is _In.PYTHON and not self._is_call(end):
                self._in = _In.TEXT
                self._say_all_but(end, out)
                return True
            return self._end(end)
        self._scanned = len(self._buffer)
        if (
            self._in is _In.PYTHON
            and len(self._buffer) > MAX_PROSE_CHARACTERS
            and not self._is_call()
        ):
            self._in = _In.TEXT
            self._say_all_but(len(self._buffer), out)
        return False

    def _is_call(self, end: int | None = None) -> bool:
        """Whether text in brackets is a call, not prose."""
        text = self._buffer[:end]
        if end is not None and (
            len(self.calls) >= MAX_TEXT_CALLS or python_calls(text, self._tools) is not None
        ):
            return True
        return (
            re.match(marks.KEYWORD_CALL, text) is not None
            or re.match(r"[^({]*(?:\(\s*)?[\"'{]", text) is not None
        )

    def _end(self, end: int) -> bool:
        text, self._buffer = self._buffer[:end], self._buffer[end:]
        self._in, self._after_call = _In.TEXT, True
        if len(self.calls) < MAX_TEXT_CALLS:
            self._keep(calls_in(text, self._tools))
        return True

    def _keep(self, calls: list[ToolRequest]) -> None:
        self.calls += calls[: MAX_TEXT_CALLS - len(self.calls)]
