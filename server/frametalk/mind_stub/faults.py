"""Ways in which model servers fail or differ, each as the bytes that a client receives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from itertools import chain, cycle


class Fault(StrEnum):
    """What goes wrong, in the order in which it affects a request."""

    NEVER_ANSWERS = "never_answers"  # the request is accepted, and not even headers follow
    UNAUTHORISED = "unauthorised"  # 401: the key is wrong
    NOT_FOUND = "not_found"  # 404: no such model
    RATE_LIMITED = "rate_limited"  # 429 with Retry-After
    SERVER_ERROR = "server_error"  # 500
    WRONG_CONTENT_TYPE = "wrong_content_type"  # 200 and a page of HTML, like a proxy's login
    EMPTY_STREAM = "empty_stream"  # 200 and an immediate end
    STALL_BEFORE_FIRST = "stall_before_first"  # 200, then no token
    STALL_AFTER_FIRST = "stall_after_first"  # one token, then no other
    CUT_IN_MIDDLE = "cut_in_middle"  # half of the answer, then a reset of the connection
    BROKEN_SSE = "broken_sse"  # one token, then an event that is not JSON
    MEGABYTE_TOKEN = "megabyte_token"  # noqa: S105  (not a password: one token of 1 MiB)
    ENDLESS_STREAM = "endless_stream"  # the answer repeated without end
    PARTIAL_TOOL_DELTAS = "partial_tool_deltas"  # a call whose arguments stop halfway
    DUPLICATE_TOOL_DELTAS = "duplicate_tool_deltas"  # each piece of a call comes twice
    BAD_TOOL_ARGUMENTS = "bad_tool_arguments"  # a call whose arguments are not JSON
    CALLS_AT_INDEX_0 = "calls_at_index_0"  # calls in one piece each, all with index 0 and no id
    CALLS_AS_TEXT = "calls_as_text"  # calls within the text, as without the fitting parser
    CONTENT_PARTS = "content_parts"  # content as a list of parts
    MARKED_TEXT = "marked_text"  # the text between a thought and a special token
    TOOLS_DROPPED = (
        "tools_dropped"  # the tools are left out of the prompt, as by some chat templates
    )
    NO_FINISH_REASON = "no_finish_reason"  # a whole answer whose end is only [DONE]


class Halt(Enum):
    """What a connection does instead of sending more."""

    STALL = "stall"  # send nothing until the client leaves
    CUT = "cut"  # reset the connection


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer with an error status."""

    status: int
    kind: str
    text: str
    headers: tuple[tuple[str, str], ...] = ()


REFUSALS = {
    Fault.UNAUTHORISED: Refusal(401, "invalid_api_key", "Incorrect API key provided."),
    Fault.NOT_FOUND: Refusal(404, "model_not_found", "The model does not exist."),
    Fault.RATE_LIMITED: Refusal(
        429, "rate_limit_exceeded", "Rate limit reached.", (("Retry-After", "7"),)
    ),
    Fault.SERVER_ERROR: Refusal(500, "server_error", "The server had an error."),
}
TOOL_FAULTS = frozenset(
    {Fault.PARTIAL_TOOL_DELTAS, Fault.DUPLICATE_TOOL_DELTAS, Fault.BAD_TOOL_ARGUMENTS}
)
PAGE = b"<!doctype html><title>Sign in</title><p>Please sign in to continue.</p>\n"
BROKEN = b'data: {"id": "broken", "choices": [{"delta": {"cont\n\n'
COMMENT = b": still thinking\n\n"
MEGABYTE = 2**20


def misbehave(
    fault: Fault | None, tokens: Sequence[bytes], end: Sequence[bytes]
) -> Iterator[bytes | Halt]:
    """What a stream sends instead of `tokens` and `end`; other faults than those of streams change nothing.

    The iterator of an endless stream is endless.
    """
    if fault is Fault.STALL_BEFORE_FIRST:
        return iter((Halt.STALL,))
    if fault is Fault.STALL_AFTER_FIRST:
        return iter((*tokens[:1], Halt.STALL))
    if fault is Fault.CUT_IN_MIDDLE:
        return iter((*tokens[: max(1, len(tokens) // 2)], Halt.CUT))
    if fault is Fault.BROKEN_SSE:
        return iter((*tokens[:1], BROKEN, *tokens[1:], *end))
    if fault is Fault.EMPTY_STREAM:
        return iter(end[-1:])
    if fault is Fault.ENDLESS_STREAM:
        return cycle(tokens or (COMMENT,))
    return chain(tokens, end)


def misbehave_whole(fault: Fault | None, body: bytes) -> Iterator[bytes | Halt]:
    """What is sent instead of an answer in one piece; faults of streams change nothing."""
    if fault is Fault.STALL_BEFORE_FIRST:
        return iter((Halt.STALL,))
    if fault is Fault.CUT_IN_MIDDLE:
        return iter((body[: len(body) // 2], Halt.CUT))
    return iter((body,))
