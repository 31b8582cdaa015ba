/** A hub on virtual time: a scripted server on one side, an audio thread of 128-frame quanta on the other. */

import { decodeFrame, encodeControl } from "../src/core/codec";
import type { SocketHandlers } from "../src/core/connector";
import { Hub } from "../src/core/hub";
import { HEADER_BYTES, PCM16, writeHeader } from "../src/core/media";
import type { ClientMessage, Hello, ServerMessage, Welcome } from "../src/core/messages";
import { Playout } from "../src/core/playout";
import type { CaptureCommand, HubEvent, PlayCommand, TransportOption } from "../src/core/protocol";

export const OUT_HZ = 48_000;
export const REPLY_HZ = 24_000;
export const FRAME = 480; // 20 ms of a reply
export const OUTPUT_LATENCY_MS = 30;
const QUANTUM = 128;
const START_US = 1_000_000_000;

const HELLO: Hello = { type: "hello", protocol: 1 };

interface Timer {
  atUs: number;
  act: () => void;
}

type Sent<T extends ClientMessage["type"]> = Extract<ClientMessage, { type: T }> & {
  sentMs: number;
};

export class World {
  nowUs = START_US;
  readonly events: HubEvent[] = [];
  readonly sent: (ClientMessage & { sentMs: number })[] = [];
  readonly micFrames: ArrayBuffer[] = [];
  readonly capture: CaptureCommand[] = [];
  readonly urls: string[] = []; // of the sockets, in order
  socketOpen = false;
  answersPings = true;
  pingMs = 0; // how long the network holds the next pong back
  suspended = false;
  frames = 0; // of the audio context
  heard: number[] = []; // the worklet's output
  readonly hub: Hub;
  private handlers: SocketHandlers | null = null;
  private timers = new Set<Timer>();
  private seq = 0;
  private readonly playout: Playout;

  constructor() {
    this.hub = new Hub({
      nowUs: () => Math.round(this.nowUs),
      after: (ms, act) => this.after(ms, act),
      socket: (url, handlers) => this.openSocket(url, handlers),
      emit: (event) => this.events.push(event),
    });
    this.playout = new Playout(OUT_HZ, (status) => this.hub.status(status));
    this.hub.attachPlayback({ postMessage: (command) => this.play(command) });
    this.hub.attachCapture({ postMessage: (command) => this.capture.push(command) });
    this.sendClock();
  }

  // ---- time -------------------------------------------------------------------------------------

  /** Milliseconds since the start. */
  get ms(): number {
    return (this.nowUs - START_US) / 1000;
  }

  /** Advance the time; timers and audio quanta run at their times. */
  advance(ms: number): void {
    const endUs = this.nowUs + ms * 1000;
    for (;;) {
      const timer = [...this.timers].sort((a, b) => a.atUs - b.atUs)[0];
      const quantumUs = this.suspended ? Number.POSITIVE_INFINITY : this.quantumUs();
      const nextUs = Math.min(timer?.atUs ?? Number.POSITIVE_INFINITY, quantumUs);
      if (nextUs > endUs) break;
      this.nowUs = Math.max(this.nowUs, nextUs);
      if (quantumUs === nextUs) this.render();
      else if (timer) {
        this.timers.delete(timer);
        timer.act();
      }
    }
    this.nowUs = endUs;
  }

  suspend(): void {
    this.suspended = true;
    this.sendClock();
  }

  resume(): void {
    this.suspended = false;
    this.contextStartUs = this.nowUs - (this.frames / OUT_HZ) * 1e6;
    this.sendClock();
  }

  private contextStartUs = START_US;

  private quantumUs(): number {
    return this.contextStartUs + ((this.frames + QUANTUM) / OUT_HZ) * 1e6;
  }

  private sendClock(): void {
    const outputOffsetUs = this.contextStartUs + OUTPUT_LATENCY_MS * 1000;
    const clock = { outputOffsetUs, outputMs: OUTPUT_LATENCY_MS, running: !this.suspended };
    this.hub.command({ do: "audio", clock });
    this.hub.command({ do: "micClock", renderOffsetUs: this.contextStartUs });
  }

  private render(): void {
    const out = new Float32Array(QUANTUM);
    this.playout.render(out, this.frames);
    this.frames += QUANTUM;
    this.heard.push(...out);
  }

