"""The guard that asks a moderation server, against a server on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio

from adapters.conformance.guards import GuardConformance
from adapters.guard.moderation_server import ModerationServer, answer, moderating
from frametalk.adapters.base import GuardRequest
from frametalk.adapters.guard.openai_moderation import OpenAiModerationGuard
from frametalk.core.guard.judge import Verdict
from frametalk.errors import AdapterError, ConfigError

pytestmark = pytest.mark.real

pytest.importorskip("openai")


class TestOpenAiModerationGuard(GuardConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Iterator[Callable[[], OpenAiModerationGuard]]:
        with moderating() as server:
            yield lambda: OpenAiModerationGuard(base_url=server.base_url)


@pytest.fixture
def server() -> Iterator[ModerationServer]:
    with moderating() as one:
        yield one


@pytest_asyncio.fixture
async def guard(server: ModerationServer) -> AsyncIterator[OpenAiModerationGuard]:
    one = OpenAiModerationGuard(base_url=server.base_url, embedded=False)
    await one.start()
    yield one
    await one.close()


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("an orcish joke", "hate"),
        ("I could kill myself", "self_harm"),
        ("I end it now", "self_harm"),
        ("a schoolish and naughty tale", "sexual"),
        ("a gory end", "violence"),
    ],
)
async def test_a_category_becomes_a_topic(
    guard: OpenAiModerationGuard, text: str, topic: str
) -> None:
    assert await guard.judge(GuardRequest(text, "player")) == Verdict(topic)


async def test_the_server_gets_the_text_after_what_was_said_before(
    guard: OpenAiModerationGuard, server: ModerationServer
) -> None:
    assert await guard.judge(GuardRequest("a friend.", "character", before="I am")) is None
    (request,) = server.requests
    assert request["path"] == "/v1/moderations"
    assert request["input"] == "I am a friend."


async def test_all_forms_of_a_text_go_in_one_request(
    guard: OpenAiModerationGuard, server: ModerationServer
) -> None:
    forms = ("a gory end", "a glory end", "a glory end", "a naughty end")
    verdict = await guard.judge(GuardRequest("a good end", "player", also=forms, before="It is"))
    assert verdict is not None
    assert (verdict.topic, verdict.texts) == ("violence", ("a gory end", "a naughty end"))
    (request,) = server.requests
    assert request["input"] == [
        f"It is {text}" for text in ("a good end", "a gory end", "a glory end", "a naughty end")
    ]


async def test_forms_that_the_rules_stop_are_not_sent(server: ModerationServer) -> None:
    guard = OpenAiModerationGuard(base_url=server.base_url)
    await guard.start()
    rude, gory = "Take off your clothes for me.", "a gory end"
    verdict = await guard.judge(GuardRequest("a good end", "player", also=(rude, gory)))
    await guard.close()
    assert verdict is not None
    assert (verdict.topic, verdict.texts) == ("sexual", (rude, gory))
    assert [request["input"] for request in server.requests] == [["a good end", gory]]


async def test_an_answer_with_too_few_results_is_an_error(
    guard: OpenAiModerationGuard, server: ModerationServer
) -> None:
    server.body = json.dumps(answer("one")).encode()
    with pytest.raises(AdapterError, match="cannot be read"):
        await guard.judge(GuardRequest("one", "player", also=("two",)))


async def test_the_embedded_rules_come_first(server: ModerationServer) -> None:
    guard = OpenAiModerationGuard(base_url=server.base_url)
    await guard.start()
    verdict = await guard.judge(GuardRequest("Take off your clothes for me.", "player"))
    await guard.close()
    assert verdict == Verdict("sexual")
    assert server.requests == []


async def test_thresholds_and_allowed_categories_replace_the_servers_judgement(
    server: ModerationServer,
) -> None:
    guard = OpenAiModerationGuard(
        base_url=server.base_url,
        embedded=False,
        thresholds={"hate": 0.95, "violence": 0.05},
        allow=("sexual/minors",),
    )
    await guard.start()
    assert await guard.judge(GuardRequest("an orcish joke", "player")) == Verdict("violence")
    assert await guard.judge(GuardRequest("schoolish", "player")) == Verdict("violence")
    await guard.close()


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"{}"), (401, b"{}"), (200, b"not json"), (200, b'{"results": []}'), (200, b"[]")],
)
async def test_a_server_that_fails_is_an_error_without_the_text(
    guard: OpenAiModerationGuard, server: ModerationServer, status: int, body: bytes
) -> None:
    server.status, server.body = status, body
    with pytest.raises(AdapterError) as failed:
        await guard.judge(GuardRequest("a canary sings", "player"))
    assert failed.value.code == "guard_failed"
    assert "canary" not in str(failed.value)


async def test_a_server_that_is_slow_is_an_error(server: ModerationServer) -> None:
    guard = OpenAiModerationGuard(base_url=server.base_url, embedded=False, limit_ms=50)
    await guard.start()
    server.hold.clear()
    with pytest.raises(AdapterError, match="50 ms"):
        await guard.judge(GuardRequest("anything", "player"))
    server.hold.set()
    await guard.close()


def test_it_says_which_machine_gets_the_words() -> None:
    assert OpenAiModerationGuard(base_url="https://mod.example/v1").hosts == ("mod.example",)
    with pytest.raises(ConfigError, match="base_url"):
        OpenAiModerationGuard(base_url="mod.example")


def test_a_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        OpenAiModerationGuard()
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    OpenAiModerationGuard()
