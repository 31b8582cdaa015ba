import { describe, expect, it } from "vitest";
import { FRAME, OUTPUT_LATENCY_MS, REPLY_HZ, World } from "../world";

const WHOLE = 50 * FRAME; // a second

function joined(...welcome: Parameters<World["join"]>): World {
  const world = new World();
  world.join(...welcome);
  return world;
}

describe("joining", () => {
  it("sends hello first and nothing else before welcome", () => {
    const world = new World();
    world.hub.command({ do: "send", message: { type: "say", text: "too early" } });
    world.join({}, { character: "smith" });
    expect(world.sent[0]).toMatchObject({ type: "hello", protocol: 1, character: "smith" });
    expect(world.states).toEqual(["connecting", "joining", "open"]);
    world.hub.command({ do: "send", message: { type: "say", text: "hi" } });
    expect(world.of("say").map(({ text }) => text)).toEqual(["hi"]);
  });
});

describe("clocks", () => {
  it("estimates the server's clock, and reports it once a second", () => {
    const world = joined();
    world.advance(1100);
    expect(world.emitted("stats").at(-1)?.stats).toMatchObject({
      clockOffsetMs: 5000,
      roundTripMs: 0,
    });
  });

  it("estimates another server's clock anew, and reports nothing in between", () => {
    const world = joined();
    world.advance(1100);
    world.breakWith(1006);
    const before = world.emitted("stats").length;
    world.advance(9000);
    expect(world.emitted("stats")).toHaveLength(before);
    world.answersPings = false;
    world.accept();
    world.advance(1100);
    expect(world.emitted("stats").at(-1)?.stats.clockOffsetMs).toBeNull();
  });

  it("reconnects after 15 s without a frame", () => {
    const world = joined();
    world.answersPings = false;
    world.advance(14_000);
    expect(world.states.at(-1)).toBe("open");
    world.advance(3_000);
    expect(world.states).toContain("waiting");
  });
});

