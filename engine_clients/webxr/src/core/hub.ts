/** One session without a page: its connection, uplink and downlink. It runs in a Worker. */

import { ClockEstimate } from "./clock";
import { decodeFrame, encodeControl, isMedia } from "./codec";
import { Connection } from "./connection";
import { Downlink, PLAYED_EVERY_MS } from "./downlink";
import { FrametalkError } from "./errors";
import type { ClientMessage, ErrorMessage, Ping, Pong, ServerMessage, Welcome } from "./messages";
import type { PlayStatus } from "./playout";
import type {
  AudioClock,
  CaptureCommand,
  Captured,
  Command,
  HubEvent,
  PlayCommand,
  Port,
} from "./protocol";
import { StatsKeeper } from "./stats";
import { Uplink } from "./uplink";

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

/** The hub's clock, timers and sockets, which tests replace. */
export interface HubEnv {
  /** A monotonic clock, whole microseconds. */
  nowUs(): number;
  /** Call `act` after `ms`; returns a function that cancels it. */
  after(ms: number, act: () => void): () => void;
  socket(url: string, handlers: SocketHandlers): Socket;
  emit(event: HubEvent): void;
}

const FIRST_PINGS_MS = [0, 250, 500];
const PING_EVERY_MS = 1000;
const STATS_EVERY_MS = 1000;
const ACK_EVERY_MS = 1000;
const SILENT_MS = 15_000; // pongs come every second, so after this the server is gone
const JOIN_WITHIN_MS = 10_000;

/** Connects a session's page, worklets and server. */
export class Hub {
  private connection: Connection | null = null;
  private socket: Socket | null = null;
  private audio: AudioClock | null = null;
  private seq = 0;
  private acked = 0;
  private pings = new Map<number, number>();
  private pingId = 0;
  private lastFrameUs = 0;
  private resumable = false;
  private readonly timers = new Map<string, () => void>();
  private readonly estimate = new ClockEstimate();
  private readonly stats = new StatsKeeper(this.estimate);
  private readonly up: Uplink;
  private readonly down: Downlink;

  constructor(private readonly env: HubEnv) {
    const clock = (): AudioClock | null => this.audio;
    const send = (message: ClientMessage): void => this.send(message);
    const emit = (event: HubEvent): void => env.emit(event);
    this.up = new Uplink(
      {
        nowUs: () => env.nowUs(),
        after: (ms, act) => env.after(ms, act),
        send,
        sendFrame: (frame) => this.socket?.send(frame),
        changed: (open) => emit({ on: "mic", open }),
      },
      this.stats,
    );
    this.down = new Downlink(
      {
        nowUs: () => env.nowUs(),
        wake: (ms) => this.timer("ledger", ms, () => this.down.step()),
        report: send,
        surroundings: () => this.surroundings(),
        emit,
      },
      this.stats,
      clock,
    );
  }

  // ---- from the page and the worklets -----------------------------------------------------------

  attachCapture(port: Port<CaptureCommand>): void {
    this.up.attach(port);
  }

  attachPlayback(port: Port<PlayCommand>): void {
    this.down.attach(port);
  }

  captured(captured: Captured): void {
    this.up.captured(captured);
  }

  status(status: PlayStatus): void {
    this.down.status(status);
  }

  command(command: Command): void {
    switch (command.do) {
      case "connect":
        this.connect(command.url, command);
        break;
      case "disconnect":
        this.disconnect(command.reason);
        break;
      case "retry":
        this.connection?.retry();
        break;
      case "send":
        this.send(command.message);
        break;
      case "mic":
        this.up.set(command.mode, command.inputLatencyS);
        break;
      case "press":
        if (this.down.reply !== null) this.send({ type: "interrupt" });
        this.up.press();
        break;
      case "release":
        this.up.release();
        break;
      case "audio":
        if (this.audio?.running && !command.clock.running) this.down.stall();
        this.audio = command.clock;
        break;
      case "micClock":
        this.up.setClock(command.renderOffsetUs);
        break;
    }
  }