  private after(ms: number, act: () => void): () => void {
    const timer = { atUs: this.nowUs + ms * 1000, act };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  private play(command: PlayCommand): void {
    const { playout } = this;
    if (command.do === "begin") playout.begin(command.reply, command.stream, command.rateHz);
    else if (command.do === "feed")
      playout.feed(command.stream, command.sample, new Int16Array(command.frame, HEADER_BYTES));
    else if (command.do === "end") playout.end(command.reply, command.samples);
    else if (command.do === "cut") playout.cut(command.reply);
    else if (command.do === "cutAll") playout.cutAll();
    else playout.set(command.ducked ? (command.paused ? "paused" : "lowered") : "raised");
  }

  // ---- the server -------------------------------------------------------------------------------

  /** Connect and be welcomed. */
  join(
    welcome: Partial<Welcome> = {},
    hello: Partial<Hello> = {},
    transport: TransportOption = "websocket",
    url = "ws://there/v1",
  ): void {
    this.connect(url, hello, transport);
    this.accept(welcome);
  }

  connect(url: string, hello: Partial<Hello> = {}, transport: TransportOption = "websocket"): void {
    this.hub.command({
      do: "connect",
      url,
      hello: { ...HELLO, ...hello },
      reconnect: true,
      transport,
    });
  }

  /** The socket opens. */
  open(): void {
    this.socketOpen = true;
    this.handlers?.opened();
  }

  /** The socket opens, and the server answers hello. */
  accept(welcome: Partial<Welcome> = {}): void {
    this.socketOpen = true;
    this.handlers?.opened();
    if (!welcome.resumed) this.seq = 0;
    const seq = welcome.resumed ? 0 : ++this.seq;
    this.serverAgain({
      seq,
      type: "welcome",
      protocol: 1,
      session: "s",
      character: "smith",
      mic_rates_hz: [16_000],
      rate_hz: REPLY_HZ,
      limits: {
        message_bytes: 61_440,
        lead_ms: 400,
        played_every_ms: 100,
        mic_frame_ms: 20,
        tools: 64,
        entities: 512,
        resume_ms: 60_000,
        pause_ms: 600_000,
      },
      ...welcome,
    });
  }

  /** The socket opens, and the server answers hello with a fatal error. */
  refuse(error: Record<string, unknown>): void {
    this.open();
    this.serverAgain({ type: "error", seq: 1, fatal: true, ...error });
  }

  /** A message of the server. */
  server(message: Record<string, unknown> & { type: ServerMessage["type"] }): void {
    const seq = message.type === "ping" || message.type === "pong" ? {} : { seq: ++this.seq };
    this.serverAgain({ ...seq, ...message });
  }

  /** A message of the server with its own `seq`. */
  serverAgain(message: Record<string, unknown>): void {
    const bytes = encodeControl(message as unknown as ClientMessage);
    this.serverFrame(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }

  /** Bytes of the server, whatever they are. */
  serverFrame(frame: ArrayBuffer): void {
    this.handlers?.frame(frame);
  }

  /** `count` frames of a reply's sound from sample `first` on. */
  sound(stream: number, first: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const sample = first + i * FRAME;
      const frame = new ArrayBuffer(HEADER_BYTES + 2 * FRAME);
      writeHeader(frame, { kind: PCM16, flags: 0, stream, seq: sample / FRAME, sample });
      new Int16Array(frame, HEADER_BYTES).fill(8000);
      this.handlers?.frame(frame);
    }
  }

  /** A whole reply of `count` frames, at once. */
  reply(reply: number, count: number): void {
    this.server({ type: "reply.begin", reply, turn: reply, stream: reply, rate_hz: REPLY_HZ });
    this.sound(reply, 0, count);
    this.server({ type: "reply.end", reply, samples: count * FRAME });
  }

  /** The connection breaks, or the server closes it. */
  breakWith(code: number): void {
    const { handlers } = this;
    this.socketOpen = false;
    this.handlers = null;
    handlers?.closed(code);
  }

  private openSocket(url: string, handlers: SocketHandlers) {
    this.urls.push(url);
    this.handlers = handlers;
    return {
      send: (data: ArrayBuffer | Uint8Array<ArrayBuffer>) => this.take(data),
      close: () => {
        this.socketOpen = false;
        this.handlers = null;
      },
    };
  }

  private take(data: ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    if (data instanceof ArrayBuffer) {
      this.micFrames.push(data);
      return;
    }
    const message = decodeFrame(data.slice().buffer) as ClientMessage;
    this.sent.push({ ...message, sentMs: this.ms });
    if (message.type === "ping" && this.answersPings) {
      const { id, t_us } = message;
      const theirUs = this.nowUs + 5_000_000;
      const pong = { type: "pong", id, t_us, received_us: theirUs, sent_us: theirUs } as const;
      if (this.pingMs === 0) this.server(pong);
      else this.after(this.pingMs, () => this.server(pong));
    }
  }

  // ---- results ------------------------------------------------------------------------------------

  /** Messages of this type that the hub has sent. */
  of<T extends ClientMessage["type"]>(type: T): Sent<T>[] {
    return this.sent.filter((message) => message.type === type) as Sent<T>[];
  }

  /** Events of this name that the hub has emitted. */
  emitted<T extends HubEvent["on"]>(on: T): Extract<HubEvent, { on: T }>[] {
    return this.events.filter((event) => event.on === on) as Extract<HubEvent, { on: T }>[];
  }

  /** How many sockets were opened. */
  get sockets(): number {
    return this.urls.length;
  }

  get states(): string[] {
    return this.emitted("state").map(({ state }) => state);
  }
}
