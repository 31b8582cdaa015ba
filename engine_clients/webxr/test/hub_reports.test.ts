import { describe, expect, it } from "vitest";
import { Emitter } from "../src/core/emitter";
import type { Failure } from "../src/core/errors";
import { Latency } from "../src/core/latency";
import type { ServerMessage, TurnState, Welcome } from "../src/core/messages";
import type { HubEvent } from "../src/core/protocol";
import type { Stats } from "../src/core/stats";
import type { SessionEvents } from "../src/events";
import { HubReports, type ReportedSession } from "../src/hub_reports";

const FAILURE: Failure = {
  code: "connection_lost",
  text: "",
  stage: "link",
  fault: "",
  remedy: "",
  fatal: true,
};

/** A session whose parts note each call. */
class Reported extends Emitter<SessionEvents> implements ReportedSession {
  welcome: Welcome | null = null;
  turn: TurnState | null = null;
  readonly done: string[] = []; // calls of the parts
  readonly latency = new Latency();
  readonly mic = { sent: (open: boolean) => this.note(`mic ${open}`) };
  readonly scene = {
    acked: (rev: number) => this.note(`scene acked ${rev}`),
    resend: () => this.note("scene resend"),
    resync: () => this.note("scene resync"),
  };
  readonly tools = {
    call: async ({ call }: { call: number }) => this.note(`call ${call}`),
    cancel: (call: number) => this.note(`cancel ${call}`),
    reset: () => this.note("tools reset"),
  };
  readonly focus = { reset: () => this.note("focus reset") };
  readonly reports = new HubReports(
    this,
    {
      begin: (reply, rateHz) => this.note(`lips ${reply} ${rateHz}`),
      marks: (reply, marks) => this.note(`lips ${reply} ${marks.length} marks`),
    },
    {
      open: async (servers) => this.note(`peer open ${servers.length}`),
      answer: async (sdp) => this.note(`peer answer ${sdp}`),
      close: () => this.note("peer close"),
    },
    () => this.note("clock"),
  );

  take(event: HubEvent): void {
    this.reports.take(event);
  }

  message(message: Record<string, unknown> & { type: ServerMessage["type"] }): void {
    this.take({ on: "message", message: message as unknown as ServerMessage });
  }

  /** The page's events of one name, from now on. */
  events<K extends keyof SessionEvents>(name: K): SessionEvents[K][] {
    const events: SessionEvents[K][] = [];
    this.on(name, (event) => events.push(event));
    return events;
  }

  private note(what: string): void {
    this.done.push(what);
  }
}

function state(
  state: Extract<HubEvent, { on: "state" }>["state"],
  more: Partial<Extract<HubEvent, { on: "state" }>> = {},
): HubEvent {
  return { on: "state", state, failure: null, retryMs: null, resumable: false, ...more };
}

const TURN = { type: "turn.state", seq: 2, state: "thinking", turn: 1 } as const;

describe("the connection", () => {
  it("is reported with its state", () => {
    const session = new Reported();
    const connections = session.events("connection");
    expect(session.reports.state).toBe("idle");
    session.take(state("connecting"));
    expect(session.reports.state).toBe("connecting");
    expect(connections).toEqual([
      { state: "connecting", error: null, retryMs: null, resumable: false },
    ]);
  });

  it("that is lost ends the turn and is an error", () => {
    const session = new Reported();
    const errors = session.events("error");
    session.message(TURN);
    session.take(state("waiting", { failure: FAILURE, retryMs: 250 }));
    expect(session.turn).toBeNull();
    expect(errors).toMatchObject([{ code: "connection_lost" }]);
  });

  it("that is lost and can be resumed is no error, and the turn goes on", () => {
    const session = new Reported();
    const errors = session.events("error");
    session.message(TURN);
    session.take(state("waiting", { failure: FAILURE, retryMs: 0, resumable: true }));
    expect(session.reports.resumable).toBe(true);
    expect(session.turn).toMatchObject(TURN);
    expect(errors).toEqual([]);
  });

  it("that the page closes is closed once, and stays so", () => {
    const session = new Reported();
    session.take(state("open"));
    const connections = session.events("connection");
    session.reports.close();
    session.reports.close();
    session.take(state("waiting"));
    expect(connections.map(({ state }) => state)).toEqual(["closed"]);
    expect(session.reports.state).toBe("closed");
  });

  it("that never was is not reported as closed", () => {
    const session = new Reported();
    const connections = session.events("connection");
    session.reports.close();
    expect(connections).toEqual([]);
  });
});

