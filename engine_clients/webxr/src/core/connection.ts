/** From hello to the end, over broken connections: one table of states. No sockets and no timers. */

import { FrametalkError } from "./errors";
import type { Hello, Welcome } from "./messages";

/**
 * idle: never connected. connecting: the socket opens. joining: hello was sent. open: welcome came.
 * waiting: it broke, and is tried again. closed: over.
 */
export type ConnectionState = "idle" | "connecting" | "joining" | "open" | "waiting" | "closed";

export interface ConnectionActions {
  /** Open a socket; one that is there is left behind. */
  open(): void;
  /** Leave the socket. */
  drop(): void;
  send(hello: Hello): void;
  /** Call `retry` after so long. */
  wait(ms: number): void;
  changed(state: ConnectionState, error: FrametalkError | null, retryMs: number | null): void;
}

const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 5000];
const RESUME_WITHIN_MS = 30_000;
const NEVER_AGAIN = 1008; // what is wrong will be wrong again
const OVER = 1000;

export class Connection {
  state: ConnectionState = "idle";
  private attempts = 0;
  private welcomed = false;
  private token = "";
  private brokeAtMs = 0;
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
    const fresh = nowMs - this.brokeAtMs <= RESUME_WITHIN_MS;
    const resume = this.token && fresh ? { resume: this.token } : {};
    this.become("joining");
    this.actions.send({ ...this.hello, ...resume });
  }

  welcome(welcome: Welcome): void {
    if (this.state !== "joining") return;
    this.attempts = 0;
    this.welcomed = true;
    this.token = welcome.resume ?? "";
    this.become("open");
  }

  /** The server said why it is going to end the session. */
  failed(error: FrametalkError): void {
    this.fatal = error;
  }

  /** Try again now: somebody knows that the network is back. */
  retry(): void {
    if (this.state === "waiting") this.open();
  }

  /** The socket is gone. */
  broke(code: number, nowMs: number): void {
    if (this.state === "idle" || this.state === "closed" || this.state === "waiting") return;
    const error = this.fatal ?? reasonOf(code, this.state);
    if (this.state === "open") this.brokeAtMs = nowMs;
    const again = this.reconnect && this.welcomed && code !== NEVER_AGAIN && code !== OVER;
    if (!again) {
      this.become("closed", code === OVER ? null : error);
      return;
    }
    const ms = BACKOFF_MS[Math.min(this.attempts++, BACKOFF_MS.length - 1)] as number;
    this.become("waiting", error, ms);
    this.actions.wait(ms);
  }

  /** We leave. */
  stop(): void {
    if (this.state === "closed" || this.state === "idle") return;
    this.actions.drop();
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
      text: "no frametalk server answers there, or it refuses this page",
      stage: "link",
      fault: "user",
      remedy:
        "start `frametalk serve`, and look at the address; a page of another site may not connect",
      fatal: true,
    });
  }
  return new FrametalkError({
    code: code === 1001 ? "server_stopped" : "connection_lost",
    text: `the connection ended (${code})`,
    stage: "link",
    fault: code === 1011 ? "server" : "",
    remedy: "is the server running, and the network up?",
    fatal: true,
  });
}
