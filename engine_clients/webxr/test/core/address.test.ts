import { describe, expect, it } from "vitest";
import { World } from "../world";

const THERE = "ws://there/v1";
const RESUMES = { features: ["resume"], resume: "r-1" };

function joined(url = THERE): World {
  const world = new World();
  world.join(RESUMES, { token: "secret" }, "websocket", url);
  return world;
}

function goAway(world: World, url?: string): void {
  world.server({ type: "goaway", reason: "restart", in_ms: 100, ...(url ? { url } : {}) });
}

/** The connection breaks, and another one is opened when it is time. */
function broken(world: World, code = 1006): void {
  const before = world.sockets;
  world.breakWith(code);
  while (world.sockets === before) world.advance(50);
}

describe("a goaway with a url", () => {
  it("sends the session there, with the same hello and its token to resume", () => {
    const world = joined();
    goAway(world, "ws://next:9000");
    expect(world.urls).toEqual([THERE]);
    broken(world, 1012);
    world.accept({ ...RESUMES, resume: "r-2", resumed: true });
    expect(world.urls.at(-1)).toBe("ws://next:9000/v1");
    expect(world.of("hello").at(-1)).toMatchObject({ token: "secret", resume: "r-1" });
    expect(world.states.at(-1)).toBe("open");
    broken(world);
    expect(world.urls.at(-1)).toBe("ws://next:9000/v1");
  });

  it("begins a new session there when the server there does not know it", () => {
    const world = joined();
    goAway(world, "ws://next:9000/v1");
    broken(world, 1012);
    world.accept({ ...RESUMES, resume: "n-1", not_resumed: "resume_unknown" });
    expect(world.emitted("message").at(-1)?.message).toMatchObject({
      not_resumed: "resume_unknown",
    });
    expect(world.states.at(-1)).toBe("open");
  });

  it("begins a new session there when the old one has ended", () => {
    const world = joined();
    goAway(world, "ws://next:9000/v1");
    broken(world, 1001);
    world.accept(RESUMES);
    expect(world.urls.at(-1)).toBe("ws://next:9000/v1");
    expect(world.of("hello").at(-1)).not.toHaveProperty("resume");
  });

  it("is forgotten after five attempts without an answer", () => {
    const world = joined();
    goAway(world, "ws://next:9000/v1");
    for (let i = 0; i < 6; i++) broken(world);
    expect(world.urls.slice(1)).toEqual([...Array(5).fill("ws://next:9000/v1"), THERE]);
    world.accept({ ...RESUMES, resume: "r-2", resumed: true });
    broken(world);
    expect(world.urls.at(-1)).toBe(THERE);
  });

  it("is kept while that server answers that it is busy", () => {
    const world = joined();
    goAway(world, "ws://next:9000/v1");
    broken(world, 1012);
    for (let i = 0; i < 8; i++) {
      world.refuse({ code: "server_busy", retry_after_ms: 1500 });
      broken(world, 1013);
      expect(world.emitted("state").at(-2)).toMatchObject({ resumable: true, retryMs: 1500 });
    }
    expect(world.urls.at(-1)).toBe("ws://next:9000/v1");
    world.accept({ ...RESUMES, resume: "r-2", resumed: true });
    expect(world.states.at(-1)).toBe("open");
  });
});

/** The server of this connection stops: it answers hello with the next one's address. */
function sendAway(world: World): void {
  world.open();
  world.serverAgain({ type: "goaway", reason: "server_stopping", url: "ws://next:9000" });
  world.serverAgain({ type: "error", seq: 1, code: "server_busy", fatal: true });
  broken(world, 1013);
}

describe("a server that stops", () => {
  it("sends a session that comes back to it to the next one, which resumes it", () => {
    const world = joined();
    world.server({ type: "scene.ack", rev: 1 });
    broken(world);
    sendAway(world);
    world.accept({ ...RESUMES, resume: "r-2", resumed: true });
    expect(world.urls).toEqual([THERE, THERE, "ws://next:9000/v1"]);
    expect(world.of("hello").at(-1)).toMatchObject({
      resume: "r-1",
      resume_from: { received: 2 },
    });
    expect(world.states.at(-1)).toBe("open");
    expect(world.emitted("failure")).toEqual([]);
  });

  it("sends a session that begins to the next one", () => {
    const world = new World();
    world.connect(THERE);
    sendAway(world);
    world.accept(RESUMES);
    expect(world.urls).toEqual([THERE, "ws://next:9000/v1"]);
    expect(world.states.at(-1)).toBe("open");
  });
});

describe("a goaway that is not followed", () => {
  it.each([
    ["", THERE, 0],
    ["http://next:9000", THERE, 1],
    ["next:9000", THERE, 1],
    ["ws://", THERE, 1],
    ["ws://next:9000", "wss://there/v1", 1],
  ])("%s, at %s", (url, there, failures) => {
    const world = joined(there);
    goAway(world, url);
    expect(world.emitted("failure")).toHaveLength(failures);
    for (const { failure } of world.emitted("failure")) {
      expect(failure).toMatchObject({ code: "message_invalid", fault: "server", fatal: false });
    }
    broken(world);
    expect(world.urls).toEqual([there, there]);
  });

  it("is replaced by the address of another connect", () => {
    const world = joined();
    goAway(world, "ws://next:9000");
    world.join(RESUMES, {}, "websocket", "ws://other/v1");
    broken(world);
    expect(world.urls.slice(1)).toEqual(["ws://other/v1", "ws://other/v1"]);
  });
});
