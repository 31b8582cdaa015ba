"""The server's end of one peer connection: answers an offer, and hands on what arrives."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Protocol

from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.sdp import candidate_from_sdp

from frametalk.errors import FrametalkError, Stage
from frametalk.transports.webrtc import receive_buffer, red_sdp
from frametalk.transports.webrtc.aioice_guard import gathering
from frametalk.transports.webrtc.candidates import Candidates, split
from frametalk.transports.webrtc.names import MIC_CHANNEL, SPEECH_CHANNEL
from frametalk.transports.webrtc.speech_track import SpeechTrack

log = logging.getLogger(__name__)

MAX_SECTIONS = 4
MAX_LINES = 600  # of an offer; a browser's has about 100
MAX_SPEECH_BYTES = 64 * 1024  # queued on the speech channel: the network does not keep up
MAX_BEAT_BYTES = 4 * 1024
SECTION = re.compile(r"^m=(\S+)", re.MULTILINE)


class PeerUser(Protocol):
    """Who gets what arrives, on the event loop."""

    def message(self, data: bytes | str) -> None: ...

    def packet(self, number: int, sample: int, payload: bytes) -> None: ...

    def refuse(self, error: FrametalkError) -> None: ...

    def ended(self) -> None: ...


class ServerPeer:
    """One peer connection. `speech`: an audio track for replies, if the client wants one."""

    def __init__(
        self,
        user: PeerUser,
        candidates: Candidates,
        addresses: Sequence[str],
        speech: SpeechTrack | None,
    ) -> None:
        self.speech = speech
        self._user = user
        self._candidates = candidates
        self._addresses = addresses
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._mic: RTCDataChannel | None = None
        self._speech_channel: RTCDataChannel | None = None
        self.has_track = False
        self._pc.on("datachannel", self._take_channel)
        self._pc.on("connectionstatechange", self._changed)

    # ---- signalling ------------------------------------------------------------------------------

    async def answer(self, offer: str) -> str:
        """The SDP of the answer. Raises FrametalkError `rtc_sdp`."""
        bare, candidates = split(offer)
        _check_sections(bare)
        hidden, red = red_sdp.hidden(bare, first=False)
        if "audio" in SECTION.findall(bare):
            self._add_audio(any_codec=any(red))
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(hidden, "offer"))
            self._take_receivers(next(filter(None, red), None))
            with gathering(self._addresses):
                await self._pc.setLocalDescription(await self._pc.createAnswer())
        except Exception as error:  # noqa: BLE001  (aiortc raises many kinds for a broken SDP)
            raise _bad_sdp(
                f"the offer cannot be used: {str(error) or type(error).__name__}"
            ) from None
        mids = re.findall(r"^a=mid:(\S+)", bare, re.MULTILINE)
        for section, line in candidates:
            await self.add_candidate(line, mids[section] if section < len(mids) else "")
        return red_sdp.shown(self._pc.localDescription.sdp, red)

    async def add_candidate(self, text: str, mid: str) -> None:
        """One more of the client's candidates; empty: there are no more.

        aioice does not get to know that there are no more: it would give up when none of them can be used,
        although the client may reach this side all the same.
        """
        if not text or self._pc.signalingState == "closed":
            return
        try:
            line = self._candidates.take(text)
        except FrametalkError as error:
            self._user.refuse(error)
            return
        if line is not None:
            candidate = candidate_from_sdp(line)
            candidate.sdpMid, candidate.sdpMLineIndex = mid or None, None if mid else 0
            await self._pc.addIceCandidate(candidate)

    async def close(self) -> None:
        """End it; may be called twice."""
        if self.speech is not None:
            self.speech.stop()
        await self._pc.close()

    # ---- sending ---------------------------------------------------------------------------------

    def send(self, data: bytes) -> bool:
        """Send a message on the channel `mic`; False if it is not open, or what was sent does not leave."""
        return _sent(self._mic, data, MAX_BEAT_BYTES)

    def send_speech(self, data: bytes) -> bool:
        """The same for the channel `speech`."""
        return _sent(self._speech_channel, data, MAX_SPEECH_BYTES)

    @property
    def has_mic_channel(self) -> bool:
        """Whether the channel `mic` is open."""
        return self._mic is not None and self._mic.readyState == "open"

    # ---- what aiortc reports ---------------------------------------------------------------------

    def _take_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == MIC_CHANNEL and self._mic is None:
            self._mic = channel
            channel.on("message", self._user.message)
        elif channel.label == SPEECH_CHANNEL and self._speech_channel is None:
            self._speech_channel = channel
        else:
            channel.close()
            self._user.refuse(
                FrametalkError(
                    "rtc_channel",
                    f"there is no use for a data channel {channel.label[:64]!r}",
                    stage=Stage.LINK,
                    remedy=f"open {MIC_CHANNEL!r} and {SPEECH_CHANNEL!r}, once each",
                )
            )

    def _changed(self) -> None:
        if self._pc.connectionState in {"failed", "closed"}:
            self._user.ended()

    # ---- audio -----------------------------------------------------------------------------------

    def _add_audio(self, *, any_codec: bool) -> None:
        transceiver: RTCRtpTransceiver = self._pc.addTransceiver(
            "audio", "recvonly" if self.speech is None else "sendrecv"
        )
        if self.speech is not None:
            transceiver.sender.replaceTrack(self.speech)
        if any_codec:
            return
        capabilities = RTCRtpReceiver.getCapabilities("audio")
        assert capabilities is not None  # noqa: S101  (aiortc knows audio)
        opus = [codec for codec in capabilities.codecs if codec.mimeType.lower() == "audio/opus"]
        transceiver.setCodecPreferences(opus)

    def _take_receivers(self, red: red_sdp.RedType | None) -> None:
        for transceiver in self._pc.getTransceivers():
            take: receive_buffer.TakePacket = receive_buffer.ignore
            if transceiver.kind == "audio" and not self.has_track:
                self.has_track = True
                take = self._user.packet
            receive_buffer.install(transceiver.receiver, take, red and red.red)


def _sent(channel: RTCDataChannel | None, data: bytes, most_bytes: int) -> bool:
    if channel is None or channel.readyState != "open" or channel.bufferedAmount > most_bytes:
        return False
    channel.send(data)
    return True


def _check_sections(sdp: str) -> None:
    """Raise FrametalkError `rtc_sdp` for an offer that is not of this wire, before it is parsed."""
    kinds = SECTION.findall(sdp)
    if sdp.count("\n") > MAX_LINES:
        raise _bad_sdp(f"the offer has more than {MAX_LINES} lines")
    if len(kinds) > MAX_SECTIONS:
        raise _bad_sdp(f"the offer has {len(kinds)} media sections, more than {MAX_SECTIONS}")
    if kinds.count("application") != 1:
        raise _bad_sdp("the offer needs one section for data channels")
    if other := set(kinds) - {"application", "audio"}:
        raise _bad_sdp(f"the offer has a section {min(other)[:16]!r}")


def _bad_sdp(text: str) -> FrametalkError:
    return FrametalkError(
        "rtc_sdp",
        text[:400],
        stage=Stage.LINK,
        remedy=f"offer the data channel {MIC_CHANNEL!r}, and audio with Opus if you like",
    )