  // ---- the connection ---------------------------------------------------------------------------

  private connect(url: string, how: Extract<Command, { do: "connect" }>): void {
    this.connection?.stop();
    const connection = new Connection(how.hello, how.reconnect, {
      open: () => this.openSocket(url, connection),
      closeSocket: () => this.closeSocket(),
      send: (hello) => this.send(hello),
      wait: (ms) => this.timer("retry", ms, () => connection.retry()),
      changed: (state, error, retryMs) => {
        if (state === "waiting" || state === "closed") this.disconnected();
        this.env.emit({ on: "state", state, failure: error?.failure ?? null, retryMs });
      },
    });
    this.connection = connection;
    connection.start();
  }

  private disconnect(reason: string): void {
    if (this.connection?.state === "open") this.send({ type: "bye", reason });
    this.connection?.stop();
  }

  private openSocket(url: string, connection: Connection): void {
    this.closeSocket();
    let current: Socket | null = null;
    const lost = (code: number): void => {
      if (current !== this.socket) return;
      this.socket = null;
      connection.lost(code, this.env.nowUs() / 1000);
    };
    try {
      current = this.env.socket(url, {
        opened: () => {
          if (current === this.socket) connection.opened(this.env.nowUs() / 1000);
        },
        frame: (frame) => {
          if (current === this.socket) this.frame(frame);
        },
        closed: lost,
      });
    } catch {
      // An invalid address, or one that this page may not use.
      this.env.after(0, () => lost(1006));
    }
    this.socket = current;
    this.timer("join", JOIN_WITHIN_MS, () => {
      this.closeSocket();
      connection.lost(1006, this.env.nowUs() / 1000);
    });
  }

