/** One session without a page: its connection, uplink and downlink. It runs in a Worker. */

import { Address } from "./address";
import { ClockEstimate } from "./clock";
import { decodeFrame, encodeControl, isMedia } from "./codec";
import { Connection } from "./connection";
import { Downlink, PLAYED_EVERY_MS } from "./downlink";
import { FrametalkError } from "./errors";
import type { Surroundings } from "./ledger";
import type {
  ClientMessage,
  ErrorMessage,
  FrameCost,
  GoAway,
  Hello,
  Ping,
  Pong,
  ServerMessage,
  Welcome,
} from "./messages";
import type { OpusCoders } from "./opus";
import { Outgoing } from "./outgoing";
import type { PlayStatus } from "./playout";
import type {
  AudioClock,
  CaptureCommand,
  Captured,
  Command,
  HubEvent,
  PlayCommand,
  Port,
  TransportOption,
} from "./protocol";
import type { PeerChannel } from "./route";
import { StatsKeeper } from "./stats";
import { Upgrade } from "./upgrade";
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
const RESUMABLE_SILENT_MS = 5000; // a session that can be resumed loses nothing by a mistake
const JOIN_WITHIN_MS = 10_000;
/** Errors after which a peer connection is of no use: the microphone goes back, and nothing is lost. */
const PEER_ENDS = new Set(["rtc_sdp", "rtc_offers", "rtc_failed", "rtc_flood", "rtc_route"]);

/** Connects a session's page, worklets and server. */
export class Hub {
  private connection: Connection | null = null;
  private address: Address | null = null;
  private socket: Socket | null = null;
  private audio: AudioClock | null = null;
  private seq = 0;
  private acked = 0;
  private pings = new Map<number, number>();
  private pingId = 0;
  private lastFrameUs = 0;
  private windowMs = 0;
  private resumable = false;
  private opus: OpusCoders | null = null;
  private frameCost: FrameCost | null = null; // until it was sent
  private kept = false; // the session goes on although there is no connection
  private transport: TransportOption = "websocket";
  private readonly out = new Outgoing();
  private readonly media: Upgrade;
  private readonly timers = new Map<string, () => void>();
  private readonly estimate = new ClockEstimate();
  private readonly stats = new StatsKeeper(this.estimate);
  private readonly up: Uplink;
  private readonly down: Downlink;

  constructor(private readonly env: HubEnv) {
    const clock = (): AudioClock | null => this.audio;
    const send = (message: ClientMessage): void => this.send(message);
    const emit = (event: HubEvent): void => env.emit(event);
    this.media = new Upgrade({
      nowMs: () => env.nowUs() / 1000,
      after: (ms, act) => env.after(ms, act),
      send,
      sendFrame: (frame) => this.sendOnSocket(frame),
      encode: encodeControl,
      framesFrom: (stream, sample) => this.out.framesFrom(stream, sample),
      emit,
    });
    this.up = new Uplink(
      {
        nowUs: () => env.nowUs(),
        after: (ms, act) => env.after(ms, act),
        send,
        sendFrame: (frame, sample) => this.sendFrame(frame, sample),
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
        opus: () => this.opus,
      },
      this.stats,
      clock,
    );
  }

  // ---- from the page and the worklets -----------------------------------------------------------

  /** The page's data channel is open; what comes on it goes to `peerMessage`. */
  peerOpened(channel: PeerChannel): void {
    this.media.opened(channel);
  }

  peerClosed(): void {
    this.media.failed("the data channel has ended");
  }

  peerMessage(data: unknown): void {
    this.media.message(data);
  }

  attachCapture(port: Port<CaptureCommand>): void {
    this.up.attach(port);
  }

  attachPlayback(port: Port<PlayCommand>): void {
    this.down.attach(port);
  }

