/** Pings both ways: how far apart the clocks are, and whether the server is still there. */

import type { ClockEstimate } from "./clock";
import type { Ping, Pong } from "./messages";
import { type After, Timers } from "./timers";

const FIRST_PINGS_MS = [0, 250, 500];
const PING_EVERY_MS = 1000;
const SILENT_MS = 15_000; // pongs come every second, so after this the server is gone
const RESUMABLE_SILENT_MS = 5000; // a session that can be resumed loses nothing by a mistake

/** What the hub provides. */
export interface PingsEnv {
  nowUs(): number;
  after: After;
  send(message: Ping | Pong): void;
  /** A ping came back. */
  returned(roundTripMs: number): void;
  /** Nothing has come from the server for too long. */
  silent(): void;
}

/** Pings the server while there is a connection, and answers its pings. */
export class Pings {
  private readonly sentUs = new Map<number, number>(); // by the ping's id, until it comes back
  private newest = 0;
  private lastFrameUs = 0;
  private silentMs = SILENT_MS;
  private readonly timers: Timers<"ping">;

  constructor(
    private readonly env: PingsEnv,
    private readonly estimate: ClockEstimate,
  ) {
    this.timers = new Timers(env.after);
  }

  /** There is a connection. */
  start(resumable: boolean): void {
    this.silentMs = resumable ? RESUMABLE_SILENT_MS : SILENT_MS;
    this.frame();
    this.ping(0);
  }

  /** There is no connection any more. */
  stop(): void {
    this.timers.clear("ping");
    this.sentUs.clear();
  }

  /** Something has come from the server. */
  frame(): void {
    this.lastFrameUs = this.env.nowUs();
  }

  /** The server asks for our clock. */
  answer({ id, t_us }: Ping): void {
    const nowUs = this.env.nowUs();
    this.env.send({ type: "pong", id, t_us, received_us: nowUs, sent_us: this.env.nowUs() });
  }

  /** The server answers a ping. */
  pong(pong: Pong): void {
    const sentUs = this.sentUs.get(pong.id);
    if (sentUs === undefined || sentUs !== pong.t_us) return;
    this.sentUs.delete(pong.id);
    this.estimate.add(sentUs, pong.received_us, pong.sent_us, this.env.nowUs());
    this.env.returned((this.env.nowUs() - sentUs) / 1000);
  }

  private ping(index: number): void {
    const nowUs = this.env.nowUs();
    if (nowUs - this.lastFrameUs > this.silentMs * 1000) {
      this.env.silent();
      return;
    }
    const id = ++this.newest;
    this.sentUs.set(id, nowUs);
    if (this.sentUs.size > FIRST_PINGS_MS.length)
      this.sentUs.delete(Math.min(...this.sentUs.keys()));
    this.env.send({ type: "ping", id, t_us: nowUs });
    const gap = (FIRST_PINGS_MS[index + 1] ?? Number.NaN) - (FIRST_PINGS_MS[index] ?? Number.NaN);
    const ms = Number.isNaN(gap) ? PING_EVERY_MS : gap;
    this.timers.set("ping", ms, () => this.ping(index + 1));
  }
}