describe("a reply", () => {
  it("is reported when it is first heard, then every 100 ms, then as done", () => {
    const world = joined();
    world.reply(1, 50);
    world.advance(1200);
    const played = world.of("played");
    const [first, ...rest] = played.filter(({ sample }) => sample > 0);
    expect(first?.sentMs).toBeCloseTo(OUTPUT_LATENCY_MS, -1);
    expect(first?.sample).toBeLessThan(REPLY_HZ / 200);
    for (const [i, one] of rest.entries()) {
      const before = [first, ...rest][i];
      expect(one.sentMs - (before?.sentMs ?? 0)).toBeLessThanOrEqual(100.001);
      expect(one.sample).toBeGreaterThanOrEqual(before?.sample ?? 0);
    }
    expect(played.at(-1)).toMatchObject({ sample: WHOLE, done: true, underruns: 0 });
    expect(played.filter(({ done }) => done)).toHaveLength(1);
    expect(world.emitted("sounding")).toHaveLength(1);
    expect(world.emitted("ended")).toEqual([
      { on: "ended", reply: 1, sample: WHOLE, how: "finished" },
    ]);
  });

  it("is reported with a sample and its own time", () => {
    const world = joined();
    world.reply(1, 50);
    world.advance(1200);
    const running = world.of("played").filter(({ sample, done }) => sample > 0 && !done);
    const starts = running.map(({ sample, t_us = 0 }) => t_us - (sample / REPLY_HZ) * 1e6);
    expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(1000); // microseconds
    expect(running.length).toBeGreaterThan(8);
  });

  it("is reported with what we cost the page, once for each second", () => {
    const world = joined();
    const cost = { frames: 90, p99_ms: 0.25, max_ms: 0.5 };
    world.hub.command({ do: "frames", cost });
    world.reply(1, 50);
    world.advance(500);
    const [first, ...rest] = world.of("played");
    expect(first).toMatchObject({ frame_cost: cost, output_ms: OUTPUT_LATENCY_MS, input_ms: null });
    expect(rest.length).toBeGreaterThan(2);
    expect(rest.every(({ frame_cost }) => frame_cost === null)).toBe(true);
  });

  it("that is empty is done at once", () => {
    const world = joined();
    world.reply(1, 0);
    world.advance(100);
    expect(world.of("played").at(-1)).toMatchObject({ sample: 0, done: true });
  });

  it("stops when it runs out of sound, counts an underrun, and resumes", () => {
    const world = joined();
    world.server({ type: "reply.begin", reply: 1, turn: 1, stream: 1, rate_hz: REPLY_HZ });
    world.sound(1, 0, 10);
    world.advance(1000);
    const dry = world.of("played").at(-1);
    expect(dry?.underruns).toBe(1);
    expect(dry?.sample).toBeGreaterThan(10 * FRAME - 40);
    expect(dry?.sample).toBeLessThanOrEqual(10 * FRAME);
    world.sound(1, 10 * FRAME, 10);
    world.server({ type: "reply.end", reply: 1, samples: 20 * FRAME });
    world.advance(400);
    expect(world.of("played").at(-1)).toMatchObject({
      sample: 20 * FRAME,
      done: true,
      underruns: 1,
    });
  });

  it("that is cut fades within 20 ms, is reported where it stopped, and ignores further sound", () => {
    const world = joined();
    world.server({ type: "reply.begin", reply: 1, turn: 1, stream: 1, rate_hz: REPLY_HZ });
    world.sound(1, 0, 20);
    world.advance(200);
    world.heard = [];
    const cutMs = world.ms;
    world.server({ type: "reply.cut", reply: 1, at: 100, reason: "interrupted" });
    world.sound(1, 20 * FRAME, 10);
    world.advance(300);
    const last = world.heard.findLastIndex((sample) => sample !== 0);
    expect(last / 48).toBeLessThanOrEqual(20);
    const done = world.of("played").at(-1);
    expect(done).toMatchObject({ done: true });
    expect(done?.sample).toBeLessThan(20 * FRAME);
    expect((done?.sentMs ?? 0) - cutMs).toBeLessThan(OUTPUT_LATENCY_MS + 20);
    expect(world.emitted("ended").at(-1)?.how).toBe("interrupted");
  });

  it("stops while the context is suspended, and reports do not advance", () => {
    const world = joined();
    world.server({ type: "reply.begin", reply: 1, turn: 1, stream: 1, rate_hz: REPLY_HZ });
    world.sound(1, 0, 20);
    world.advance(200);
    world.suspend();
    const before = world.of("played").length;
    world.advance(2000);
    const meanwhile = world.of("played").slice(before);
    expect(meanwhile.length).toBeGreaterThanOrEqual(19);
    expect(new Set(meanwhile.map(({ sample }) => sample)).size).toBe(1);
    world.resume();
    world.server({ type: "reply.end", reply: 1, samples: 20 * FRAME });
    world.advance(500);
    expect(world.of("played").at(-1)).toMatchObject({ sample: 20 * FRAME, done: true });
  });

  it("emits captions and marks when they are heard, and none beyond a cut", () => {
    const world = joined();
    world.server({ type: "reply.begin", reply: 1, turn: 1, stream: 1, rate_hz: REPLY_HZ });
    world.server({ type: "reply.text", reply: 1, text: "One.", at: 0 });
    world.server({ type: "reply.text", reply: 1, text: "Two.", at: 6000 });
    const nod = ["gesture", 3000, 3000, "nod", 1];
    world.server({ type: "reply.marks", reply: 1, marks: [nod] });
    world.sound(1, 0, 20);
    world.advance(OUTPUT_LATENCY_MS - 10);
    expect(world.emitted("caption")).toHaveLength(0);
    world.advance(20);
    expect(world.emitted("caption").map(({ text }) => text)).toEqual(["One."]);
    world.advance(130);
    expect(world.emitted("mark").map(({ mark }) => mark.name)).toEqual(["nod"]);
    world.server({ type: "reply.cut", reply: 1, at: 4000 });
    world.advance(500);
    expect(world.emitted("caption")).toHaveLength(1);
  });
});

