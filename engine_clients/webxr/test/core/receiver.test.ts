import { describe, expect, it } from "vitest";
import { World } from "../world";

function joined(): World {
  const world = new World();
  world.join({ features: ["resume"], resume: "r-1" });
  return world;
}

function types(world: World): string[] {
  return world.emitted("message").map(({ message }) => message.type);
}

function failures(world: World): string[] {
  return world.emitted("failure").map(({ failure }) => failure.code);
}

describe("messages of the server", () => {
  it("reach the page in their order, but calls only when they are due", () => {
    const world = joined();
    world.server({ type: "transcript", turn: 1, rev: 1, text: "a" });
    world.server({ type: "tool.call", call: 5, name: "open", args: {}, deadline_ms: 2000 });
    world.server({ type: "scene.ack", rev: 1 });
    world.server({ type: "ping", id: 1, t_us: 1 });
    expect(types(world)).toEqual(["welcome", "transcript", "scene.ack"]);
    expect(world.emitted("tool")).toHaveLength(1);
  });

  it("are handled once, however often they come", () => {
    const world = joined();
    world.serverAgain({ type: "scene.ack", seq: 2, rev: 1 });
    world.serverAgain({ type: "scene.ack", seq: 2, rev: 1 });
    world.serverAgain({ type: "scene.ack", seq: 1, rev: 1 });
    world.serverAgain({ type: "scene.ack", seq: 3, rev: 2 });
    expect(types(world)).toEqual(["welcome", "scene.ack", "scene.ack"]);
  });

  it("are answered if they are pings", () => {
    const world = joined();
    world.server({ type: "ping", id: 7, t_us: 123 });
    expect(world.of("pong")).toMatchObject([{ id: 7, t_us: 123, received_us: world.nowUs }]);
  });

  it("that welcome an open session again have no effect", () => {
    const world = joined();
    world.accept({ features: ["resume"], resume: "r-2" });
    expect(types(world)).toEqual(["welcome"]);
    expect(world.states).toEqual(["connecting", "joining", "open"]);
  });
});

describe("errors of the server", () => {
  it("are reported, and the session goes on", () => {
    const world = joined();
    world.server({ type: "error", code: "hear_failed", text: "x" });
    expect(failures(world)).toEqual(["hear_failed"]);
    expect(world.states.at(-1)).toBe("open");
  });

  it("that are fatal are the reason of the close that follows", () => {
    const world = joined();
    world.server({ type: "error", code: "session_taken", text: "taken", fatal: true });
    expect(failures(world)).toEqual([]);
    world.breakWith(1008);
    expect(world.emitted("state").at(-1)?.failure).toMatchObject({ code: "session_taken" });
  });

  it("before welcome do not count as messages of the session that is kept", () => {
    const world = joined();
    world.breakWith(1006);
    world.advance(1);
    world.open();
    world.serverAgain({ type: "error", seq: 40, code: "server_busy", fatal: true });
    world.breakWith(1013);
    world.advance(1000);
    world.open();
    expect(world.of("hello").at(-1)).toMatchObject({ resume: "r-1", resume_from: { received: 1 } });
  });
});

describe("bad input from the server", () => {
  it("is reported and has no other effect", () => {
    const world = joined();
    world.serverAgain({ type: "no.such.type" });
    world.server({ type: "reply.cut", reply: 99, at: 0 });
    world.sound(99, 0, 1);
    world.server({ type: "error", code: "hear_failed", text: "x" });
    expect(failures(world)).toEqual(["hear_failed"]);
    world.reply(1, 5);
    world.advance(300);
    expect(world.emitted("ended")).toHaveLength(1);
  });

  it("is the server's fault if it cannot be decoded", () => {
    const world = joined();
    world.serverFrame(new Uint8Array([0xc1]).buffer);
    world.serverFrame(new ArrayBuffer(3)); // a media frame without its header
    expect(world.emitted("failure")).toMatchObject([
      { failure: { fault: "server" } },
      { failure: { code: "media_truncated", fault: "server" } },
    ]);
    expect(world.states.at(-1)).toBe("open");
  });
});
