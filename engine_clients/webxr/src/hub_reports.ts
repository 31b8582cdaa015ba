/** What the hub reports, carried into the session: its state, its parts, and the page's events. */

import type { Microphone } from "./audio/mic";
import type { ConnectionState } from "./core/connection";
import type { Emitter } from "./core/emitter";
import { FrametalkError } from "./core/errors";
import type { Focus } from "./core/focus";
import type { Latency } from "./core/latency";
import type { Lips } from "./core/lips";
import type { ServerMessage, TurnState, Welcome } from "./core/messages";
import type { HubEvent } from "./core/protocol";
import type { Transport } from "./core/route";
import type { Scene } from "./core/scene";
import type { Tools } from "./core/tools";
import type { SessionEvents } from "./events";
import type { Peer } from "./peer";

/** The parts of a session that reports change. */
export interface ReportedSession extends Pick<Emitter<SessionEvents>, "emit"> {
  welcome: Welcome | null;
  turn: TurnState | null;
  readonly latency: Pick<Latency, "add" | "stats">;
  readonly mic: Pick<Microphone, "sent">;
  readonly scene: Pick<Scene, "acked" | "resend" | "resync">;
  readonly tools: Pick<Tools, "call" | "cancel" | "reset">;
  readonly focus: Pick<Focus, "reset">;
}

/** Takes the hub's events. */
export class HubReports {
  /** The connection's state. */
  state: ConnectionState = "idle";
  /** The session goes on as soon as there is a connection. */
  resumable = false;
  /** What carries the microphone. */
  transport: Transport = "websocket";

  constructor(
    private readonly session: ReportedSession,
    private readonly lips: Pick<Lips, "begin" | "marks">,
    private readonly peer: Pick<Peer, "answer" | "close" | "open">,
    private readonly sendClock: () => void,
  ) {}

  take(event: HubEvent): void {
    const { session } = this;
    switch (event.on) {
      case "message":
        return this.message(event.message);
      case "state":
        return this.connection(event);
      case "sounding":
        return session.emit("reply", { phase: "sounding", reply: event.reply });
      case "ended": {
        const { reply, sample, how } = event;
        return session.emit("reply", { phase: "ended", reply, sample, how });
      }
      case "caption":
        return session.emit("caption", { reply: event.reply, text: event.text, at: event.at });
      case "mark":
        return session.emit("mark", { reply: event.reply, mark: event.mark });
      case "tool":
        void session.tools.call(event.call);
        return;
      case "mic":
        return session.mic.sent(event.open);
      case "transport":
        this.transport = event.transport;
        return session.emit("transport", { microphone: event.transport, reason: event.reason });
      case "peer":
        return this.peerTo(event);
      case "stats":
        session.latency.stats = event.stats;
        return session.emit("stats", event.stats);
      case "failure":
        return session.emit("error", new FrametalkError(event.failure));
    }
  }

  /** The page has closed the session: what the hub reports of its connection after this changes nothing. */
  close(): void {
    if (this.state === "closed" || this.state === "idle") return;
    this.state = "closed";
    const closed = { state: "closed", error: null, retryMs: null, resumable: false } as const;
    this.session.emit("connection", closed);
  }

  private peerTo(event: Extract<HubEvent, { on: "peer" }>): void {
    if (event.do === "open") void this.peer.open(event.iceServers);
    else if (event.do === "answer") void this.peer.answer(event.sdp);
    else this.peer.close();
  }

  private connection(event: Extract<HubEvent, { on: "state" }>): void {
    if (this.state === "closed") return;
    const { state, failure, retryMs, resumable } = event;
    this.state = state;
    this.resumable = resumable;
    if ((state === "waiting" || state === "closed") && !resumable) this.session.turn = null;
    const error = failure ? new FrametalkError(failure) : null;
    this.session.emit("connection", { state, error, retryMs, resumable });
    if (error && !resumable) this.session.emit("error", error);
  }

  private message(message: ServerMessage): void {
    const { session } = this;
    switch (message.type) {
      case "welcome":
        return this.welcomed(message);
      case "turn.state":
        session.turn = message;
        return session.emit("turn", message);
      case "transcript":
        return session.emit("transcript", message);
      case "reply.begin": {
        const { reply, turn, character = "", rate_hz: rateHz } = message;
        this.lips.begin(reply, rateHz);
        this.sendClock();
        return session.emit("reply", { phase: "begin", reply, turn, character, rateHz });
      }
      case "reply.marks":
        return this.lips.marks(message.reply, message.marks);
      case "tool.cancel":
        return session.tools.cancel(message.call);
      case "scene.ack":
        return session.scene.acked(message.rev);
      case "scene.resync":
        return session.scene.resync();
      case "trace":
        return session.emit("latency", session.latency.add(message));
      case "goaway":
        return session.emit("goaway", message);
    }
  }

  private welcomed(welcome: Welcome): void {
    const { session } = this;
    session.welcome = welcome;
    if (!welcome.resumed) {
      session.turn = null;
      session.tools.reset();
      session.focus.reset();
      session.scene.resend();
    }
    session.emit("welcome", welcome);
  }
}
