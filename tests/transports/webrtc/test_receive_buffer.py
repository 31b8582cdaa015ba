"""What this package takes over from aiortc must be there."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from aiortc import RTCPeerConnection
from aiortc.jitterbuffer import JitterBuffer

from frametalk.transports.webrtc.receive_buffer import ATTRIBUTE, ReceiveBuffer, install


async def test_aiortc_keeps_its_buffer_where_it_is_replaced() -> None:
    """If this fails, another aiortc has moved it: look at RTCRtpReceiver._handle_rtp_packet."""
    peer = RTCPeerConnection()
    receiver = peer.addTransceiver("audio").receiver
    assert isinstance(getattr(receiver, ATTRIBUTE), JitterBuffer), version("aiortc")
    assert set(vars(ReceiveBuffer)) >= {"add"} <= set(vars(JitterBuffer))
    install(receiver, lambda *_packet: None)
    assert isinstance(getattr(receiver, ATTRIBUTE), ReceiveBuffer)
    await peer.close()


def test_a_receiver_without_it_is_refused() -> None:
    with pytest.raises(RuntimeError, match="no jitter buffer"):
        install(object(), lambda *_packet: None)  # type: ignore[arg-type]
