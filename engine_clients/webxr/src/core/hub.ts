/** One session without a page: its parts, and what the page and the worklets ask of them. It runs in a Worker. */

import { ClockEstimate } from "./clock";
import { encodeControl } from "./codec";
import type { ConnectionState } from "./connection";
import { Connector, type SocketEnv } from "./connector";
import { Downlink, PLAYED_EVERY_MS } from "./downlink";
import type { FrametalkError } from "./errors";
import type { Surroundings } from "./ledger";
import type { ClientMessage, FrameCost, Hello, Welcome } from "./messages";
import type { OpusCoders } from "./opus";
import { Pings } from "./pings";
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
import { Receiver } from "./receiver";
import { Resumption } from "./resumption";
import type { PeerChannel } from "./route";
import { Sender } from "./sender";
import { StatsKeeper } from "./stats";
import { Timers } from "./timers";
import { Upgrade } from "./upgrade";
import { Uplink } from "./uplink";

/** The hub's clock, timers and sockets, which tests replace. */
export interface HubEnv extends SocketEnv {
  emit(event: HubEvent): void;
}

const STATS_EVERY_MS = 1000;

/** Connects a session's page, worklets and server. */
export class Hub {
  private audio: AudioClock | null = null;
  private opus: OpusCoders | null = null;
  private frameCost: FrameCost | null = null; // until it was sent
  private transport: TransportOption = "websocket";
  private readonly timers: Timers<"ledger" | "stats">;
  private readonly estimate = new ClockEstimate();
  private readonly stats = new StatsKeeper(this.estimate);
  private readonly connector: Connector;
  private readonly resumption: Resumption;
  private readonly pings: Pings;
  private readonly media: Upgrade;
  private readonly receiver: Receiver;
  private readonly sender: Sender;
  private readonly up: Uplink;
  private readonly down: Downlink;

  constructor(private readonly env: HubEnv) {
    const { emit } = env;
    const send = (message: ClientMessage): void => this.sender.message(message);
    this.timers = new Timers(env.after);
    this.connector = new Connector({
      ...env,
      send,
      counts: () => ({ ...this.resumption.counts, ...this.down.position }),
      changed: (state, error, retryMs) => this.changed(state, error, retryMs),
      frame: (frame) => this.receiver.frame(frame),
    });
    this.resumption = new Resumption({ ...env, send, lapsed: () => this.lapsed() });
    this.pings = new Pings(
      {
        ...env,
        send,
        returned: (roundTripMs) => this.media.pinged(roundTripMs),
        silent: () => this.connector.silent(),
      },
      this.estimate,
    );
    this.media = new Upgrade({
      ...env,
      nowMs: () => env.nowUs() / 1000,
      send,
      sendFrame: (frame) => this.sender.onSocket(frame),
      encode: encodeControl,
      framesFrom: (stream, sample) => this.resumption.out.framesFrom(stream, sample),
    });
    this.sender = new Sender(this.connector, this.resumption, this.media.route, (failure) =>
      emit({ on: "failure", failure }),
    );
    this.up = new Uplink(
      {
        ...env,
        send,
        sendFrame: (frame, sample) => this.sender.frame(frame, sample),
        changed: (open) => emit({ on: "mic", open }),
      },
      this.stats,
    );
    this.down = new Downlink(
      {
        ...env,
        wake: (ms) => this.timers.set("ledger", ms, () => this.down.step()),
        report: send,
        surroundings: () => this.surroundings(),
        opus: () => this.opus,
      },
      this.stats,
      () => this.audio,
    );
    const { connector, resumption, pings, media, down } = this;
    const joined = (welcome: Welcome): void => this.joined(welcome);
    this.receiver = new Receiver({ connector, resumption, pings, media, down, joined, emit });
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
        this.transport = command.transport ?? "websocket";
        this.connector.connect(command.url, this.hello(command.hello), command.reconnect);
        break;
      case "disconnect":
        if (this.connector.state === "open") this.send({ type: "bye", reason: command.reason });
        this.connector.stop();
        break;
      case "retry":
        this.connector.retry();
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

  private send(message: ClientMessage): void {
    this.sender.message(message);
  }

  private hello(hello: Hello): Hello {
    if (!this.opus) return hello;
    const features = [...(hello.features ?? []), "opus"];
    return { ...hello, features, speech_codecs: ["opus", "pcm16"] };
  }

  // ---- a session begins, goes on and ends -----------------------------------------------------

  private joined(welcome: Welcome): void {
    const { resumed = false } = welcome;
    if (!resumed && this.resumption.kept) this.leave(); // another session begins in its place
    if (!resumed) this.estimate.reset();
    this.resumption.welcome(welcome);
    this.down.playedEveryMs = Math.min(PLAYED_EVERY_MS, welcome.limits.played_every_ms);
    if (resumed) this.sender.again();
    else this.media.begin(welcome, this.transport, this.resumption.offered);
    this.connector.welcome(welcome);
    this.env.emit({ on: "message", message: welcome });
    if (!resumed) {
      const opus = welcome.mic_codecs?.includes("opus") ? this.opus : null;
      this.up.join(welcome.mic_rates_hz, welcome.limits.mic_frame_ms, opus);
    }
    this.pings.start(this.resumption.offered);
    this.timers.set("stats", STATS_EVERY_MS, () => this.emitStats());
    this.resumption.startAcks();
  }

  private changed(
    state: ConnectionState,
    error: FrametalkError | null,
    retryMs: number | null,
  ): void {
    if (state === "waiting" || state === "closed") this.disconnected(state);
    const failure = error?.failure ?? null;
    this.env.emit({ on: "state", state, failure, retryMs, resumable: this.resumption.kept });
  }

  private disconnected(state: ConnectionState): void {
    this.pings.stop();
    this.timers.clear("stats");
    const resumable = state === "waiting" && this.connector.resumable;
    if (!resumable) this.leave();
    this.resumption.lost(resumable);
  }

  /** The session that was kept has ended. */
  private lapsed(): void {
    this.connector.forget();
    this.leave();
  }

  private leave(): void {
    this.media.end();
    this.up.leave();
    this.down.leave();
  }

  // ---- what it measures -------------------------------------------------------------------------

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

  private emitStats(): void {
    this.env.emit({ on: "stats", stats: this.stats.stats });
    this.timers.set("stats", STATS_EVERY_MS, () => this.emitStats());
  }
}
