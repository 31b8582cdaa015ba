"""Opens WebSocket links, for the headless client."""

from __future__ import annotations

from urllib.parse import urlsplit

from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import InvalidStatus, InvalidURI, WebSocketException

from frametalk.errors import Fault, FrametalkError, Stage
from frametalk.transports.websocket import OPTIONS, PATH, ClientSide, WebSocketLink
from frametalk.wire.codec import server_codec

CONNECT_TIMEOUT_S = 5.0
STALLED_MS = 5_000.0


async def connect(url: str, *, json: bool = False) -> WebSocketLink:
    """Open a link to `ws://host:port` (the path `/v1` may be omitted).

    `json`: send control messages as JSON text, so that the server answers in JSON too. Raises
    FrametalkError `cannot_connect`.
    """
    try:
        connection = await open_websocket(
            _with_path(url),
            create_connection=ClientSide,
            open_timeout=CONNECT_TIMEOUT_S,
            proxy=None,  # a game talks to its server directly
            user_agent_header=None,
            **OPTIONS,
        )
    except InvalidStatus as error:
        body = (error.response.body or b"").decode(errors="replace").strip()
        raise _failure(url, f"HTTP {error.response.status_code}: {body[:200]}") from None
    except InvalidURI:
        raise _failure(url, "not a WebSocket address", "use ws://HOST:PORT") from None
    except TimeoutError:
        raise _failure(url, "no answer in time") from None
    except (OSError, WebSocketException) as error:
        raise _failure(url, str(error)) from None
    assert isinstance(connection, ClientSide)  # noqa: S101  (create_connection says so)
    return WebSocketLink(
        connection,
        server_codec,
        json=json,
        stalled_reason="server_stalled",
        stalled_ms=STALLED_MS,
    )


def _with_path(url: str) -> str:
    return url.rstrip("/") + PATH if urlsplit(url).path in {"", "/"} else url


def _failure(url: str, text: str, remedy: str = "start `frametalk serve` there") -> FrametalkError:
    return FrametalkError(
        "cannot_connect",
        f"{url}: {text}",
        stage=Stage.LINK,
        fault=Fault.USER,
        remedy=remedy,
        fatal=True,
    )
