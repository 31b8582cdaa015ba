"""A peer connection with a real Chromium, by a page of a few lines that uses nothing of the web client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chromium import UNLOCKED, browser
from frametalk.bench.network.house import House
from frametalk.config import FrametalkSettings
from frametalk.headless.clock import Clock
from frametalk.transports.files import Files
from frametalk.transports.webrtc.receive_buffer import ATTRIBUTE
from frametalk.transports.websocket_server import listen
from peers import until

pytestmark = pytest.mark.real

PAGE = """<!doctype html><meta charset=utf-8><title>test</title><link rel="icon" href="data:,">
<script src="/page.js"></script>"""

# JSON on the WebSocket; on the channel a beat is MessagePack, made by hand.
SCRIPT = """
const RATE = 16000;
let socket, peer, channel, context, errors = [], heard = 0, began, silent = true;
let seq = 0, via = "websocket";
function send(message) { socket.send(JSON.stringify(message)); }
function captured() { return Math.floor((performance.now() - began) / 1000 * RATE / 320) * 320; }
function beat() {
  if (channel.readyState !== "open") return;
  const text = new TextEncoder(), view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, captured());
  const part = (name) => [0xa0 | name.length, ...text.encode(name)];
  channel.send(new Uint8Array([0x83, ...part("type"), ...part("rtc.beat"), ...part("mic_sample"), 0xce,
    ...new Uint8Array(view.buffer), ...part("silent"), silent ? 0xc3 : 0xc2]));
}
function media(seq) {
  const frame = new DataView(new ArrayBuffer(16 + 640));
  frame.setUint8(0, 1); frame.setUint16(2, 1, true); frame.setUint32(4, seq, true);
  frame.setUint32(8, seq * 320, true);
  for (let i = 0; i < 320; i++)
    frame.setInt16(16 + 2 * i, 8000 * Math.sin(2 * Math.PI * 440 * (seq * 320 + i) / RATE), true);
  return frame.buffer;
}
async function start(url, track) {
  socket = new WebSocket(url);
  await new Promise((done) => socket.onopen = done);
  send({type: "hello", protocol: 1, features: ["rtc"]});
  socket.onmessage = async ({data}) => {
    const message = JSON.parse(data);
    if (message.type === "error") errors.push(message.code);
    if (message.type === "rtc.answer")
      await peer.setRemoteDescription({type: "answer", sdp: message.sdp});
  };
  send({type: "mic.start", stream: 1, rate_hz: RATE});
  began = performance.now();
  setInterval(frames, 20);
  peer = new RTCPeerConnection();
  channel = peer.createDataChannel("mic", {ordered: false, maxRetransmits: 0});
  channel.binaryType = "arraybuffer";
  channel.onmessage = () => { heard++; silent = false; };
  if (track) {
    context = new AudioContext({sampleRate: 48000});
    const tone = new OscillatorNode(context, {frequency: 440});
    const out = context.createMediaStreamDestination();
    tone.connect(new GainNode(context, {gain: 0.3})).connect(out);
    tone.start();
    peer.addTrack(out.stream.getAudioTracks()[0], out.stream);
  }
  peer.onicecandidate = ({candidate: found}) => send(
    found ? {type: "rtc.ice", candidate: found.candidate, mid: found.sdpMid} : {type: "rtc.ice"});
  await peer.setLocalDescription();
  send({type: "rtc.offer", sdp: peer.localDescription.sdp});
  setInterval(beat, 100);
}
function frames() {
  while (via !== "track" && seq * 320 < captured())
    (via === "channel" ? channel : socket).send(media(seq++));
}
function move(to) {
  frames();
  via = to;
  send({type: "rtc.mic", stream: 1, via, at: seq * 320});
}
"""


@asynccontextmanager
async def page(folder: Path) -> AsyncIterator[tuple[Any, House, str]]:
    """A page of the server's own, and the server's end."""
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "page.js").write_text(SCRIPT, encoding="utf-8")
    house = House(1, FrametalkSettings(), Clock().now_s)
    files = Files(folder)
    async with (
        listen(house.serve, files.answer, host="127.0.0.1", port=0, stalled_ms=5_000) as port,
        browser(UNLOCKED) as chromium,
    ):
        context = await chromium.new_context()
        tab = await context.new_page()
        await tab.goto(f"http://127.0.0.1:{port}/")
        yield tab, house, f"ws://127.0.0.1:{port}/v1"
        await context.close()


def pitch_hz(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * 16_000 / len(sound))


def is_redundant(peer: Any) -> bool:
    """Whether packets of the track came with those before them."""
    receivers = peer._pc.getReceivers()
    return any(getattr(each, ATTRIBUTE)._redundant._seen for each in receivers)


@pytest.mark.parametrize("via", ["track", "channel"])
async def test_a_browsers_microphone_is_heard_over_the_peer_connection(
    via: str, tmp_path: Path
) -> None:
    async with page(tmp_path) as (tab, house, url):
        await tab.evaluate("([url, track]) => start(url, track)", [url, via == "track"])
        upgrade = house.session.state.upgrade.upgrade
        assert upgrade is not None
        await until(lambda: upgrade._peer is not None and upgrade._peer.has_mic_channel)
        await until(lambda: upgrade._both_ways.is_calm)
        if via == "track":
            await until(lambda: len(upgrade._track._offsets) >= 5)
        before = upgrade.routes.end
        await tab.evaluate("via => move(via)", via)
        await until(lambda: upgrade.routes.end > before + 32_000)
        heard = np.concatenate(house.engines.vad.windows)[-16_000:].astype(float)  # type: ignore[attr-defined]
        assert heard.std() > 1_000
        assert abs(pitch_hz(heard) - 440) < 5
        assert is_redundant(upgrade._peer) is (via == "track")
        assert await tab.evaluate("errors") == []
        assert await tab.evaluate("heard") > 10
