"""A probe says what was wrong: another code, or a session that ended or went on against the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve

from frametalk.bench.attack.inputs import Input, packed
from frametalk.bench.attack.probe import wrong

BAD = Input("bad", (b"\xc0",), "message_invalid")
GOOD = Input("good", (b"\x80",))


def error(code: str) -> bytes:
    return packed({"type": "error", "code": code})


@asynccontextmanager
async def answering(
    *frames: bytes, close: int = 0, consent: dict[str, bool] | None = None, late: bytes = b""
) -> AsyncIterator[str]:
    """A server that answers the message after `hello` with these frames, and then closes or goes on.

    `late` comes after its pong.
    """

    async def talk(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(packed({"type": "welcome", "consent": consent or {}}))
        await socket.recv()
        for frame in frames:
            await socket.send(frame)
        if close:
            await socket.close(close)
            return
        await socket.recv()
        await socket.send(packed({"type": "pong", "id": 77}))
        if late:
            await socket.send(late)
        await socket.wait_closed()

    async with serve(talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}"


async def test_the_promised_code_from_a_session_that_goes_on_is_right() -> None:
    async with answering(error("message_invalid")) as url:
        assert await wrong(url, BAD) is None


async def test_another_code_or_none_is_wrong() -> None:
    async with answering(error("mic_rate")) as url:
        found = await wrong(url, BAD)
    assert found is not None
    assert found.got == ["mic_rate"]
    async with answering() as url:
        found = await wrong(url, BAD)
    assert found is not None
    assert found.got == []


async def test_a_session_must_end_by_a_fatal_error_only() -> None:
    async with answering(error("message_invalid"), close=1011) as url:
        found = await wrong(url, BAD)
    assert found is not None
    assert found.got == ["message_invalid", "1011"]
    async with answering(error("message_invalid"), close=1008) as url:
        assert await wrong(url, BAD._replace(fatal=True)) is None


async def test_a_good_input_gets_no_error() -> None:
    async with answering() as url:
        assert await wrong(url, GOOD) is None
    async with answering(error("message_invalid")) as url:
        assert await wrong(url, GOOD) is not None


async def test_a_reply_must_end_for_the_reason_that_is_expected_whenever_it_ends() -> None:
    end = packed({"type": "reply.end", "reply": 1, "samples": 0, "reason": "guard"})
    guarded = GOOD._replace(answered="guard")
    async with answering(late=end) as url:
        assert await wrong(url, guarded) is None
    async with answering(packed({"type": "reply.end", "reply": 1, "samples": 0})) as url:
        found = await wrong(url, guarded)
    assert found is not None
    assert (found.expected, found.got) == ("guard", ["finished"])


async def test_the_welcome_must_have_the_consent_that_is_expected() -> None:
    child = GOOD._replace(consent=(("record", False),))
    async with answering() as url:
        assert await wrong(url, child) is None
    async with answering(consent={"record": True}) as url:
        found = await wrong(url, child)
    assert found is not None
    assert (found.expected, found.got) == ("record=False", ["record=True"])