describe("a reply that begins right after a cut", () => {
  it("ends the one before as cut, before it is announced", () => {
    const world = joined();
    world.reply(1, 50);
    world.advance(200);
    world.server({ type: "reply.cut", reply: 1, at: 2000, reason: "interrupted" });
    const before = world.events.length;
    world.server({ type: "reply.begin", reply: 2, turn: 2, stream: 2, rate_hz: REPLY_HZ });
    expect(world.events.slice(before)).toMatchObject([
      { on: "ended", reply: 1, how: "interrupted" },
      { on: "message", message: { type: "reply.begin", reply: 2 } },
    ]);
    world.sound(2, 0, 50);
    world.server({ type: "reply.end", reply: 2, samples: 50 * FRAME });
    world.advance(3000);
    expect(world.emitted("ended").map(({ reply }) => reply)).toEqual([1, 2]);
  });
});

describe("a tool call", () => {
  const call = { type: "tool.call", call: 5, name: "open", args: {}, deadline_ms: 2000 } as const;

  it("without `at` is due at once", () => {
    const world = joined();
    world.server({ ...call, reply: null, at: 0 });
    expect(world.emitted("tool")).toHaveLength(1);
  });

  it("is due when its sample was heard, after the report of it", () => {
    const world = joined();
    world.reply(1, 50);
    world.server({ ...call, reply: 1, at: 12_000 });
    world.advance(OUTPUT_LATENCY_MS + 495);
    expect(world.emitted("tool")).toHaveLength(0);
    world.advance(10);
    expect(world.emitted("tool")).toHaveLength(1);
    expect(world.of("played").at(-1)?.sample).toBeGreaterThanOrEqual(12_000);
  });

  it("whose sample was not heard before the cut is void", () => {
    const world = joined();
    world.reply(1, 50);
    world.server({ ...call, reply: 1, at: 12_000 });
    world.advance(200);
    world.server({ type: "reply.cut", reply: 1, at: 2000 });
    world.server({ ...call, call: 6, reply: 1, at: 13_000 });
    world.advance(2000);
    expect(world.emitted("tool")).toHaveLength(0);
  });
});

describe("a server without room", () => {
  it.each([
    ["server_busy", 7000, 7000],
    ["server_full", 0, 250],
  ])("is tried again when it says: %s", (code, retryAfterMs, waitMs) => {
    const world = new World();
    world.hub.command({
      do: "connect",
      url: "",
      hello: { type: "hello", protocol: 1 },
      reconnect: true,
    });
    world.accept();
    world.server({ type: "error", code, fatal: true, retry_after_ms: retryAfterMs });
    world.breakWith(1013);
    expect(world.emitted("state").at(-1)).toMatchObject({
      state: "waiting",
      failure: { code },
      retryMs: waitMs,
    });
    world.advance(waitMs - 100);
    expect(world.sockets).toBe(1);
    world.advance(200);
    expect(world.sockets).toBe(2);
  });
});

describe("a broken connection", () => {
  it("is opened again, later each time, and ends the reply", () => {
    const world = joined();
    world.reply(1, 50);
    world.advance(200);
    world.breakWith(1006);
    expect(world.emitted("ended").at(-1)).toMatchObject({ reply: 1, how: "disconnected" });
    expect(world.emitted("state").at(-1)).toMatchObject({ state: "waiting", retryMs: 250 });
    world.advance(250);
    world.breakWith(1006);
    expect(world.emitted("state").at(-1)).toMatchObject({ state: "waiting", retryMs: 500 });
    world.advance(500);
    world.accept();
    expect(world.states.at(-1)).toBe("open");
    expect(world.of("hello")).toHaveLength(2);
    world.heard = [];
    world.advance(200);
    expect(world.heard.every((sample) => sample === 0)).toBe(true);
  });

  it("that either side closed stays closed", () => {
    const world = joined();
    world.hub.command({ do: "disconnect", reason: "enough" });
    expect(world.of("bye")).toMatchObject([{ reason: "enough" }]);
    world.advance(60_000);
    expect(world.sockets).toBe(1);
    expect(world.states.at(-1)).toBe("closed");
  });
});
