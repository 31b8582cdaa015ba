import { describe, expect, it } from "vitest";
import { DUCK_GAIN, Playout, type PlayStatus } from "../../src/core/playout";

const HZ = 48_000;
const QUANTUM = 128;

/** A voice at its own rate, so that what goes in comes out. */
class Room {
  readonly reports: PlayStatus[] = [];
  readonly out: number[] = [];
  readonly playout = new Playout(HZ, (status) => this.reports.push(status));

  begin(reply: number): void {
    this.playout.begin(reply, reply, HZ);
  }

  /** `ms` of a constant sound from `sample` on. */
  feed(stream: number, sample: number, ms: number): void {
    this.playout.feed(stream, sample, new Int16Array((ms * HZ) / 1000).fill(16_384));
  }

  play(ms: number): number[] {
    const from = this.out.length;
    const quantum = new Float32Array(QUANTUM);
    while (this.out.length - from < (ms * HZ) / 1000) {
      this.playout.render(quantum, this.out.length);
      this.out.push(...quantum);
    }
    return this.out.slice(from);
  }
}

const steepest = (sound: number[]): number =>
  Math.max(...sound.slice(1).map((sample, i) => Math.abs(sample - (sound[i] as number))));

describe("priming", () => {
  it("waits for 40 ms of sound", () => {
    const room = new Room();
    room.begin(1);
    room.feed(1, 0, 20);
    expect(room.play(50).every((sample) => sample === 0)).toBe(true);
    room.feed(1, 960, 20);
    expect(room.play(10)[5]).toBe(0.5);
  });

  it("does not wait when the whole reply has arrived", () => {
    const room = new Room();
    room.begin(1);
    room.feed(1, 0, 10);
    room.playout.end(1, 480);
    expect(room.play(10).filter((sample) => sample === 0.5)).toHaveLength(480);
    expect(room.reports.at(-1)).toMatchObject({ sample: 480, done: true, cut: false });
  });
});

describe("the reply's clock", () => {
  it("begins with the quantum that holds the first sample", () => {
    const room = new Room();
    room.play(100);
    const startedAt = room.out.length / HZ;
    room.begin(1);
    room.feed(1, 0, 100);
    room.play(10);
    expect(room.reports.find(({ running }) => running)).toMatchObject({ at: startedAt, sample: 0 });
  });

  it("is reported ten times a second, always on one line", () => {
    const room = new Room();
    room.begin(1);
    room.feed(1, 0, 1500);
    room.play(1000);
    const running = room.reports.filter((status) => status.running);
    expect(running.length).toBeGreaterThanOrEqual(10);
    for (const { at, sample } of running) expect(sample).toBeCloseTo(at * HZ, 3);
  });

  it("fills a gap with silence and takes an overlap once", () => {
    const room = new Room();
    room.begin(1);
    room.feed(1, 0, 40);
    room.feed(1, 2400, 40); // 10 ms are missing
    room.feed(1, 2400, 50); // again, and 10 ms more
    room.playout.end(1, 4800);
    const sound = room.play(120);
    expect(sound.filter((sample) => sample === 0.5)).toHaveLength(90 * 48);
    expect(sound[45 * 48]).toBe(0);
  });
});

describe("loudness", () => {
  function playing(): Room {
    const room = new Room();
    room.begin(1);
    room.feed(1, 0, 400);
    room.play(50);
    return room;
  }

  it("is lowered and raised without a click, while the clock runs", () => {
    const room = playing();
    room.playout.set("lowered");
    const down = room.play(20);
    expect(down.at(-1)).toBeCloseTo(0.5 * DUCK_GAIN, 5);
    room.playout.set("raised");
    expect(room.play(20).at(-1)).toBe(0.5);
    expect(steepest(room.out.slice(200))).toBeLessThan(0.01);
  });

  it("plays nothing of a reply that is paused before its first sample", () => {
    const room = new Room();
    room.begin(1);
    room.feed(1, 0, 20);
    room.playout.set("paused");
    room.feed(1, 960, 80);
    expect(room.play(100).every((sample) => sample === 0)).toBe(true);
    expect(room.reports.every(({ sample, running }) => sample === 0 && !running)).toBe(true);
    room.playout.set("raised");
    expect(room.play(10)[0]).toBe(0.5); // from its first sample, at full volume
    expect(room.reports.find(({ running }) => running)).toMatchObject({ sample: 0 });
  });

  it("plays nothing of what comes while it is paused and has run out of sound", () => {
    const room = new Room();
    room.begin(1);
    room.feed(1, 0, 60);
    room.play(100);
    room.playout.set("paused");
    room.feed(1, 2880, 60);
    expect(room.play(50).every((sample) => sample === 0)).toBe(true);
    room.playout.set("raised");
    room.play(10);
    const resumed = room.reports.at(-1);
    expect(resumed?.running).toBe(true);
    expect(resumed?.sample).toBeLessThanOrEqual(2880);
  });

  it("stops the clock within 20 ms when paused, which is not an underrun", () => {
    const room = playing();
    room.playout.set("paused");
    const fading = room.play(20);
    expect(fading.at(-1)).toBe(0);
    const stood = room.reports.at(-1);
    expect(stood).toMatchObject({ running: false, underruns: 0, done: false });
    expect(room.play(500).every((sample) => sample === 0)).toBe(true);
    room.playout.set("raised");
    expect(room.play(20).at(-1)).toBe(0.5);
    const resumed = room.reports.find(({ at, running }) => running && at > (stood?.at ?? 0) + 0.4);
    expect(resumed?.sample).toBe(stood?.sample);
    expect(steepest(room.out.slice(200))).toBeLessThan(0.01);
  });

  it("fades out on a cut, discards the rest, and reports where it stopped", () => {
    const room = playing();
    const before = room.out.length;
    room.playout.cut(1);
    const sound = room.play(50);
    const last = sound.findLastIndex((sample) => sample !== 0);
    expect(last / 48).toBeLessThan(20);
    expect(steepest([0.5, ...sound])).toBeLessThan(0.01);
    const done = room.reports.at(-1);
    expect(done).toMatchObject({ done: true, cut: true, buffered: 0 });
    expect(done?.sample).toBeGreaterThanOrEqual(before);
    expect((done?.sample ?? 0) - before).toBeLessThan(20 * 48);
    room.feed(1, 19_200, 100);
    expect(room.play(50).every((sample) => sample === 0)).toBe(true);
  });
});

it("lets a reply that was cut fade under the next one", () => {
  const room = new Room();
  room.begin(1);
  room.feed(1, 0, 100);
  room.play(50);
  room.playout.cut(1);
  room.begin(2);
  room.feed(2, 0, 100);
  room.play(30);
  expect(room.reports.find(({ reply, done }) => reply === 1 && done)).toBeDefined();
  expect(room.reports.find(({ reply, running }) => reply === 2 && running)).toBeDefined();
});

it("ignores sound of an unknown stream", () => {
  const room = new Room();
  room.feed(9, 0, 100);
  room.begin(1);
  room.feed(9, 0, 100);
  expect(room.play(100).every((sample) => sample === 0)).toBe(true);
});
