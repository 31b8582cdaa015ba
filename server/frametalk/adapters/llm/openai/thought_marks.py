"""How chat templates and models mark thoughts, and other parts that are not said."""

from __future__ import annotations

import re

_NAMES = (
    "think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion|ing)?|analysis|scratch_?pad|monologue|cot"
)
_TAG = rf"(?:[\w.-]{{1,24}}[:_])?(?:{_NAMES})"
_BRACKET = r"(?-i:THINK|THINKING|THOUGHTS?|REASONING)"
_OPEN = (
    rf"<{_TAG}(?:\s[^<>]{{0,64}})?>|<[|\uff5c](?:(?:begin|start)(?:_of)?_)?(?:{_NAMES})[|\uff5c]>"
    rf"|\[{_BRACKET}\]|\u25c1think\u25b7|<unused94>|<\|channel>(?:thought|analysis)\b"
)
_CLOSE = (
    rf"</{_TAG}\s?>|<[|\uff5c](?:end(?:_of)?_|/)(?:{_NAMES})[|\uff5c]>"
    rf"|\[/{_BRACKET}\]|\u25c1/think\u25b7|<unused95>|<channel\|>"
)
_ROLES = "assistant|model|bot|user|human|system|developer|tool|function|observation|ipython"
# The headers of chat templates; the last two kinds name the role within the token.
_HEADER = (
    r"<\|im_start\|>|<\|start_header_id\|>|<\|header_start\|>|<\|start_of_role\|>"
    r"|<start_of_turn>|<\|start\|>|<\|turn>"
)
# The last kind are blocks of our own prompt, which a small model writes on with.
_BLOCKS = "scene|now|events|player"
_ROLE = (
    rf"<[|\uff5c](?P<role1>{_ROLES})[|\uff5c]>|\[\|(?P<role2>{_ROLES})\|\]|<(?P<role3>{_BLOCKS})>"
)
_PROMPT = r"\[INST\]|<<SYS>>"
_PROMPT_END = rf"\[/INST\]|<</SYS>>|</(?:{_BLOCKS})>"
_CHANNEL = r"<\|channel\|>"
MESSAGE = "<|message|>"
NEXT_ROLE = "assistant"
# Ends of turns that a model writes out, because its server uses another template than it was trained with.
_TURN_END = r"<\|im_end\|>|<end_of_turn>|<\|eot_id\|>|<\|end_?of_?text\|>"
_MESSAGE_END = r"<\|(?:end|call|return)\|>"

MARK = re.compile(
    rf"(?P<open>{_OPEN})|(?P<close>{_CLOSE})|(?P<channel>{_CHANNEL})|(?P<header>{_HEADER})"
    rf"|(?P<role>{_ROLE})|(?P<prompt>{_PROMPT})|(?P<prompt_end>{_PROMPT_END})"
    rf"|(?P<end>{_MESSAGE_END})|(?P<over>{_TURN_END})",
    re.IGNORECASE,
)
FIRST = re.compile("[<\\[\u25c1]")
# The end of a text that may become a marker; also one of the stages behind this one.
PARTIAL = re.compile(
    rf"(?:</?(?:(?:[A-Za-z_][\w.:-]{{0,31}})?|0x?[0-9A-Fa-f]{{0,2}}|{_TAG}\s[^<>]{{0,64}})|<\w[\w:]{{0,24}}(?:[\s=][^<>\n]{{0,48}}|\|)"
    r"|<[|\uff5c][^<>|\uff5c\n]{0,48}[|\uff5c]?"
    r"|<</?[A-Z]{0,4}>?|\[/?(?:[A-Z_]{0,20}|\|\w{0,12}\|?)|\u25c1/?\w{0,8})\Z"
)
CUT_MARKER = re.compile(r"<[A-Za-z_/|\uff5c<]|\[[/|A-Z]|\u25c1")
TOKENS = re.compile(r"<[^<>\s]{1,48}>|\[/?[A-Z_]{2,24}\]")
ROLE_NAME = re.compile(
    rf"[ \t]*(?P<name>(?:{_ROLES})(?= (?:[^t\s]|t[^o]|to[^=]))|[\w ./=-]{{0,96}}?(?=[ \t]*[<\n:]))[ \t]*"
)
OTHERS = frozenset(
    "user human system developer tool function observation ipython player scene now events".split()
)
RECIPIENT = re.compile(r"\bto=(?:functions?\.)?([\w-]{1,64})")

# How thoughts begin whose tags a server has removed (harmony, Granite).
LEAKED = re.compile(r"analysis(?=[A-Z\"'])|here is my thought process:", re.IGNORECASE)
LEAKED_BEGIN = ("analysis", "here is my thought process:")
LEAKED_END = re.compile(r"assistant\s?final\s?(?=\S)|here is my response:", re.IGNORECASE)
# How thoughts begin. A character may begin so too, but only the first answer of a model waits.
_OPENERS = (
    *(
        "okay, ",
        "okay, so ",
        "okay so ",
        "ok, ",
        "ok, so ",
        "alright, ",
        "alright, so ",
        "so ",
        "so, ",
    ),
    *("hmm, ", "hmm. ", "first, ", "now, ", "got it, ", "got it. "),
)
_BARE = ("the player", "the user", "the human", "we need ", "we have to ", "i need to ")
_SUBJECTS = (*_BARE, "we should ", "we are ", "i should ", "i have to ", "let me ", "let's ")
SUSPICIOUS = (*_BARE, *(f"{opener}{subject}" for opener in _OPENERS for subject in _SUBJECTS))


def begins_word(letter: str) -> bool:
    """Whether a space belongs before it, after other text; scripts from U+2E80 on have none."""
    return (letter.isalnum() and letter < "\u2e80") or letter in "\"'*(\u201c"
