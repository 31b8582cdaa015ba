import { describe, expect, it } from "vitest";
import { Connector, type SocketHandlers } from "../../src/core/connector";
import { FrametalkError } from "../../src/core/errors";
import type { Hello, Welcome } from "../../src/core/messages";
import { Timeline } from "../timeline";

const HERE = "ws://here/v1";
const HELLO: Hello = { type: "hello", protocol: 1 };

interface ScriptedSocket {
  url: string;
  handlers: SocketHandlers;
  closed: boolean;
}

/** A connector on scripted sockets. */
class Scripted {
  readonly time = new Timeline();
  readonly sockets: ScriptedSocket[] = [];
  readonly states: string[] = [];
  readonly errors: (string | undefined)[] = [];
  readonly waitsMs: number[] = [];
  readonly hellos: Hello[] = [];
  readonly frames: (string | ArrayBuffer)[] = [];
  refusesAddresses = false;
  readonly connector = new Connector({
    nowUs: this.time.nowUs,
    after: this.time.after,
    socket: (url, handlers) => {
      if (this.refusesAddresses) throw new SyntaxError(url);
      const opened = { url, handlers, closed: false };
      this.sockets.push(opened);
      const close = (): void => {
        opened.closed = true;
      };
      return { send: () => undefined, close };
    },
    send: (hello) => this.hellos.push(hello),
    counts: () => ({ received: 3, sent: 0, mic_sample: 0, reply: null, played: 0 }),
    frame: (frame) => this.frames.push(frame),
    changed: (state, error, retryMs) => {
      this.states.push(state);
      this.errors.push(error?.code);
      if (retryMs !== null) this.waitsMs.push(retryMs);
    },
  });

  connect(reconnect = true): void {
    this.connector.connect(HERE, HELLO, reconnect);
  }

  /** The newest socket opens, and the server welcomes the session. */
  accept(resume?: string): void {
    this.socket.handlers.opened();
    const limits = { resume_ms: 60_000 };
    this.connector.welcome({ type: "welcome", resume, limits } as unknown as Welcome);
  }

  get socket(): ScriptedSocket {
    return this.sockets.at(-1) as ScriptedSocket;
  }
}

describe("a first connection", () => {
  it("says hello when its socket opens, and takes messages from welcome on", () => {
    const server = new Scripted();
    expect(server.connector.state).toBe("idle");
    server.connect();
    expect(server.connector.takes(true)).toBe(false);
    server.socket.handlers.opened();
    expect(server.hellos).toEqual([HELLO]);
    expect([server.connector.takes(true), server.connector.takes(false)]).toEqual([true, false]);
    server.accept();
    expect(server.connector.takes(false)).toBe(true);
    expect(server.states).toEqual(["connecting", "joining", "open"]);
  });

  it("closes if no server answers", () => {
    const server = new Scripted();
    server.connect();
    server.socket.handlers.closed(1006);
    server.time.advance(60_000);
    expect(server.states).toEqual(["connecting", "closed"]);
    expect(server.errors.at(-1)).toBe("cannot_connect");
    expect(server.sockets).toHaveLength(1);
  });

  it("closes if the browser refuses the address", () => {
    const server = new Scripted();
    server.refusesAddresses = true;
    server.connect();
    expect(server.states).toEqual(["connecting"]);
    server.time.advance(1);
    expect(server.states).toEqual(["connecting", "closed"]);
    expect(server.errors.at(-1)).toBe("cannot_connect");
  });

  it("closes if the socket opens and nothing comes for 10 s", () => {
    const server = new Scripted();
    server.connect();
    server.socket.handlers.opened();
    server.time.advance(9999);
    expect(server.connector.state).toBe("joining");
    server.time.advance(1);
    expect(server.connector.state).toBe("closed");
    expect(server.socket.closed).toBe(true);
  });

  it("stays open after welcome, however long that is ago", () => {
    const server = new Scripted();
    server.connect();
    server.accept();
    server.time.advance(60_000);
    expect(server.connector.state).toBe("open");
  });

  it("closes with the server's reason for a refusal", () => {
    const server = new Scripted();
    server.connect();
    server.socket.handlers.opened();
    server.connector.failed(new FrametalkError({ code: "bad_token", text: "no", fatal: true }));
    server.socket.handlers.closed(1008);
    expect(server.errors.at(-1)).toBe("bad_token");
    expect(server.connector.state).toBe("closed");
    expect(server.time.pending).toBe(0);
  });
});