  private closeSocket(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private joined(welcome: Welcome): void {
    this.clearTimer("join");
    if (!welcome.resumed) {
      this.estimate.reset();
      this.seq = 0;
    }
    this.acked = 0;
    this.resumable = welcome.features?.includes("resume") ?? false;
    this.down.playedEveryMs = Math.min(PLAYED_EVERY_MS, welcome.limits.played_every_ms);
    this.connection?.welcome(welcome);
    this.env.emit({ on: "message", message: welcome });
    this.up.join(welcome.mic_rates_hz, welcome.limits.mic_frame_ms);
    this.lastFrameUs = this.env.nowUs();
    this.ping(0);
    this.timer("stats", STATS_EVERY_MS, () => this.emitStats());
    if (this.resumable) this.timer("ack", ACK_EVERY_MS, () => this.ack());
  }

  private disconnected(): void {
    for (const name of ["join", "ping", "stats", "ack"]) this.clearTimer(name);
    this.pings.clear();
    this.up.leave();
    this.down.leave();
  }

  // ---- what comes ---------------------------------------------------------------------------------

  private frame(frame: string | ArrayBuffer): void {
    this.lastFrameUs = this.env.nowUs();
    try {
      if (typeof frame !== "string" && (new Uint8Array(frame)[0] ?? 0x80) < 0x80) {
        this.down.media(frame);
        return;
      }
      const message = decodeFrame(frame);
      if (!isMedia(message)) this.receive(message as ServerMessage);
    } catch (error) {
      if (!(error instanceof FrametalkError)) throw error;
      this.env.emit({ on: "failure", failure: { ...error.failure, fault: "server" } });
    }
  }

  private receive(message: ServerMessage): void {
    if (message.type === "ping") return this.pong(message);
    if (message.type === "pong") return this.ponged(message);
    if (message.type === "welcome") {
      if (this.connection?.state === "joining") this.joined(message);
    } else if ((message.seq ?? 0) > 0 && (message.seq ?? 0) <= this.seq) {
      return; // a repetition after a resume
    }
    this.seq = Math.max(this.seq, message.seq ?? 0);
    if (message.type === "error") return this.failed(message);
    if (message.type !== "tool.call" && message.type !== "welcome") {
      this.env.emit({ on: "message", message });
    }
    this.dispatch(message);
  }

  private dispatch(message: ServerMessage): void {
    switch (message.type) {
      case "reply.begin":
        return this.down.begin(message);
      case "reply.text":
        return this.down.text(message);
      case "reply.marks":
        return this.down.marks(message);
      case "reply.end":
        return this.down.end(message);
      case "reply.cut":
        return this.down.cut(message);
      case "turn.state":
        return this.down.turn(message);
      case "tool.call":
        return this.down.tool(message);
    }
  }

  private failed(message: ErrorMessage): void {
    const { code, text = "", stage = "", remedy = "", fatal = false } = message;
    const fault = (message.fault ?? "") as FrametalkError["fault"];
    const error = new FrametalkError({ code, text, stage, fault, remedy, fatal });
    if (fatal) this.connection?.failed(error);
    else this.env.emit({ on: "failure", failure: error.failure });
  }

  // ---- clocks -------------------------------------------------------------------------------------

  private ping(index: number): void {
    if (this.env.nowUs() - this.lastFrameUs > SILENT_MS * 1000) {
      this.closeSocket();
      this.connection?.lost(1006, this.env.nowUs() / 1000);
      return;
    }
    const nowUs = this.env.nowUs();
    const id = ++this.pingId;
    this.pings.set(id, nowUs);
    if (this.pings.size > FIRST_PINGS_MS.length) this.pings.delete(Math.min(...this.pings.keys()));
    this.send({ type: "ping", id, t_us: nowUs });
    const gap = (FIRST_PINGS_MS[index + 1] ?? Number.NaN) - (FIRST_PINGS_MS[index] ?? Number.NaN);
    this.timer("ping", Number.isNaN(gap) ? PING_EVERY_MS : gap, () => this.ping(index + 1));
  }

  private pong(ping: Ping): void {
    const nowUs = this.env.nowUs();
    const { id, t_us } = ping;
    this.send({ type: "pong", id, t_us, received_us: nowUs, sent_us: this.env.nowUs() });
  }

  private ponged(pong: Pong): void {
    const sentUs = this.pings.get(pong.id);
    if (sentUs === undefined || sentUs !== pong.t_us) return;
    this.pings.delete(pong.id);
    this.estimate.add(sentUs, pong.received_us, pong.sent_us, this.env.nowUs());
  }

  private surroundings(): { t_us: number; mic_sample: number | null } {
    const nowUs = this.env.nowUs();
    return { t_us: nowUs, mic_sample: this.up.sampleAt(nowUs) };
  }

  // ---- what goes ----------------------------------------------------------------------------------

  private send(message: ClientMessage): void {
    const state = this.connection?.state;
    if (!this.socket || (state !== "open" && !(state === "joining" && isGreeting(message)))) return;
    try {
      this.socket.send(encodeControl(message));
    } catch (error) {
      if (!(error instanceof FrametalkError)) throw error;
      this.env.emit({ on: "failure", failure: error.failure });
    }
  }

  private ack(): void {
    if (this.seq > this.acked) this.send({ type: "ack", acked: this.seq });
    this.acked = this.seq;
    this.timer("ack", ACK_EVERY_MS, () => this.ack());
  }

  private emitStats(): void {
    this.env.emit({ on: "stats", stats: this.stats.stats });
    this.timer("stats", STATS_EVERY_MS, () => this.emitStats());
  }

  private timer(name: string, ms: number, act: () => void): void {
    this.clearTimer(name);
    this.timers.set(name, this.env.after(ms, act));
  }

  private clearTimer(name: string): void {
    this.timers.get(name)?.();
    this.timers.delete(name);
  }
}

function isGreeting(message: ClientMessage): boolean {
  return message.type === "hello" || message.type === "pong";
}
