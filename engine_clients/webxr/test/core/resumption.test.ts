import { describe, expect, it } from "vitest";
import { encodeControl } from "../../src/core/codec";
import { HEADER_BYTES, PCM16, writeHeader } from "../../src/core/media";
import type { ClientMessage, Welcome } from "../../src/core/messages";
import { Resumption } from "../../src/core/resumption";
import { Timeline } from "../timeline";
import { FRAME, REPLY_HZ, World } from "../world";

const MIC_FRAME = 320;
const RESUMES = { features: ["resume"], resume: "r-1" };

function joined(): World {
  const world = new World();
  world.join(RESUMES);
  return world;
}

/** The connection breaks, and another one is open at once, but the server has not answered yet. */
function broken(world: World, code = 1006): void {
  world.breakWith(code);
  world.advance(1);
}

function resume(world: World, more: Record<string, unknown> = {}): void {
  world.accept({ ...RESUMES, resume: "r-2", resumed: true, ...more } as never);
}

function speak(world: World, from: number, count: number): void {
  const last = world.capture.at(-1);
  const stream = last?.do === "open" ? last.stream : 0;
  for (let seq = from; seq < from + count; seq++) {
    world.advance(20);
    const sample = seq * MIC_FRAME;
    const frame = new ArrayBuffer(HEADER_BYTES + 2 * MIC_FRAME);
    writeHeader(frame, { kind: PCM16, flags: 0, stream, seq, sample });
    world.hub.captured({ stream, sample, count: MIC_FRAME, at: world.ms / 1000, frame });
  }
}

function micSamples(world: World): number[] {
  return world.micFrames.map((frame) => new DataView(frame).getUint32(8, true));
}

describe("a session that is resumed", () => {
  it("says its token and how far it is", () => {
    const world = joined();
    world.hub.command({ do: "mic", mode: "open", inputLatencyS: 0 });
    speak(world, 0, 3);
    world.reply(1, 50);
    world.advance(500);
    const played = world.of("played").at(-1)?.sample ?? 0;
    expect(played).toBeGreaterThan(0);
    const sent = world.sent.filter(({ type }) => !["hello", "ping", "pong", "ack"].includes(type));
    broken(world);
    resume(world);
    expect(world.of("hello").at(-1)).toMatchObject({
      resume: "r-1",
      resume_from: { received: 3, sent: sent.length, mic_sample: 3 * MIC_FRAME, reply: 1, played },
    });
  });

  it("is open again at once, shown as resumable until then, and no error", () => {
    const world = joined();
    world.breakWith(1006);
    expect(world.emitted("state").at(-1)).toMatchObject({
      state: "waiting",
      resumable: true,
      retryMs: 0,
    });
    world.advance(1);
    expect(world.states.at(-1)).toBe("connecting");
    expect(world.emitted("state").at(-1)?.resumable).toBe(true);
    resume(world);
    expect(world.emitted("state").at(-1)).toMatchObject({ state: "open", resumable: false });
  });

  it("sends again, in order, what has not arrived, and what came meanwhile", () => {
    const world = joined();
    world.hub.command({ do: "mic", mode: "open", inputLatencyS: 0 });
    speak(world, 0, 4);
    world.hub.command({ do: "send", message: { type: "say", text: "first" } });
    broken(world);
    world.hub.command({ do: "send", message: { type: "say", text: "second" } });
    speak(world, 4, 2);
    const before = { sent: world.sent.length, frames: world.micFrames.length };
    resume(world, { received: 1, mic_sample: 2 * MIC_FRAME }); // mic.start and two frames
    const said = world.sent.slice(before.sent).filter(({ type }) => type === "say");
    expect(said).toMatchObject([{ text: "first" }, { text: "second" }]);
    expect(micSamples(world).slice(before.frames)).toEqual([2, 3, 4, 5].map((n) => n * MIC_FRAME));
    speak(world, 6, 1);
    expect(micSamples(world).at(-1)).toBe(6 * MIC_FRAME);
    expect(world.of("mic.start")).toHaveLength(1);
    expect(world.of("mic.stop")).toHaveLength(0);
  });

  it("skips what it has handled", () => {
    const world = joined();
    world.server({ type: "transcript", turn: 1, rev: 1, text: "a" });
    broken(world);
    resume(world);
    world.serverAgain({ type: "transcript", seq: 2, turn: 1, rev: 1, text: "a" });
    world.serverAgain({ type: "transcript", seq: 3, turn: 1, rev: 2, text: "a b" });
    const texts = world.emitted("message").filter(({ message }) => message.type === "transcript");
    expect(texts).toHaveLength(2);
  });

  it("plays a reply on in the word where it was, each sample once", () => {
    const whole = joined();
    whole.reply(1, 100);
    whole.advance(3000);

    const world = joined();
    world.server({ type: "reply.begin", reply: 1, turn: 1, stream: 1, rate_hz: REPLY_HZ });
    world.sound(1, 0, 20);
    world.advance(200);
    broken(world);
    world.advance(100);
    resume(world);
    const played = world.of("hello").at(-1)?.resume_from?.played ?? 0;
    const first = Math.floor(played / FRAME);
    expect(first).toBeGreaterThan(0);
    world.sound(1, first * FRAME, 100 - first);
    world.server({ type: "reply.end", reply: 1, samples: 100 * FRAME });
    world.advance(3000);
    const audible = (room: World): number => room.heard.filter((sample) => sample !== 0).length;
    expect(audible(world)).toBe(audible(whole));
    expect(world.emitted("ended")).toMatchObject([{ how: "finished", sample: 100 * FRAME }]);
    expect(world.of("played").at(-1)).toMatchObject({ underruns: 0, done: true });
  });

  it("does not execute a call again, and its result is not lost", () => {
    const world = joined();
    world.server({ type: "tool.call", call: 5, name: "open", args: {}, deadline_ms: 1000 });
    broken(world);
    world.hub.command({ do: "send", message: { type: "tool.result", call: 5, ok: true } });
    resume(world);
    world.serverAgain({ type: "tool.call", seq: 2, call: 5, name: "open", deadline_ms: 1000 });
    expect(world.emitted("tool")).toHaveLength(1);
    expect(world.of("tool.result")).toMatchObject([{ call: 5 }]);
  });

  it("forgets what the server has confirmed", () => {
    const world = joined();
    world.hub.command({ do: "send", message: { type: "say", text: "one" } });
    world.advance(1000);
    expect(world.of("ack").at(-1)).toMatchObject({ acked: 1 });
    world.serverAgain({ type: "received", messages: 1 });
    broken(world);
    resume(world, { received: 1 });
    expect(world.of("say")).toHaveLength(1);
  });

  it("is noticed to be broken after 5 s of silence", () => {
    const world = joined();
    world.answersPings = false;
    world.advance(8000);
    expect(world.states).toContain("waiting");
  });
});

