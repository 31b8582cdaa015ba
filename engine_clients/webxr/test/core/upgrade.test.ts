import { describe, expect, it } from "vitest";
import { decodeFrame, encodeControl, isMedia } from "../../src/core/codec";
import { HEADER_BYTES, PCM16, writeHeader } from "../../src/core/media";
import type { ClientMessage, RtcBeat } from "../../src/core/messages";
import type { TransportOption } from "../../src/core/protocol";
import type { PeerChannel } from "../../src/core/route";
import { World } from "../world";

const FRAME = 320;
const SERVES = { features: ["resume", "rtc"], resume: "r-1" };

/** The server's end of a data channel. It answers each beat, as long as it `hears`. */
class Channel implements PeerChannel {
  queuedBytes = 0;
  hears = true;
  /** What goes over the WebSocket has not arrived yet. */
  late = false;
  closed = false;
  readonly frames: number[] = [];
  readonly beats: RtcBeat[] = [];

  constructor(private readonly world: World) {}

  send(data: ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    const message = decodeFrame(bytes(data));
    if (isMedia(message)) {
      this.frames.push(message.sample);
      return;
    }
    this.beats.push(message as RtcBeat);
    if (this.hears) this.heard(this.end);
  }

  close(): void {
    this.closed = true;
  }

  /** What has come, by both ways. */
  get end(): number {
    const numbers = this.late ? [] : onSocket(this.world);
    const frames = [...this.frames, ...numbers.map((number) => number * FRAME)];
    return Math.max(0, ...frames.map((sample) => sample + FRAME));
  }

  heard(mic_sample: number | null): void {
    const message = { type: "rtc.heard", mic_sample } as unknown as ClientMessage;
    this.world.hub.peerMessage(bytes(encodeControl(message)));
  }
}

function bytes(data: ArrayBuffer | Uint8Array<ArrayBuffer>): ArrayBuffer {
  return data instanceof ArrayBuffer ? data : data.slice().buffer;
}

/** A page with an open microphone that asks for a peer connection. */
function joined(transport: TransportOption = "webrtc"): World {
  const world = new World();
  world.join(SERVES, {}, transport);
  world.hub.command({ do: "mic", mode: "open", inputLatencyS: 0 });
  return world;
}

/** Its data channel, open. */
function opened(world: World): Channel {
  const channel = new Channel(world);
  world.hub.peerOpened(channel);
  return channel;
}

function speak(world: World, from: number, count: number): void {
  const last = world.capture.at(-1);
  const stream = last?.do === "open" ? last.stream : 0;
  for (let seq = from; seq < from + count; seq++) {
    world.advance(20);
    const frame = new ArrayBuffer(HEADER_BYTES + 2 * FRAME);
    const sample = seq * FRAME;
    writeHeader(frame, { kind: PCM16, flags: 0, stream, seq, sample });
    world.hub.captured({ stream, sample, count: FRAME, at: world.ms / 1000, frame });
  }
}

function onSocket(world: World): number[] {
  return world.micFrames.map((frame) => new DataView(frame).getUint32(8, true) / FRAME);
}

function ways(world: World): string[] {
  return world.emitted("transport").map(({ transport }) => transport);
}

describe("a peer connection", () => {
  it("is made at once for `webrtc`, and never for `websocket`", () => {
    expect(joined("webrtc").emitted("peer")).toMatchObject([{ do: "open", iceServers: [] }]);
    const never = joined("websocket");
    never.advance(60_000);
    expect(never.emitted("peer")).toEqual([]);
  });

  it("is made for `auto` once pings are held back", () => {
    const world = joined("auto");
    world.advance(20_000);
    expect(world.emitted("peer")).toEqual([]);
    world.pingMs = 150;
    world.advance(1200);
    expect(world.emitted("peer")).toEqual([]); // one late ping may be a busy machine
    world.advance(2000);
    expect(world.emitted("peer")).toMatchObject([{ do: "open" }]);
  });

  it("is not made without `resume` or `rtc`", () => {
    for (const features of [["rtc"], ["resume"], []]) {
      const world = new World();
      world.join({ features, resume: "r-1" }, {}, "webrtc");
      expect(world.emitted("peer")).toEqual([]);
    }
  });

  it("is signalled over the WebSocket", () => {
    const world = joined();
    world.hub.command({ do: "offer", sdp: "o" });
    world.hub.command({ do: "ice", candidate: "c", mid: "0" });
    expect(world.of("rtc.offer")).toMatchObject([{ sdp: "o" }]);
    expect(world.of("rtc.ice")).toMatchObject([{ candidate: "c", mid: "0" }]);
    world.server({ type: "rtc.answer", sdp: "a" });
    expect(world.emitted("peer").at(-1)).toEqual({ on: "peer", do: "answer", sdp: "a" });
  });

  it("is made again later when it has failed, and closed with the session", () => {
    const world = joined();
    world.hub.command({ do: "peerEnded", reason: "failed" });
    const asked = (): string[] => world.emitted("peer").map((event) => event.do);
    expect(asked()).toEqual(["open", "close"]);
    world.advance(9_000);
    expect(asked()).toEqual(["open", "close"]);
    world.advance(2_000);
    expect(asked()).toEqual(["open", "close", "open"]);
    world.hub.command({ do: "disconnect", reason: "" });
    expect(asked()).toEqual(["open", "close", "open", "close"]);
    world.advance(200_000);
    expect(asked()).toHaveLength(4);
  });
});

