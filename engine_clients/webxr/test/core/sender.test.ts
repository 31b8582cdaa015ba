import { describe, expect, it } from "vitest";
import { HEADER_BYTES, PCM16, writeHeader } from "../../src/core/media";
import { World } from "../world";

const RESUMES = { features: ["resume"], resume: "r-1" };

function say(world: World, text: string): void {
  world.hub.command({ do: "send", message: { type: "say", text } });
}

function said(world: World): string[] {
  return world.of("say").map(({ text }) => text);
}

function joined(welcome: Parameters<World["join"]>[0]): World {
  const world = new World();
  world.join(welcome);
  return world;
}

describe("a message", () => {
  it("before welcome is not sent, but a ping is answered", () => {
    const world = new World();
    world.connect("ws://there/v1");
    say(world, "too early");
    world.open();
    world.server({ type: "ping", id: 1, t_us: 1 });
    say(world, "still too early");
    expect(world.sent.map(({ type }) => type)).toEqual(["hello", "pong"]);
  });

  it("without a connection is lost, unless the session is kept", () => {
    const lost = joined({});
    lost.breakWith(1006);
    say(lost, "lost");
    say(lost, "x".repeat(70_000)); // not even an error
    lost.advance(250);
    lost.accept({});
    expect(said(lost)).toEqual([]);
    expect(lost.emitted("failure")).toEqual([]);

    const kept = joined(RESUMES);
    kept.breakWith(1006);
    say(kept, "kept");
    expect(said(kept)).toEqual([]);
    kept.advance(1);
    kept.accept({ ...RESUMES, resumed: true });
    expect(said(kept)).toEqual(["kept"]);
  });

  it("that is too large is reported and not sent", () => {
    const world = joined(RESUMES);
    say(world, "x".repeat(70_000));
    say(world, "small");
    expect(world.emitted("failure").map(({ failure }) => failure.code)).toEqual([
      "message_too_large",
    ]);
    expect(said(world)).toEqual(["small"]);
  });

  it("that is one too many to keep ends the session that is kept", () => {
    const world = joined(RESUMES);
    world.breakWith(1006);
    for (let i = 0; i <= 2000; i++) say(world, `${i}`);
    world.advance(1);
    world.accept(RESUMES);
    expect(world.of("hello").at(-1)).not.toHaveProperty("resume");
    expect(said(world)).toEqual([]);
  });
});

describe("a microphone frame", () => {
  it("waits until the session goes on", () => {
    const world = joined(RESUMES);
    world.hub.command({ do: "mic", mode: "open", inputLatencyS: 0 });
    const speak = (seq: number): void => {
      const [open] = world.capture;
      const stream = open?.do === "open" ? open.stream : 0;
      const frame = new ArrayBuffer(HEADER_BYTES + 640);
      writeHeader(frame, { kind: PCM16, flags: 0, stream, seq, sample: seq * 320 });
      world.advance(20);
      const at = world.ms / 1000;
      world.hub.captured({ stream, sample: seq * 320, count: 320, at, frame });
    };
    speak(0);
    expect(world.micFrames).toHaveLength(1);
    world.breakWith(1006);
    speak(1);
    world.open();
    speak(2);
    expect(world.micFrames).toHaveLength(1);
    world.accept({ ...RESUMES, resumed: true, received: 1, mic_sample: 320 });
    speak(3);
    expect(world.micFrames).toHaveLength(4);
  });
});