describe("a connection that breaks", () => {
  it("is opened again, later each time", () => {
    const server = new Scripted();
    server.connect();
    server.accept();
    for (let i = 0; i < 4; i++) {
      server.socket.handlers.closed(1006);
      server.time.advance(server.waitsMs.at(-1) ?? 0);
    }
    expect(server.waitsMs).toEqual([250, 500, 1000, 2000]);
    expect(server.sockets).toHaveLength(5);
  });

  it("is opened again at once when the network is back, and not a second time", () => {
    const server = new Scripted();
    server.connect();
    server.accept();
    server.socket.handlers.closed(1006);
    server.connector.retry();
    expect(server.sockets).toHaveLength(2);
    server.time.advance(5000);
    expect(server.sockets).toHaveLength(2);
  });

  it("asks to resume its session, until that is forgotten", () => {
    const server = new Scripted();
    server.connect();
    server.accept("r-1");
    server.socket.handlers.closed(1006);
    expect(server.connector.resumable).toBe(true);
    server.time.advance(0);
    server.socket.handlers.opened();
    expect(server.hellos.at(-1)).toMatchObject({ resume: "r-1", resume_from: { received: 3 } });
    server.socket.handlers.closed(1006);
    server.connector.forget();
    expect(server.connector.resumable).toBe(false);
    server.time.advance(5000);
    server.socket.handlers.opened();
    expect(server.hellos.at(-1)).toEqual(HELLO);
  });

  it("is given up when the server is silent", () => {
    const server = new Scripted();
    server.connect();
    server.accept();
    server.connector.silent();
    expect(server.socket.closed).toBe(true);
    expect(server.states.at(-1)).toBe("waiting");
  });

  it("stays closed if the page does not want another one", () => {
    const server = new Scripted();
    server.connect(false);
    server.accept();
    server.socket.handlers.closed(1006);
    expect(server.connector.state).toBe("closed");
  });
});

describe("a socket that was replaced", () => {
  it("has no effect any more", () => {
    const server = new Scripted();
    server.connect();
    const [old] = server.sockets;
    server.connect();
    expect(old?.closed).toBe(true);
    old?.handlers.opened();
    old?.handlers.frame("late");
    old?.handlers.closed(1006);
    expect(server.connector.state).toBe("connecting");
    expect(server.hellos).toEqual([]);
    expect(server.frames).toEqual([]);
    server.socket.handlers.frame("new");
    expect(server.frames).toEqual(["new"]);
  });
});

describe("a socket that opens too late", () => {
  it("is not the one that says hello", () => {
    const server = new Scripted();
    server.connect();
    server.accept();
    server.socket.handlers.closed(1006);
    server.time.advance(250);
    const late = server.socket;
    server.time.advance(10_500); // nothing came, and another one opens
    expect(server.sockets).toHaveLength(3);
    late.handlers.opened();
    expect(server.hellos).toHaveLength(1);
    server.socket.handlers.opened();
    expect(server.hellos).toHaveLength(2);
  });
});

describe("another connect", () => {
  it("closes the connection that is open, and goes to its own address", () => {
    const server = new Scripted();
    server.connect();
    server.accept();
    server.connector.connect("ws://other/v1", HELLO, true);
    expect(server.states.slice(2)).toEqual(["open", "closed", "connecting"]);
    expect(server.sockets.map(({ url, closed }) => [url, closed])).toEqual([
      [HERE, true],
      ["ws://other/v1", false],
    ]);
  });
});

describe("a goaway", () => {
  it("names the address of the next socket", () => {
    const server = new Scripted();
    server.connect();
    server.accept();
    expect(server.connector.goAway("ws://next:9000")).toBeNull();
    server.socket.handlers.closed(1012);
    server.time.advance(250);
    expect(server.socket.url).toBe("ws://next:9000/v1");
  });

  it("is followed for five attempts after each answer", () => {
    const server = new Scripted();
    server.connect();
    server.accept();
    server.connector.goAway("ws://next:9000/v1");
    const attempts = (count: number): void => {
      for (let i = 0; i < count; i++) {
        server.socket.handlers.closed(1006);
        server.time.advance(5000);
      }
    };
    attempts(4);
    server.accept();
    attempts(5);
    expect(new Set(server.sockets.slice(1).map(({ url }) => url))).toEqual(
      new Set(["ws://next:9000/v1"]),
    );
    attempts(1);
    expect(server.socket.url).toBe(HERE);
  });

  it("with a wrong address is an error of the server, and changes nothing", () => {
    const server = new Scripted();
    server.connect();
    server.accept();
    const error = server.connector.goAway("http://next:9000");
    expect(error?.failure).toMatchObject({ code: "message_invalid", fault: "server" });
    server.socket.handlers.closed(1012);
    server.time.advance(250);
    expect(server.socket.url).toBe(HERE);
  });
});
