/** A session that outlives its connection: what each side has of the other, and how long it is kept. */

import type { ClientMessage, Received, Welcome } from "./messages";
import { Outgoing } from "./outgoing";
import { type After, Timers } from "./timers";

const ACK_EVERY_MS = 1000;

/** What the hub provides. */
export interface ResumptionEnv {
  after: After;
  send(message: ClientMessage): void;
  /** The session that was kept cannot be resumed any more. */
  lapsed(): void;
}

/** Counts the messages of both sides, and keeps what may not have arrived. */
export class Resumption {
  /** The server keeps this session when its connection breaks. */
  offered = false;
  /** The session goes on although there is no connection. */
  kept = false;
  /** What was sent and may not have arrived. */
  readonly out = new Outgoing();
  private seq = 0; // of the server's newest message
  private acked = 0;
  private windowMs = 0;
  private readonly timers: Timers<"ack" | "forget">;

  constructor(private readonly env: ResumptionEnv) {
    this.timers = new Timers(env.after);
  }

  /** The server has welcomed this session, or another one in its place. */
  welcome(welcome: Welcome): void {
    this.timers.clear("forget");
    if (welcome.resumed) this.out.confirm(welcome.received ?? 0, welcome.mic_sample ?? null);
    else {
      this.out.reset();
      this.seq = 0;
    }
    this.kept = false;
    this.acked = 0;
    this.offered = welcome.features?.includes("resume") ?? false;
    this.windowMs = welcome.limits.resume_ms ?? 0;
  }

  /** Confirm the server's messages from now on, until the connection is lost. */
  startAcks(): void {
    if (this.offered) this.timers.set("ack", ACK_EVERY_MS, () => this.ack());
  }

  /** The connection was lost or closed; `resumable`: the session is kept. */
  lost(resumable: boolean): void {
    this.timers.clear("ack");
    if (resumable && !this.kept) this.timers.set("forget", this.windowMs, () => this.forget());
    this.kept = resumable;
  }

  /** It took too long, or too much was dropped: the session cannot be resumed any more. */
  forget(): void {
    this.env.lapsed();
    this.kept = false;
  }

  /** A control message is sent, or would be if there were a connection; `bytes` is its encoded form. */
  sent(message: ClientMessage, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.offered) this.out.message(message, bytes);
  }

  /** The server has so much of what was sent. */
  confirmed(received: Received): void {
    this.out.confirm(received.messages, received.mic_sample ?? null);
  }

  /** Whether a message of the server came before: it is a repetition after a resume. */
  repeated(seq: number): boolean {
    return seq > 0 && seq <= this.seq;
  }

  /** A message of the server has come. */
  count(seq: number): void {
    this.seq = Math.max(this.seq, seq);
  }

  /** How far both sides' messages are, for hello. */
  get counts() {
    return { received: this.seq, ...this.out.counts };
  }

  private ack(): void {
    if (this.seq > this.acked || this.out.waits) this.env.send({ type: "ack", acked: this.seq });
    this.acked = this.seq;
    this.startAcks();
  }
}