describe("welcome", () => {
  const WELCOME = { type: "welcome", seq: 1, session: "s" } as const;

  it("of another session starts the scene, the tools and the focus anew", () => {
    const session = new Reported();
    const welcomes = session.events("welcome");
    session.message(TURN);
    session.message(WELCOME);
    expect(session.welcome).toMatchObject(WELCOME);
    expect(session.turn).toBeNull();
    expect(session.done).toEqual(["tools reset", "focus reset", "scene resend"]);
    expect(welcomes).toHaveLength(1);
  });

  it("of a session that goes on leaves them as they are", () => {
    const session = new Reported();
    session.message(TURN);
    session.message({ ...WELCOME, resumed: true });
    expect(session.welcome?.resumed).toBe(true);
    expect(session.turn).toMatchObject(TURN);
    expect(session.done).toEqual([]);
  });
});

describe("a reply", () => {
  it("is reported from its beginning to its end", () => {
    const session = new Reported();
    const replies = session.events("reply");
    const captions = session.events("caption");
    const marks = session.events("mark");
    const nod = { kind: "gesture", at: 5, end: 5, name: "nod" } as const;
    session.message({ type: "reply.begin", reply: 1, turn: 2, stream: 1, rate_hz: 24_000 });
    session.message({ type: "reply.marks", reply: 1, marks: [nod] });
    session.take({ on: "sounding", reply: 1 });
    session.take({ on: "caption", reply: 1, text: "Hello.", at: 0 });
    session.take({ on: "mark", reply: 1, mark: nod });
    session.take({ on: "ended", reply: 1, sample: 480, how: "finished" });
    expect(replies).toEqual([
      { phase: "begin", reply: 1, turn: 2, character: "", rateHz: 24_000 },
      { phase: "sounding", reply: 1 },
      { phase: "ended", reply: 1, sample: 480, how: "finished" },
    ]);
    expect(captions).toEqual([{ reply: 1, text: "Hello.", at: 0 }]);
    expect(marks).toEqual([{ reply: 1, mark: nod }]);
    expect(session.done).toEqual(["lips 1 24000", "clock", "lips 1 1 marks"]);
  });
});

describe("what is for a part of the session", () => {
  it.each<[string, HubEvent]>([
    [
      "call 5",
      { on: "tool", call: { type: "tool.call", seq: 2, call: 5, name: "open", deadline_ms: 1 } },
    ],
    ["cancel 5", { on: "message", message: { type: "tool.cancel", seq: 2, call: 5 } }],
    ["scene acked 3", { on: "message", message: { type: "scene.ack", seq: 2, rev: 3 } }],
    ["scene resync", { on: "message", message: { type: "scene.resync", seq: 2, rev: 3 } }],
    ["mic true", { on: "mic", open: true }],
    ["peer open 1", { on: "peer", do: "open", iceServers: [{ urls: ["stun:there"] }] }],
    ["peer answer sdp", { on: "peer", do: "answer", sdp: "sdp" }],
    ["peer close", { on: "peer", do: "close" }],
  ])("reaches it: %s", (done, event) => {
    const session = new Reported();
    session.take(event);
    expect(session.done).toEqual([done]);
  });
});

describe("other reports", () => {
  it("are events of the page", () => {
    const session = new Reported();
    const transports = session.events("transport");
    const errors = session.events("error");
    const transcripts = session.events("transcript");
    const goaways = session.events("goaway");
    const turns = session.events("turn");
    session.take({ on: "transport", transport: "webrtc", reason: "better" });
    session.take({ on: "failure", failure: FAILURE });
    session.message({ type: "transcript", turn: 1, rev: 1, text: "hello" });
    session.message({ type: "goaway", url: "ws://next" });
    session.message(TURN);
    expect(session.reports.transport).toBe("webrtc");
    expect(transports).toEqual([{ microphone: "webrtc", reason: "better" }]);
    expect(errors).toMatchObject([{ code: "connection_lost" }]);
    expect(transcripts).toMatchObject([{ text: "hello" }]);
    expect(goaways).toMatchObject([{ url: "ws://next" }]);
    expect(turns).toEqual([TURN]);
  });

  it("are kept with the session's times", () => {
    const session = new Reported();
    const stats = { underruns: 2 } as Stats;
    const waterfalls = session.events("latency");
    session.take({ on: "stats", stats });
    session.message({ type: "trace", turn: 1, reply: 1, mouth_to_ear_ms: 600 });
    expect(session.latency.stats).toBe(stats);
    expect(waterfalls).toMatchObject([{ turn: 1, mouthToEarMs: 600 }]);
  });
});