describe("a session that is not resumed", () => {
  it("begins anew when it comes too late, and ends the reply", () => {
    const world = joined();
    world.reply(1, 50);
    world.advance(100);
    world.breakWith(1006);
    for (let i = 0; i < 14; i++) {
      world.advance(5000);
      if (world.states.at(-1) === "connecting") world.breakWith(1006);
    }
    expect(world.emitted("state").at(-1)?.resumable).toBe(false);
    expect(world.emitted("ended")).toHaveLength(1);
    world.advance(5000);
    world.accept();
    expect(world.of("hello").at(-1)).not.toHaveProperty("resume");
  });

  it("begins anew when the server says so, with nothing of the old one", () => {
    const world = joined();
    world.hub.command({ do: "mic", mode: "open", inputLatencyS: 0 });
    speak(world, 0, 2);
    world.server({ type: "reply.begin", reply: 1, turn: 1, stream: 1, rate_hz: REPLY_HZ });
    world.hub.command({ do: "send", message: { type: "say", text: "lost" } });
    broken(world);
    world.accept({ ...RESUMES, resume: "n-1", not_resumed: "resume_unknown" });
    expect(world.emitted("ended").at(-1)).toMatchObject({ reply: 1, how: "disconnected" });
    expect(world.of("say")).toHaveLength(1);
    speak(world, 0, 1);
    expect(world.of("mic.start")).toHaveLength(2);
    broken(world);
    resume(world);
    expect(world.of("hello").at(-1)).toMatchObject({ resume: "n-1", resume_from: { sent: 1 } });
  });

  it("begins anew when the server has stopped", () => {
    const world = joined();
    world.breakWith(1001);
    expect(world.emitted("state").at(-1)).toMatchObject({ state: "waiting", resumable: false });
    world.advance(250);
    world.accept(RESUMES);
    expect(world.of("hello").at(-1)).not.toHaveProperty("resume");
  });

  it("stays closed when another connection has taken it", () => {
    const world = joined();
    world.server({ type: "error", code: "session_taken", text: "taken", fatal: true });
    world.breakWith(1008);
    expect(world.emitted("state").at(-1)).toMatchObject({
      state: "closed",
      failure: { code: "session_taken" },
    });
    world.advance(60_000);
    expect(world.sockets).toBe(1);
  });
});

