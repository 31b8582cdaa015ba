"""A model on any server with OpenAI's chat completions, by the openai library."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from frametalk.adapters.llm.openai.chunks import piece_of
from frametalk.adapters.llm.openai.client_errors import BROKEN_OFF, status_error
from frametalk.adapters.llm.openai.models import ModelError, Piece
from frametalk.adapters.llm.openai.prompt import Prompt
from frametalk.adapters.llm.openai.providers import Provider, address_of, is_openai, key_of
from frametalk.adapters.llm.openai.server_sent import (
    MAX_LINE_BYTES,
    LongLineError,
    ServerSentEvents,
)
from frametalk.errors import AdapterError, Stage

DRAIN_S = (
    0.05  # for the end of a stream after its last event; then its connection is not used again
)
MAX_ERROR_CHARACTERS = 300
_MAX_TOKENS = ("max_tokens", "max_completion_tokens")
MAX_CONNECTIONS = 1_000  # one for each answer under way; the number of sessions is the real bound


@dataclass(slots=True)
class _Client:
    """The library's client, closed when its last user leaves.

    Closed during a request it would leave that connection open.
    """

    sdk: Any
    http: Any  # the library below it
    client: Any
    users: int = 1  # the model, and every request under way

    async def leave(self) -> None:
        self.users -= 1
        if not self.users:
            await self.client.close()


class OpenAiModel:
    """One model on one server. `where` is the prefix of its options in the settings, for errors."""

    def __init__(
        self,
        provider: Provider,
        sampling: Mapping[str, Any],
        connect_ms: float,
        whole_ms: float,
        where: str = "",
    ) -> None:
        address = address_of(provider, where)
        self.name = f"{provider.model} at {address}"
        self._provider = provider
        self._key = key_of(provider, address, where)
        self._sampling = dict(sampling)
        if is_openai(address):  # its newer models accept only this name
            self._sampling["max_completion_tokens"] = self._sampling.pop("max_tokens")
        self._connect_s, self._whole_s = connect_ms / 1000, whole_ms / 1000
        self._client: _Client | None = None

    async def start(self) -> None:
        """Load the library, off the event loop; sends nothing. Raises AdapterError `engine_missing`."""
        if self._client is None:
            self._client = await asyncio.to_thread(self._new_client)

    async def close(self) -> None:
        """Refuse new requests; those under way keep their connection. Safe twice."""
        client, self._client = self._client, None
        if client is not None:
            await client.leave()

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """Stream an answer; see `Model`."""
        async with self._request() as client:
            stream = await client.chat.completions.create(**self.arguments(prompt))
            async with stream:
                # The library's own reading of a stream takes several times as long.
                events, parts = ServerSentEvents(), stream.response.aiter_bytes()
                # Not `async for`: its generator would outlive a cancelled iteration.
                while not events.done and (part := await anext(parts, None)) is not None:
                    for event in events.feed(part):
                        yield piece_of(event)
                if events.done:
                    await _drain(parts)
                    yield Piece(done=True)

    async def check(self) -> None:
        """List the server's models: shows whether it is reachable and accepts the key."""
        async with self._request() as client:
            await client.models.list()

    async def get(self, path: str) -> Any:
        """The JSON at a path of the server, such as "/v1/models"; None if the server does not have it."""
        root = urlsplit(self._provider.base_url)
        try:
            async with asyncio.timeout(self._connect_s), self._request() as client:
                return await client.get(f"{root.scheme}://{root.netloc}{path}", cast_to=object)
        except (ModelError, TimeoutError):
            return None

    @asynccontextmanager
    async def _request(self) -> AsyncIterator[Any]:
        """The library's client for one request. Raises ModelError for every failure of it."""
        client = self._client
        if client is None:
            raise ModelError("mind_connect", f"{self.name}: the mind is closed")
        client.users += 1
        try:
            yield client.client
        except Exception as error:  # noqa: BLE001  (third-party exceptions stop here)
            raise self._model_error(error, client) from None
        finally:
            await client.leave()

    def arguments(self, prompt: Prompt) -> dict[str, Any]:
        """The arguments of the library's `create`."""
        arguments: dict[str, Any] = {
            "model": self._provider.model,
            "messages": list(prompt.messages),
            "stream": True,
            **self._sampling,
        }
        if prompt.max_tokens is not None:
            arguments |= {key: prompt.max_tokens for key in _MAX_TOKENS if key in arguments}
        if prompt.tools:
            arguments |= {"tools": list(prompt.tools), "tool_choice": prompt.tool_choice}
        if self._provider.usage:
            arguments["stream_options"] = {"include_usage": True}
        if self._provider.extra:
            arguments["extra_body"] = dict(self._provider.extra)
        return arguments

    # ---- the library -----------------------------------------------------------------------------

    def _new_client(self) -> _Client:
        try:
            import httpx2
            import openai
        except ImportError as error:
            raise AdapterError(
                "engine_missing",
                f"the openai package cannot be imported: {error}",
                stage=Stage.THINK,
                remedy='pip install "frametalk[openai]"',
                fatal=True,
            ) from None
        # It logs every request at INFO.
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        timeout = openai.Timeout(self._whole_s, connect=self._connect_s)
        client = openai.AsyncOpenAI(
            base_url=self._provider.base_url,
            api_key=self._key,
            max_retries=0,
            timeout=timeout,
            # Compressed data could unpack to any size.
            default_headers={"Accept-Encoding": "identity"},
            http_client=openai.DefaultAsyncHttpx2Client(
                timeout=timeout,
                limits=httpx2.Limits(
                    max_connections=MAX_CONNECTIONS,
                    max_keepalive_connections=MAX_CONNECTIONS,
                    keepalive_expiry=_keep_s(self._provider.base_url),
                ),
                event_hooks={"response": [_bound_lines]},
            ),
        )
        return _Client(openai, httpx2, client)

    def _model_error(self, error: Exception, client: _Client) -> ModelError:
        """The error with one of our codes."""
        text, sdk, http = f"{self.name}: {_describe(error)}", client.sdk, client.http
        if isinstance(error, sdk.APIStatusError):
            return status_error(error, text)
        if isinstance(error, sdk.APITimeoutError | http.TimeoutException):
            return ModelError("mind_timeout", text, sure=True)
        if isinstance(error, sdk.APIConnectionError):
            broken = type(error.__cause__).__name__ in BROKEN_OFF
            code = "mind_stream" if broken else "mind_connect"
            return ModelError(code, text, sure=not broken)
        # Events that are not JSON, errors within a stream, anything that is not an answer.
        return ModelError("mind_stream", text)


