"""Removes what a model writes beside its answer: thoughts in every known spelling, and turns of others."""

from __future__ import annotations

import re
from enum import Enum, auto

from frametalk.adapters.llm.openai import thought_marks as marks

MAX_UNDECIDED = 8_192  # characters kept of text that may be a thought without an opening tag
_ENDS = frozenset(
    ".!?\u2026\u3002\uff01\uff1f\"')*\u201d"
)  # of sentences, before the end of a turn
_TAIL = 96  # characters that can be the beginning of a marker; every marker is shorter


class _In(Enum):
    BEGIN = auto()  # nothing has shown yet what the text is
    UNDECIDED = auto()  # perhaps a thought without an opening tag
    ANSWER = auto()
    THOUGHT = auto()
    LEAKED = auto()  # a thought without tags
    CHANNEL = auto()  # between <|channel|> and <|message|>
    ROLE = auto()  # behind the opening token of a header
    ENDED = auto()  # behind a message of a harmony channel
    OTHER = auto()  # a turn of somebody else


class Thoughts:
    """Passes on a model's answer without its thoughts.

    `first`: the model thinks first, with a closing tag alone, since the opening one is in its prompt. None:
    unknown; a text that begins like a thought then waits for the closing tag. `None` in the output
    means that all text before was a thought. A call in a harmony channel comes as <function=NAME>.
    """

    def __init__(self, first: bool | None = False) -> None:
        self.closed_unopened = False
        self._first = first
        self._in = _In.UNDECIDED if first else _In.BEGIN
        self._buffer = ""
        self._undecided = ""
        self._thought = False  # there was one
        self._answered = False  # some text was passed on
        self._removed = False  # something was removed since then
        self._last = "\n"  # the last character that was passed on
        self._recipient = ""
        self._calling = False

    @property
    def is_pending(self) -> bool:
        """Whether some text waits."""
        return bool(self._buffer or self._undecided)

    @property
    def is_over(self) -> bool:
        """Whether an answer is followed by somebody else's turn."""
        return self._in is _In.OTHER and self._answered

    def feed(self, text: str) -> list[str | None]:
        """Take more text; return the parts that belong to the answer."""
        self._buffer += text
        out: list[str | None] = []
        while self._step(out):
            pass
        return [part for part in out if part != ""]

    def flush(self, *, cut: bool = False) -> list[str | None]:
        """End the text; return the rest of the answer. `cut`: the model had to stop."""
        out: list[str | None] = []
        if self._in is _In.UNDECIDED and not (cut and self._first):
            text, self._undecided = self._undecided + self._buffer, ""
            self._buffer, self._in = text[:MAX_UNDECIDED], _In.ANSWER
            out += self.feed("")
        if self._in in {_In.ANSWER, _In.BEGIN} and not marks.CUT_MARKER.match(self._buffer):
            self._say(self._buffer, out)
        self._buffer = ""
        self._end_call(out)
        self._in = self._in if self._in is _In.ANSWER else _In.BEGIN
        return [part for part in out if part != ""]

    # ---- one step in each state ------------------------------------------------------------------

    def _step(self, out: list[str | None]) -> bool:
        """Take the next part of the buffer; False if more text is needed."""
        return {
            _In.BEGIN: self._begin,
            _In.UNDECIDED: self._decide,
            _In.ANSWER: self._answer,
            _In.THOUGHT: self._skip,
            _In.LEAKED: self._skip,
            _In.CHANNEL: self._channel,
            _In.ROLE: self._role,
            _In.ENDED: self._after_end,
            _In.OTHER: self._skip,
        }[self._in](out)

    def _begin(self, out: list[str | None]) -> bool:
        begun = self._buffer.lstrip()
        plain = begun[:_TAIL].casefold()
        self._buffer = begun
        if not plain:
            return False
        if leaked := marks.LEAKED.match(begun):
            self._buffer, self._in = begun[leaked.end() :], _In.LEAKED
            return True
        beginnings = (
            marks.LEAKED_BEGIN if self._first is False else marks.LEAKED_BEGIN + marks.SUSPICIOUS
        )
        if any(each.startswith(plain) for each in beginnings):
            return False
        suspicious = self._first is None and plain.startswith(marks.SUSPICIOUS)
        self._in = _In.UNDECIDED if suspicious else _In.ANSWER
        return True

    def _decide(self, out: list[str | None]) -> bool:
        found = marks.MARK.search(self._buffer)
        if found is not None:
            if found["close"]:
                self._undecided, self._in = "", _In.THOUGHT
            else:  # the thoughts have tags, so this is text
                self._buffer, self._undecided = self._undecided + self._buffer, ""
                self._in = _In.ANSWER
            return True
        kept = max(0, len(self._buffer) - _TAIL)
        room = MAX_UNDECIDED - len(self._undecided)
        self._undecided += self._buffer[: min(kept, room)]
        self._buffer = self._buffer[kept:]
        return False

    def _answer(self, out: list[str | None]) -> bool:
        found = marks.MARK.search(self._buffer) if marks.FIRST.search(self._buffer) else None
        if found is None:
            partial = marks.PARTIAL.search(self._buffer)
            end = partial.start() if partial else len(self._buffer)
            self._say(self._buffer[:end], out)
            self._buffer = self._buffer[end:]
            return False
        self._say(self._buffer[: found.start()], out)
        self._buffer = self._buffer[found.end() :]
        self._mark(found, out)
        return True

    def _mark(self, found: re.Match[str], out: list[str | None]) -> None:
        self._removed = True
        if found["end"] or found["channel"] or found["header"]:
            self._end_call(out)
        if found["open"]:
            self._thought, self._in = True, _In.THOUGHT
        elif found["close"]:
            if not self._thought:
                self._thought = self.closed_unopened = True
                self._answered, self._last = False, "\n"
                out.append(None)
        elif found["channel"]:
            self._in = _In.CHANNEL
        elif found["header"]:
            self._in = _In.ROLE
        elif found["end"]:
            self._in = _In.ENDED
        elif found["prompt"] or (found["over"] and self._last in _ENDS):
            self._in = _In.OTHER
        elif found["role"]:
            self._turn_of(found["role1"] or found["role2"] or found["role3"])

    def _skip(self, out: list[str | None]) -> bool:
        """Skip a thought, or somebody else's turn, up to the marker that ends it."""
        pattern = marks.LEAKED_END if self._in is _In.LEAKED else marks.MARK
        for found in pattern.finditer(self._buffer):
            if self._in is not _In.LEAKED and not self._ends(found):
                continue
            self._buffer = self._buffer[found.end() :]
            self._thought = self._thought or self._in is not _In.OTHER
            self._in, self._removed = _In.ANSWER, True
            if pattern is marks.MARK and not (found["close"] or found["prompt_end"]):
                self._mark(found, out)
            return True
        self._buffer = self._buffer[-_TAIL:]
        return False

    def _ends(self, found: re.Match[str]) -> bool:
        if self._in is _In.THOUGHT:
            return bool(found["close"] or found["channel"] or found["header"] or found["end"])
        if self._answered:
            return False  # the model plays both sides: the rest is not an answer to the player
        return bool(found["header"] or found["role"] or found["prompt_end"])

    def _channel(self, out: list[str | None]) -> bool:
        header, message, rest = self._buffer.partition(marks.MESSAGE)
        if not message:
            if len(self._buffer) > 2 * _TAIL:
                self._in = _In.ANSWER
            return self._in is not _In.CHANNEL
        self._buffer = rest
        recipient = marks.RECIPIENT.search(header)
        name = recipient[1] if recipient else self._recipient
        self._recipient = ""
        self._in = _In.ANSWER
        if name:
            out.append(f"<function={name}>")
            self._calling = True
        elif not header.strip().casefold().startswith(("final", "commentary")):
            self._thought, self._in = True, _In.THOUGHT
        return True

    def _role(self, out: list[str | None]) -> bool:
        named = marks.ROLE_NAME.match(self._buffer)
        if named is None:
            if len(self._buffer) > 2 * _TAIL:
                self._in = _In.ANSWER
            return self._in is not _In.ROLE
        self._buffer = self._buffer[named.end() :].removeprefix("\n").removeprefix(":")
        recipient = marks.RECIPIENT.search(named["name"])
        self._recipient = recipient[1] if recipient else ""
        self._turn_of(named["name"].partition(" ")[0])
        return True

    def _after_end(self, out: list[str | None]) -> bool:
        """The next message may begin with a bare role, without the token before it."""
        begun = self._buffer.lstrip()
        if len(begun) < len(marks.NEXT_ROLE) and marks.NEXT_ROLE.startswith(begun):
            return False
        self._buffer, self._in = begun.removeprefix(marks.NEXT_ROLE), _In.ANSWER
        return True

    def _turn_of(self, role: str) -> None:
        self._in = _In.OTHER if role.casefold() in marks.OTHERS else _In.ANSWER

    # ---- the answer ------------------------------------------------------------------------------

    def _say(self, text: str, out: list[str | None]) -> None:
        """Pass text on; what stood on both sides of something removed does not join."""
        if self._removed and not self._calling:
            text = text.lstrip() if self._last.isspace() else text
            if not text:
                return
            if not self._last.isspace() and marks.begins_word(text[0]):
                text = f" {text}"
            self._removed = False
        if not text:
            return
        self._answered = self._answered or bool(marks.TOKENS.sub("", text).strip())
        self._last = text[-1]
        out.append(text)

    def _end_call(self, out: list[str | None]) -> None:
        out += ["</function>"] if self._calling else []
        self._calling = False