describe("a game that stands still", () => {
  it("says so, stops the reply's clock and the microphone, and goes on", () => {
    const world = joined();
    world.hub.command({ do: "mic", mode: "open", inputLatencyS: 0 });
    speak(world, 0, 2);
    world.reply(1, 50);
    world.advance(300);
    world.hub.command({ do: "pause", paused: true, forMs: 60_000 });
    world.advance(200);
    const stood = world.of("played").at(-1)?.sample;
    world.advance(5000);
    expect(world.of("pause")).toMatchObject([{ paused: true, for_ms: 60_000 }]);
    expect(world.of("mic.stop")).toHaveLength(1);
    expect(world.of("played").at(-1)?.sample).toBe(stood);
    world.hub.command({ do: "pause", paused: false, forMs: null });
    world.advance(3000);
    expect(world.of("played").at(-1)).toMatchObject({ sample: 50 * FRAME, done: true });
    expect(world.capture.at(-1)?.do).toBe("open");
  });
});

describe("what both sides have of each other", () => {
  function started(features = ["resume"]) {
    const time = new Timeline();
    const acks: ClientMessage[] = [];
    const lapsedAtMs: number[] = [];
    const resumption = new Resumption({
      after: time.after,
      send: (message) => acks.push(message),
      lapsed: () => lapsedAtMs.push(time.ms),
    });
    const welcome = (more: Partial<Welcome> = {}): void =>
      resumption.welcome({ features, limits: { resume_ms: 8000 }, ...more } as Welcome);
    const say = (): void => {
      const message: ClientMessage = { type: "say", text: "hi" };
      resumption.sent(message, encodeControl(message));
    };
    welcome();
    resumption.startAcks();
    return { time, acks, lapsedAtMs, resumption, welcome, say };
  }

  it("is counted, and what came before is a repetition", () => {
    const { resumption, say } = started();
    for (const seq of [1, 2, 3]) resumption.count(seq);
    say();
    expect(resumption.counts).toMatchObject({ received: 3, sent: 1 });
    expect([1, 3, 4].map((seq) => resumption.repeated(seq))).toEqual([true, true, false]);
    expect(resumption.repeated(0)).toBe(false); // not every message has a number
  });

  it("is confirmed each second, if there is something new or something to be confirmed", () => {
    const { time, acks, resumption, say } = started();
    resumption.count(1);
    time.advance(3000);
    expect(acks).toEqual([{ type: "ack", acked: 1 }]);
    say();
    time.advance(2000);
    expect(acks).toHaveLength(3);
    resumption.confirmed({ type: "received", messages: 1 });
    time.advance(5000);
    expect(acks).toHaveLength(3);
  });

  it("is not kept for a server that does not resume sessions", () => {
    const { time, acks, resumption, say } = started([]);
    resumption.count(1);
    say();
    time.advance(5000);
    expect(acks).toEqual([]);
    expect(resumption.out.waits).toBe(false);
  });

  it("lapses once, so long after the first break as the server said", () => {
    const { time, acks, lapsedAtMs, resumption } = started();
    resumption.count(1);
    resumption.lost(true);
    time.advance(5000);
    resumption.lost(true); // another attempt has failed
    expect(resumption.kept).toBe(true);
    time.advance(60_000);
    expect(lapsedAtMs).toEqual([8000]);
    expect(resumption.kept).toBe(false);
    expect(acks).toEqual([]); // none without a connection
  });

  it("does not lapse once the session goes on, and is counted on", () => {
    const { time, lapsedAtMs, resumption, welcome, say } = started();
    resumption.count(7);
    say();
    say();
    resumption.lost(true);
    welcome({ resumed: true, received: 1 });
    time.advance(60_000);
    expect(lapsedAtMs).toEqual([]);
    expect(resumption.out.rest).toHaveLength(1);
    expect(resumption.counts).toMatchObject({ received: 7, sent: 2 });
  });

  it("is counted anew for another session", () => {
    const { time, acks, resumption, welcome, say } = started();
    resumption.count(7);
    say();
    time.advance(1000);
    resumption.lost(true);
    welcome();
    expect(resumption.counts).toMatchObject({ received: 0, sent: 0 });
    expect(resumption.out.waits).toBe(false);
    resumption.startAcks();
    resumption.count(2);
    time.advance(1000);
    expect(acks.map((ack) => "acked" in ack && ack.acked)).toEqual([7, 2]);
  });
});