async def _drain(parts: AsyncIterator[bytes]) -> None:
    """Read a stream that is over to its end, so that its connection can be used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while await anext(parts, None) is not None:
                pass


def _keep_s(base_url: str) -> float:
    """How long an idle connection is kept.

    Shorter than model servers keep theirs (uvicorn: 5 s), so that no request goes out on a connection
    that is being closed; a new one takes a millisecond. With TLS it takes longer, and servers keep it for
    minutes.
    """
    return 50.0 if base_url.startswith("https") else 4.0


def _describe(error: Exception) -> str:
    cause = error.__cause__ or error
    if isinstance(error, json.JSONDecodeError):
        return "the stream contains invalid JSON"
    return f"{type(cause).__name__}: {' '.join(str(error).split())}"[:MAX_ERROR_CHARACTERS]


async def _bound_lines(response: Any) -> None:
    """Make a response fail when one of its lines is too long, also of an error's page."""
    from httpx2 import AsyncByteStream

    class Bounded(AsyncByteStream):
        def __init__(self, stream: Any) -> None:
            self._stream = stream
            self._chunks = self._bounded()

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self._chunks

        async def _bounded(self) -> AsyncGenerator[bytes, None]:
            line = 0
            async for chunk in self._stream:
                newline = chunk.rfind(b"\n")
                line = line + len(chunk) if newline < 0 else len(chunk) - newline - 1
                if line > MAX_LINE_BYTES:
                    raise LongLineError
                yield chunk

        async def aclose(self) -> None:
            await self._chunks.aclose()
            await self._stream.aclose()

    response.stream = Bounded(response.stream)
