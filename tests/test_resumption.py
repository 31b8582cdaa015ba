"""Tokens: which session they resume, and how long they are good."""

from __future__ import annotations

import pytest

from frametalk.errors import FrametalkError
from frametalk.resumption import TOKEN_BYTES, Resumption


def refusal(resumption: Resumption[str], token: str) -> str:
    with pytest.raises(FrametalkError) as raised:
        resumption.find(token)
    assert token not in str(raised.value)
    return raised.value.code


def test_a_token_of_128_bits_finds_its_session() -> None:
    resumption: Resumption[str] = Resumption()
    tokens = {session: resumption.issue(session) for session in ("a", "b", "c")}
    assert TOKEN_BYTES * 8 == 128
    assert all(len(token) == 22 for token in tokens.values())
    assert {session: resumption.find(token) for session, token in tokens.items()} == {
        session: session for session in tokens
    }
    assert len(resumption) == 3


def test_only_digests_are_kept() -> None:
    resumption: Resumption[str] = Resumption()
    token = resumption.issue("a")
    assert token not in repr(vars(resumption))


def test_unknown_used_and_ended_are_told_apart() -> None:
    resumption: Resumption[str] = Resumption()
    first, other = resumption.issue("a"), resumption.issue("b")
    resumption.use(first)
    second = resumption.issue("a")
    assert (resumption.find(first), resumption.find(second)) == ("a", "a")
    resumption.prove("a")
    assert (refusal(resumption, first), resumption.find(second)) == ("resume_used", "a")
    resumption.end("a")
    assert refusal(resumption, second) == "resume_expired"
    assert refusal(resumption, "never") == "resume_unknown"
    assert resumption.find(other) == "b"


def test_a_session_has_at_most_two_tokens() -> None:
    resumption: Resumption[str] = Resumption()
    first = resumption.issue("a")
    lost = []
    for _ in range(5):
        resumption.use(first)
        lost.append(resumption.issue("a"))
    assert len(resumption) == 2
    assert resumption.find(first) == resumption.find(lost[-1]) == "a"
    assert {refusal(resumption, token) for token in lost[:-1]} == {"resume_used"}


def test_an_ended_session_frees_everything() -> None:
    resumption: Resumption[str] = Resumption()
    resumption.issue("a")
    resumption.end("a")
    assert len(resumption) == 0
    resumption.end("a")


def test_tokens_of_another_server_find_their_session_and_are_used_once() -> None:
    first: Resumption[str] = Resumption()
    token = first.issue("a")
    second: Resumption[str] = Resumption()
    second.adopt("restored", first.digests("a"))
    assert second.find(token) == "restored"
    second.use(token)
    second.issue("restored")
    second.prove("restored")
    assert refusal(second, token) == "resume_used"