describe("the microphone", () => {
  it("moves to the data channel when the server answers there, without a gap", () => {
    const world = joined();
    speak(world, 0, 5);
    const channel = opened(world);
    speak(world, 5, 10);
    const [moved] = world.of("rtc.mic");
    expect(moved).toMatchObject({ via: "channel", at: 5 * FRAME });
    expect(onSocket(world)).toEqual([0, 1, 2, 3, 4]);
    expect(channel.frames).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map((n) => n * FRAME));
    expect(ways(world)).toEqual(["webrtc"]);
    expect(channel.beats.at(-1)).toMatchObject({ silent: false });
  });

  it("is back within 300 ms of silence, with all that was not heard", () => {
    const world = joined();
    const channel = opened(world);
    speak(world, 0, 20);
    const heard = channel.end / FRAME;
    channel.hears = false;
    const since = world.ms;
    let backAfterMs = 0;
    for (let seq = 20; seq < 60; seq++) {
      speak(world, seq, 1);
      if (ways(world).at(-1) === "websocket") backAfterMs ||= world.ms - since;
    }
    expect(backAfterMs).toBeGreaterThan(200);
    expect(backAfterMs).toBeLessThanOrEqual(300);
    const again = onSocket(world);
    expect(again[0]).toBeLessThanOrEqual(heard);
    expect(again).toEqual(
      Array.from({ length: 60 - (again[0] ?? 0) }, (_, i) => (again[0] ?? 0) + i),
    );
  });

  it("moves again after a second in which the server answered", () => {
    const world = joined();
    const channel = opened(world);
    speak(world, 0, 20);
    channel.hears = false;
    speak(world, 20, 20);
    expect(ways(world)).toEqual(["webrtc", "websocket"]);
    channel.hears = true;
    speak(world, 40, 40);
    expect(ways(world)).toEqual(["webrtc", "websocket"]);
    speak(world, 80, 20);
    expect(ways(world)).toEqual(["webrtc", "websocket", "webrtc"]);
  });

  it("does not move again before the server has heard what went over the WebSocket", () => {
    const world = joined();
    const channel = opened(world);
    speak(world, 0, 20);
    channel.hears = false;
    speak(world, 20, 20);
    channel.hears = channel.late = true;
    speak(world, 40, 100);
    expect(ways(world)).toEqual(["webrtc", "websocket"]);
    channel.late = false;
    speak(world, 140, 10);
    expect(ways(world)).toEqual(["webrtc", "websocket", "webrtc"]);
  });

  it("is back when the server hears ever less of it", () => {
    const world = joined();
    const channel = opened(world);
    speak(world, 0, 10);
    channel.hears = false;
    for (let seq = 10; seq < 40; seq++) {
      speak(world, seq, 1);
      if (seq % 5 === 0) channel.heard(10 * FRAME); // it answers, but no frame arrives
    }
    expect(ways(world)).toEqual(["webrtc", "websocket"]);
    expect(onSocket(world)[0]).toBe(10);
  });

  it.each([
    ["does not keep up", (_: World, channel: Channel) => (channel.queuedBytes = 9000)],
    ["ends", (world: World, _: Channel) => world.hub.peerClosed()],
    ["fails", (world: World, _: Channel) => world.hub.command({ do: "peerEnded", reason: "x" })],
    [
      "is refused",
      (world: World, _: Channel) => world.server({ type: "error", code: "rtc_failed", text: "no" }),
    ],
  ])("is back at once when the peer connection %s", (_what, act) => {
    const world = joined();
    const channel = opened(world);
    speak(world, 0, 20);
    act(world, channel);
    speak(world, 20, 5);
    expect(ways(world)).toEqual(["webrtc", "websocket"]);
    expect(onSocket(world).slice(-5)).toEqual([20, 21, 22, 23, 24]);
    expect(world.emitted("failure")).toEqual([]);
  });

  it("sends its end over the WebSocket before `mic.stop`", () => {
    const world = joined();
    const channel = opened(world);
    speak(world, 0, 20);
    channel.hears = false;
    speak(world, 20, 3);
    world.hub.command({ do: "mic", mode: null, inputLatencyS: 0 });
    expect(onSocket(world).at(-1)).toBe(22);
    expect(world.of("mic.stop")).toMatchObject([{ at: 23 * FRAME }]);
    expect(ways(world)).toEqual(["webrtc"]); // the stream has ended, the peer connection has not
  });

  it("goes on where the server has heard it when another WebSocket resumes the session", () => {
    const world = joined();
    opened(world);
    speak(world, 0, 20);
    world.breakWith(1006);
    world.advance(1);
    speak(world, 20, 3);
    const from = world.micFrames.length;
    world.accept({
      ...SERVES,
      resume: "r-2",
      resumed: true,
      received: 99,
      mic_sample: 21 * FRAME,
    } as never);
    expect(onSocket(world).slice(from)).toEqual([21, 22]);
    speak(world, 23, 10);
    expect(world.emitted("peer").map((event) => event.do)).toEqual(["open"]);
    expect(world.of("rtc.mic").length).toBe(2);
  });
});
