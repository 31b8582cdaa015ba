import { describe, expect, it } from "vitest";
import type { Captured } from "../../src/core/protocol";
import { World } from "../world";

const FRAME = 320;

/** What the capture worklet says of its `index`th frame on this stream, at the moment it is whole. */
function frame(world: World, stream: number, index: number): Captured {
  const at = world.ms / 1000;
  return {
    stream,
    sample: index * FRAME,
    count: FRAME,
    at,
    frame: new ArrayBuffer(16 + 2 * FRAME),
  };
}

/** Sends `count` frames in real time. */
function speak(world: World, stream: number, count: number, from = 0): void {
  for (let i = from; i < from + count; i++) {
    world.advance(20);
    world.hub.captured(frame(world, stream, i));
  }
}

function open(world: World): number {
  world.hub.command({ do: "mic", mode: "open", inputLatencyS: 0 });
  return opened(world);
}

function opened(world: World): number {
  const last = world.capture.at(-1);
  if (last?.do !== "open") throw new Error("the microphone was not opened");
  return last.stream;
}

describe("an open microphone", () => {
  it("is opened at the wire's rate, and announced with its first frame", () => {
    const world = new World();
    world.join();
    const stream = open(world);
    expect(world.capture.at(-1)).toMatchObject({ rateHz: 16_000, frameMs: 20 });
    expect(world.of("mic.start")).toHaveLength(0);
    speak(world, stream, 3);
    expect(world.of("mic.start")).toMatchObject([{ stream, rate_hz: 16_000, mode: "open" }]);
    expect(world.micFrames).toHaveLength(3);
  });

  it("says what the browser says of its latency, which its clock counts in", () => {
    const world = new World();
    world.join();
    world.hub.command({ do: "mic", mode: "open", inputLatencyS: 0.025 });
    speak(world, opened(world), 3);
    world.reply(1, 10);
    world.advance(300);
    const known = world.of("played").at(-1);
    expect(known?.input_ms).toBe(25);
    world.hub.command({ do: "mic", mode: "open", inputLatencyS: null });
    world.reply(2, 10);
    world.advance(300);
    const unknown = world.of("played").at(-1);
    expect(unknown?.input_ms).toBeNull();
    const us = (unknown?.t_us ?? 0) - (known?.t_us ?? 0);
    const samples = (unknown?.mic_sample ?? 0) - (known?.mic_sample ?? 0);
    expect(samples).toBeCloseTo((us / 1e6 - 0.025) * 16_000, -1);
  });

  it("waits for the connection, and opens a new stream after a reconnect", () => {
    const world = new World();
    world.hub.command({ do: "mic", mode: "open", inputLatencyS: 0 });
    expect(world.capture).toEqual([]);
    world.join();
    const first = opened(world);
    speak(world, first, 2);
    world.breakWith(1006);
    world.hub.captured(frame(world, first, 2));
    world.advance(250);
    world.accept();
    const second = opened(world);
    expect(second).not.toBe(first);
    world.hub.captured(frame(world, first, 3)); // it was on its way
    expect(world.micFrames).toHaveLength(2);
    speak(world, second, 1);
    expect(world.of("mic.start")).toHaveLength(2);
    expect(world.of("mic.stop")).toHaveLength(0);
  });

  it("reports how much it sent when it is stopped", () => {
    const world = new World();
    world.join();
    speak(world, open(world), 5);
    world.hub.command({ do: "mic", mode: null, inputLatencyS: 0 });
    expect(world.of("mic.stop")).toMatchObject([{ at: 5 * FRAME }]);
    expect(world.emitted("mic").map((event) => event.open)).toEqual([true, false]);
  });

  it("places reports on its clock", () => {
    const world = new World();
    world.join();
    speak(world, open(world), 50);
    world.advance(10);
    world.reply(1, 5);
    world.advance(60);
    const played = world.of("played").find(({ sample }) => sample > 0);
    expect(played?.mic_sample).toBeGreaterThan(16_000);
  });
});

describe("push-to-talk", () => {
  function pressed(): { world: World; stream: number } {
    const world = new World();
    world.join();
    world.hub.command({ do: "mic", mode: "ptt", inputLatencyS: 0 });
    expect(world.capture).toEqual([]);
    world.hub.command({ do: "press" });
    return { world, stream: opened(world) };
  }

  it("sends while the button is pressed and 250 ms longer", () => {
    const { world, stream } = pressed();
    speak(world, stream, 10);
    world.hub.command({ do: "release" });
    speak(world, stream, 12, 10);
    expect(world.of("mic.stop")).toHaveLength(0);
    world.advance(20);
    expect(world.of("mic.start")).toMatchObject([{ mode: "ptt" }]);
    expect(world.of("mic.stop")).toMatchObject([{ stream, at: 22 * FRAME }]);
  });

  it("opens a new stream when the button is pressed again at once", () => {
    const { world, stream } = pressed();
    speak(world, stream, 5);
    world.hub.command({ do: "release" });
    world.hub.command({ do: "press" });
    expect(opened(world)).not.toBe(stream);
    expect(world.of("mic.stop")).toHaveLength(1);
    world.advance(300);
    expect(world.capture.at(-1)?.do).toBe("open");
  });

  it("interrupts a reply that plays", () => {
    const { world } = pressed();
    expect(world.of("interrupt")).toHaveLength(0);
    world.hub.command({ do: "release" });
    world.reply(1, 50);
    world.advance(300);
    world.hub.command({ do: "press" });
    expect(world.of("interrupt")).toHaveLength(1);
  });
});
