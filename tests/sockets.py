"""Peers that no real client resembles: they send raw bytes, or do not read."""

from __future__ import annotations

import asyncio
import base64
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

MASK = b"\0\0\0\0"  # a mask of zeros leaves the payload as it is


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """A client's WebSocket frame (RFC 6455, 5.2)."""
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 65_536:
        head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", len(payload))
    return head + MASK + payload


@dataclass
class Peer:
    """A connection after the WebSocket handshake. Nothing is read unless the test reads."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    response: bytes

    def send(self, opcode: int, payload: bytes, *, final: bool = True) -> None:
        """Write one frame."""
        self.writer.write(frame(opcode, payload, final=final))

    def reset(self) -> None:
        """Disconnect with a reset instead of a proper end."""
        if self.writer.transport.is_closing():
            return
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    async def gone(self) -> None:
        """Wait until the other side has ended the connection."""
        try:
            while await self.reader.read(65_536):
                pass
        except ConnectionError:
            pass


@asynccontextmanager
async def open_peer(
    port: int, *, receive_buffer: int | None = None, headers: str = ""
) -> AsyncIterator[Peer]:
    """Connect and do the handshake by hand; `headers` are more lines of the request.

    A small `receive_buffer` (bytes) also limits the stream, so that the other side soon notices a peer that
    does not read. At the end of the block a connection that is still open is reset.
    """
    raw = socket.socket()
    raw.setblocking(False)
    if receive_buffer is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=receive_buffer or 65_536)
    key = base64.b64encode(bytes(16)).decode()
    writer.write(
        f"GET /v1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"{headers}\r\n".encode()
    )
    response = await reader.readuntil(b"\r\n\r\n")
    peer = Peer(reader, writer, response)
    try:
        yield peer
    finally:
        peer.reset()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def get(
    port: int, path: str, headers: str = "", address: str = "127.0.0.1"
) -> tuple[int, str, bytes]:
    """A plain HTTP GET from an address of this machine: (status, content type, body)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode())
    try:
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
        await writer.wait_closed()
    lines = head.decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), fields.get("content-type", ""), body
