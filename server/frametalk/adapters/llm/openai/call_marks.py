"""How calls begin and end that models write as text."""

from __future__ import annotations

import re
from functools import lru_cache

_TAGS = "tool_?calls?|tool_code|tool_use|tool_request|tools?|function_?calls?|functions?|invoke|use_tool"
_OPEN = (
    rf"<(?:\w{{1,24}}:)?(?:{_TAGS})(?:[\s=][^<>]{{0,96}})?>"
    r"|<[|\uff5c](?:tool[_\u2581]calls?(?:[_\u2581]section)?(?:[_\u2581]begin)?|python_tag|action_start"
    r"|plugin|START_ACTION)[|\uff5c]?>"
    r"|\[(?-i:TOOL_CALLS?|TOOL_REQUEST|FUNCTION_CALLS?)\]"
)
CLOSE = re.compile(
    rf"(?P<tag></(?:\w{{1,24}}:)?(?:{_TAGS})>)"
    r"|<[|\uff5c](?:tool[_\u2581]calls?[_\u2581](?:section[_\u2581])?end|action_end|END_ACTION|eom_id"
    r"|eot_id|im_end|call|end)[|\uff5c]>|<tool_call\|>"
    r"|\[(?:/|END_)TOOL_(?:CALLS?|REQUEST)\]",
    re.IGNORECASE,
)
TAG_NAME = re.compile(r"<(?:\w+:)?(\w+)")
_BARE = r"(?P<json>(?:\bfunctools\s?)?(?:\{\s{0,16}[\"']|\[\s{0,16}\{\s{0,16}[\"']))"
BARE_PARTIAL = re.compile(r"(?:\bfunctools\s?)?[{\[]\s{0,16}(?:\{\s{0,16})?\Z")
# A call of a tool that is not declared, with what no prose has in brackets that follow a word directly.
KEYWORD_CALL = (
    r"(?<![\w.])[A-Za-z_]\w{0,63}(?:\.\w{1,63}){0,2}\(\s{0,4}"
    r"(?:[A-Za-z_]\w{0,63}\s{0,4}=\s{0,4}(?=[\"'\d\[{TFNtfn-])|\{\s{0,4}(?=[\"'])|\)|(?=[\"']))"
)
KEYWORD_PARTIAL = re.compile(
    r"(?:\[\s{0,4})?(?<![\w.])[A-Za-z_]\w{0,63}(?:\.\w{1,63}){0,2}\(\s{0,4}"
    r"(?:[A-Za-z_]\w{0,63}\s{0,4}(?:=\s{0,4})?|\{\s{0,4})?\Z"
)
_NAMESPACES = r"(?:functions?|tools?|default_api|api)\."
WORD_PARTIAL = re.compile(
    r"(?:\[\s{0,4})?(?<![\w.'\u2019-])"
    rf"(?:[A-Za-z_]\w{{0,63}}(?:\.\w{{1,63}}){{0,2}}|{_NAMESPACES})\Z"
)
BRACKET = re.compile(r"[{\[]")
STILL_CALLS = "<[{,`)]};|("  # more of a call that has no closing tag begins with one of these
PREFIXES = (
    "print",
    "function.",
    "functions.",
    "tool.",
    "tools.",
    "default_api.",
    "api.",
    "functools",
)
AFTER_CALL = re.compile(r"\A[\])};,`]*")
LIST_BEFORE = re.compile(r"\[\s{0,4}\Z")


@lru_cache(maxsize=64)
def patterns(tools: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What begins a call, and what may begin a call of one of these tools."""
    names = "|".join(map(re.escape, sorted(tools, key=len, reverse=True))) or r"(?!)"
    before = rf"(?:print\(\s?)?(?:{_NAMESPACES})?"
    declared = rf"(?<![\w.]){before}(?:{names})(?:(?:\.call)?\(|\s?(?=\{{\s{{0,16}}[\"']))"
    action = rf"\bAction:\s{{0,4}}(?:{names})\s{{1,4}}Action Input:\s{{0,4}}(?=\{{)"
    mark = rf"(?P<tag>{_OPEN})|(?P<call>{declared}|{action}|{KEYWORD_CALL})|{_BARE}"
    partial = (
        rf"(?<![\w.])(?:{names})\s?(?:\{{\s{{0,16}})?\Z"
        r"|\bAction(?::\s{0,4}(?:\w{0,64}\s{0,4})?(?:A[a-z]{0,5}(?: I?[a-z]{0,4}:?\s{0,4})?)?)?\Z"
    )
    return re.compile(mark, re.IGNORECASE), re.compile(partial, re.IGNORECASE)