  /** Use Opus from the next connection on, if the server has it. */
  useOpus(coders: OpusCoders | null): void {
    this.opus = coders;
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
      case "pause":
        this.up.pause(command.paused);
        this.send({ type: "pause", paused: command.paused, for_ms: command.forMs });
        this.down.pause(command.paused);
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
      case "frames":
        this.frameCost = command.cost;
        break;
      case "offer":
        this.send({ type: "rtc.offer", sdp: command.sdp });
        break;
      case "ice":
        this.send({ type: "rtc.ice", candidate: command.candidate, mid: command.mid });
        break;
      case "peerEnded":
        this.media.failed(command.reason);
        break;
      case "micClock":
        this.up.setClock(command.renderOffsetUs);
        break;
    }
  }

  // ---- the connection ---------------------------------------------------------------------------

  private connect(url: string, how: Extract<Command, { do: "connect" }>): void {
    this.connection?.stop();
    this.transport = how.transport ?? "websocket";
    const address = new Address(url);
    this.address = address;
    const connection = new Connection(this.opus ? withOpus(how.hello) : how.hello, how.reconnect, {
      open: () => this.openSocket(address.next(), connection),
      closeSocket: () => this.closeSocket(),
      send: (hello) => this.send(hello),
      wait: (ms) => this.timer("retry", ms, () => connection.retry()),
      counts: () => ({ received: this.seq, ...this.out.counts, ...this.down.position }),
      changed: (state, error, retryMs) => {
        if (state === "waiting" || state === "closed") this.disconnected(state);
        const failure = error?.failure ?? null;
        this.env.emit({ on: "state", state, failure, retryMs, resumable: this.kept });
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
    this.clearTimer("forget");
    this.address?.answered();
    if (!welcome.resumed) this.begin();
    this.kept = false;
    this.acked = 0;
    this.resumable = welcome.features?.includes("resume") ?? false;
    this.windowMs = welcome.limits.resume_ms ?? 0;
    this.down.playedEveryMs = Math.min(PLAYED_EVERY_MS, welcome.limits.played_every_ms);
    if (welcome.resumed) this.goOn(welcome);
    else this.media.begin(welcome, this.transport, this.resumable);
    this.connection?.welcome(welcome);
    this.env.emit({ on: "message", message: welcome });
    if (!welcome.resumed) {
      const opus = welcome.mic_codecs?.includes("opus") ? this.opus : null;
      this.up.join(welcome.mic_rates_hz, welcome.limits.mic_frame_ms, opus);
    }
    this.lastFrameUs = this.env.nowUs();
    this.ping(0);
    this.timer("stats", STATS_EVERY_MS, () => this.emitStats());
    if (this.resumable) this.timer("ack", ACK_EVERY_MS, () => this.ack());
  }

  /** Another session begins, in place of the one that was kept. */
  private begin(): void {
    if (this.kept) this.leave();
    this.estimate.reset();
    this.out.reset();
    this.seq = 0;
  }

  /** The session goes on: send what the server lacks. */
  private goOn(welcome: Welcome): void {
    const { received = 0, mic_sample = null } = welcome;
    this.out.confirm(received, mic_sample);
    this.media.route.resumed();
    for (const data of this.out.rest) this.socket?.send(data);
  }

  private disconnected(state: "waiting" | "closed"): void {
    for (const name of ["join", "ping", "stats", "ack"]) this.clearTimer(name);
    this.pings.clear();
    const nowMs = this.env.nowUs() / 1000;
    const resumable = state === "waiting" && (this.connection?.resumable(nowMs) ?? false);
    if (resumable && !this.kept) this.timer("forget", this.windowMs, () => this.forget());
    if (!resumable) this.leave();
    this.kept = resumable;
  }

  /** It took too long: the session cannot be resumed any more. */
  private forget(): void {
    this.connection?.forget();
    this.leave();
    this.kept = false;
  }

  private leave(): void {
    this.media.end();
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
    } else if (message.type === "received") {
      return this.out.confirm(message.messages, message.mic_sample ?? null);
    } else if (message.type === "error" && this.connection?.state === "joining") {
      return this.failed(message); // a refusal; its `seq` is not of the session that was kept
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
      case "goaway":
        return this.goAway(message);
      case "rtc.answer":
        return this.env.emit({ on: "peer", do: "answer", sdp: message.sdp });
    }
  }

  /** The server is going to stop, and may say where to connect next. */
  private goAway(message: GoAway): void {
    const text = this.address?.leave(message.url ?? "");
    if (!text) return;
    const code = "message_invalid";
    const remedy = "see the setting server.successor_url of that server";
    const error = new FrametalkError({ code, text, stage: "wire", fault: "server", remedy });
    this.env.emit({ on: "failure", failure: error.failure });
  }

  private failed(message: ErrorMessage): void {
    const { code, text = "", stage = "", remedy = "", fatal = false } = message;
    const retryAfterMs = message.retry_after_ms ?? 0;
    const fault = (message.fault ?? "") as FrametalkError["fault"];
    const error = new FrametalkError({ code, text, stage, fault, remedy, fatal, retryAfterMs });
    if (fatal) this.address?.answered();
    if (PEER_ENDS.has(code)) this.media.failed(text);
    else if (fatal) this.connection?.failed(error);
    else this.env.emit({ on: "failure", failure: error.failure });
  }

  // ---- clocks -------------------------------------------------------------------------------------

  private ping(index: number): void {
    const silentMs = this.resumable ? RESUMABLE_SILENT_MS : SILENT_MS;
    if (this.env.nowUs() - this.lastFrameUs > silentMs * 1000) {
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
    this.media.pinged((this.env.nowUs() - sentUs) / 1000);
  }

  private surroundings(): Surroundings {
    const nowUs = this.env.nowUs();
    const { frameCost } = this;
    this.frameCost = null;
    return {
      t_us: nowUs,
      mic_sample: this.up.sampleAt(nowUs),
      input_ms: this.up.inputMs,
      output_ms: this.audio?.outputMs ?? null,
      frame_cost: frameCost,
    };
  }

  // ---- what goes ----------------------------------------------------------------------------------

  private send(message: ClientMessage): void {
    const state = this.connection?.state;
    const connected =
      this.socket && (state === "open" || (state === "joining" && isGreeting(message)));
    if (!connected && !this.kept) return;
    if (message.type === "mic.start") this.media.route.start(message.stream, message.rate_hz);
    if (message.type === "mic.stop") this.media.route.stop();
    try {
      const bytes = encodeControl(message);
      if (this.resumable) this.out.message(message, bytes);
      if (connected) this.socket?.send(bytes);
      else if (this.out.overflowed) this.forget();
    } catch (error) {
      if (!(error instanceof FrametalkError)) throw error;
      this.env.emit({ on: "failure", failure: error.failure });
    }
  }

  private sendFrame(frame: ArrayBuffer, sample: number): void {
    if (!this.resumable) return this.sendOnSocket(frame);
    const end = this.out.frame(frame, sample);
    this.media.route.frame(frame, sample, end);
  }

  private sendOnSocket(frame: ArrayBuffer): void {
    if (this.connection?.state === "open") this.socket?.send(frame);
  }

  private ack(): void {
    if (this.seq > this.acked || this.out.waits) this.send({ type: "ack", acked: this.seq });
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

function withOpus(hello: Hello): Hello {
  const features = [...(hello.features ?? []), "opus"];
  return { ...hello, features, speech_codecs: ["opus", "pcm16"] };
}

function isGreeting(message: ClientMessage): boolean {
  return message.type === "hello" || message.type === "pong";
}
