/** Where and when a session connects: one socket after the other, each to the address that is next. */

import { Address } from "./address";
import { Connection, type ConnectionActions, type ConnectionState } from "./connection";
import { FrametalkError } from "./errors";
import type { Hello, Welcome } from "./messages";
import { type After, Timers } from "./timers";

/** The parts of a WebSocket that are used here. */
export interface Socket {
  send(data: ArrayBuffer | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** What a socket reports. */
export interface SocketHandlers {
  opened(): void;
  frame(frame: string | ArrayBuffer): void;
  closed(code: number): void;
}

/** A clock, timers and sockets, which tests replace. */
export interface SocketEnv {
  /** A monotonic clock, whole microseconds. */
  nowUs(): number;
  after: After;
  socket(url: string, handlers: SocketHandlers): Socket;
}

/** What the hub provides to its connector. */
export interface ConnectorEnv
  extends SocketEnv,
    Pick<ConnectionActions, "send" | "counts" | "changed"> {
  frame(frame: string | ArrayBuffer): void;
}

const JOIN_WITHIN_MS = 10_000;
const ABNORMAL = 1006; // the close code of a connection that broke

/** Opens a session's sockets. */
export class Connector {
  private connection: Connection | null = null;
  private address: Address | null = null;
  private socket: Socket | null = null;
  private readonly timers: Timers<"join" | "retry">;

  constructor(private readonly env: ConnectorEnv) {
    this.timers = new Timers(env.after);
  }

  get state(): ConnectionState {
    return this.connection?.state ?? "idle";
  }

  /** Whether a message can be sent; before welcome, only a greeting can. */
  takes(greeting: boolean): boolean {
    const { state, socket } = this;
    return socket !== null && (state === "open" || (state === "joining" && greeting));
  }

  /** Whether the session can be resumed. */
  get resumable(): boolean {
    return this.connection?.resumable(this.nowMs) ?? false;
  }

  // ---- connecting ---------------------------------------------------------------------------------

  /** Connect to the page's address, in place of an earlier connection. */
  connect(url: string, hello: Hello, reconnect: boolean): void {
    this.stop();
    const { send, counts, changed } = this.env;
    const address = new Address(url);
    const connection = new Connection(hello, reconnect, {
      open: () => this.open(address.next(), connection),
      closeSocket: () => this.closeSocket(),
      wait: (ms) => this.timers.set("retry", ms, () => connection.retry()),
      send,
      counts,
      changed: (state, error, retryMs) => {
        if (state === "waiting" || state === "closed") this.timers.clear("join");
        changed(state, error, retryMs);
      },
    });
    this.address = address;
    this.connection = connection;
    connection.start();
  }

  /** Connect again now: the network is back. */
  retry(): void {
    this.connection?.retry();
  }

  /** Close the connection for good. */
  stop(): void {
    this.connection?.stop();
  }

  send(data: ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    this.socket?.send(data);
  }

  // ---- what the server said -----------------------------------------------------------------------

  welcome(welcome: Welcome): void {
    this.timers.clear("join");
    this.answered();
    this.connection?.welcome(welcome);
  }

  /** The server answers at this address, if only with a refusal. */
  answered(): void {
    this.address?.answered();
  }

  /** A fatal error: the reason of the close that follows. */
  failed(error: FrametalkError): void {
    this.connection?.failed(error);
  }

  /** The server is going to stop, and may say where to connect next. Returns what is wrong with that. */
  goAway(url: string): FrametalkError | null {
    const text = this.address?.leave(url);
    if (!text) return null;
    const code = "message_invalid";
    const remedy = "see the setting server.successor_url of that server";
    return new FrametalkError({ code, text, stage: "wire", fault: "server", remedy });
  }

  /** The server does not answer: give this socket up. */
  silent(): void {
    this.closeSocket();
    this.connection?.lost(ABNORMAL, this.nowMs);
  }

  /** The session cannot be resumed any more. */
  forget(): void {
    this.connection?.forget();
  }

  // ---- sockets --------------------------------------------------------------------------------------

  private get nowMs(): number {
    return this.env.nowUs() / 1000;
  }

  private open(url: string, connection: Connection): void {
    this.closeSocket();
    let current: Socket | null = null;
    const lost = (code: number): void => {
      if (current !== this.socket) return;
      this.socket = null;
      connection.lost(code, this.nowMs);
    };
    try {
      current = this.env.socket(url, {
        opened: () => {
          if (current === this.socket) connection.opened(this.nowMs);
        },
        frame: (frame) => {
          if (current === this.socket) this.env.frame(frame);
        },
        closed: lost,
      });
    } catch {
      // An invalid address, or one that this page may not use.
      this.env.after(0, () => lost(ABNORMAL));
    }
    this.socket = current;
    this.timers.set("join", JOIN_WITHIN_MS, () => this.silent());
  }

  private closeSocket(): void {
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }
}
