/** The connection's states from hello to the end, with reconnecting. No sockets and no timers. */

import { FrametalkError } from "./errors";
import type { Hello, ResumeFrom, Welcome } from "./messages";

/**
 * `idle`: never connected. `connecting`: the socket opens. `joining`: hello was sent. `open`: welcome came.
 * `waiting`: the connection was lost and is opened again later. `closed`: ended.
 */
export type ConnectionState = "idle" | "connecting" | "joining" | "open" | "waiting" | "closed";

/** What the hub does for its connection. */
export interface ConnectionActions {
  /** Open a socket and close a previous one. */
  open(): void;
  /** Close the socket. */
  closeSocket(): void;
  send(hello: Hello): void;
  /** Call `retry` after `ms`. */
  wait(ms: number): void;
  /** How far this client is, for a session that is resumed. */
  counts(): ResumeFrom;
  changed(state: ConnectionState, error: FrametalkError | null, retryMs: number | null): void;
}

const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 5000];
const RESUME_BACKOFF_MS = [0, 100, 250, 500, 1000]; // it costs the server little
const POLICY_VIOLATION = 1008; // the same refusal would follow
const NORMAL = 1000;
const GOING_AWAY = 1001; // the server stops, and with it the session
const TRY_AGAIN_LATER = 1013; // no room now

/** The state machine of one connection. */
export class Connection {
  state: ConnectionState = "idle";
  private attempts = 0;
  private welcomed = false;
  private token = "";
  private windowMs = 0;
  private lostAtMs = 0;
  private fatal: FrametalkError | null = null;

  constructor(
    private readonly hello: Hello,
    private readonly reconnect: boolean,
    private readonly actions: ConnectionActions,
  ) {}

  start(): void {
    if (this.state !== "idle" && this.state !== "closed") return;
    this.attempts = 0;
    this.welcomed = false;
    this.token = "";
    this.open();
  }

  /** The socket is open: say hello. */
  opened(nowMs: number): void {
    if (this.state !== "connecting") return;
    const resume = this.resumable(nowMs)
      ? { resume: this.token, resume_from: this.actions.counts() }
      : {};
    this.become("joining");
    this.actions.send({ ...this.hello, ...resume });
  }

  /** Whether the session can be resumed: the connection is lost, and not for too long. */
  resumable(nowMs: number): boolean {
    return this.token !== "" && nowMs - this.lostAtMs <= this.windowMs;
  }

  /** The session cannot be resumed any more. */
  forget(): void {
    this.token = "";
  }

  welcome(welcome: Welcome): void {
    if (this.state !== "joining") return;
    this.attempts = 0;
    this.welcomed = true;
    this.token = welcome.resume ?? "";
    this.windowMs = welcome.limits.resume_ms ?? 0;
    this.become("open");
  }

  /** The server sent a fatal error: the reason of the close that follows. */
  failed(error: FrametalkError): void {
    this.fatal = error;
  }

  /** Try again now: the network is back. */
  retry(): void {
    if (this.state === "waiting") this.open();
  }

  /** The socket was closed, with this WebSocket close code. */
  lost(code: number, nowMs: number): void {
    if (this.state === "idle" || this.state === "closed" || this.state === "waiting") return;
    const error = this.fatal ?? reasonOf(code, this.state);
    if (this.state === "open") this.lostAtMs = nowMs;
    if (code === GOING_AWAY) this.forget();
    const final = code === POLICY_VIOLATION || code === NORMAL;
    const mayComeBack = this.welcomed || code === TRY_AGAIN_LATER;
    if (!this.reconnect || final || !mayComeBack) {
      this.become("closed", code === NORMAL ? null : error);
      return;
    }
    const backoff = this.resumable(nowMs) ? RESUME_BACKOFF_MS : BACKOFF_MS;
    const usual = backoff[Math.min(this.attempts++, backoff.length - 1)] as number;
    const ms = Math.max(usual, this.fatal?.retryAfterMs ?? 0);
    this.become("waiting", error, ms);
    this.actions.wait(ms);
  }

  /** Close the connection for good. */
  stop(): void {
    if (this.state === "closed" || this.state === "idle") return;
    this.actions.closeSocket();
    this.become("closed");
  }

  private open(): void {
    this.fatal = null;
    this.become("connecting");
    this.actions.open();
  }

  private become(state: ConnectionState, error: FrametalkError | null = null, retryMs = -1): void {
    this.state = state;
    this.actions.changed(state, error, retryMs < 0 ? null : retryMs);
  }
}

function reasonOf(code: number, state: ConnectionState): FrametalkError {
  if (state === "connecting") {
    return new FrametalkError({
      code: "cannot_connect",
      text: "no frametalk server answers at that address, or it refuses this page",
      stage: "link",
      fault: "user",
      remedy:
        "start `frametalk serve`, and check the address; a page of another site may not connect",
      fatal: true,
    });
  }
  return new FrametalkError({
    code: code === GOING_AWAY ? "server_stopped" : "connection_lost",
    text: `the connection ended (${code})`,
    stage: "link",
    fault: code === 1011 ? "server" : "",
    remedy: "check whether the server runs and the network is up",
    fatal: true,
  });
}
