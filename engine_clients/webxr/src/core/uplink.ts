/** Sends the microphone to the server: streams, push-to-talk, the sample clock. */

import { HEADER_BYTES } from "./media";
import type { ClientMessage, MicMode } from "./messages";
import { OPUS_RATE_HZ, type OpusCoders } from "./opus";
import { OpusMic } from "./opus_mic";
import type { CaptureCommand, Captured, Port } from "./protocol";
import type { StatsKeeper } from "./stats";

const AFTER_RELEASE_MS = 250; // people release the button early
const BEST_RATE_HZ = 16_000;

/** What the hub provides to its uplink. */
export interface UplinkEnv {
  nowUs(): number;
  after(ms: number, act: () => void): () => void;
  send(message: ClientMessage): void;
  sendFrame(frame: ArrayBuffer, sample: number): void;
  changed(open: boolean): void;
}

/** Opens and closes microphone streams. `mode` null: no microphone; `ptt`: closed until the button is pressed. */
export class Uplink {
  private port: Port<CaptureCommand> | null = null;
  private mode: MicMode | null = null;
  private joined = false;
  private pressed = false;
  private stands = false;
  private open = false;
  private stream = 0;
  private started = false; // mic.start is sent with the first frame
  private sent = 0;
  private lastAt = 0; // context time at which sample `sent` was rendered
  private inputLatencyS: number | null = null;
  private renderOffsetUs: number | null = null;
  private rateHz = BEST_RATE_HZ;
  private pcmHz = BEST_RATE_HZ;
  private frameMs = 20;
  private cancelTail: (() => void) | null = null;
  private opus: OpusCoders | null = null;
  private encoder: OpusMic | null = null;
  private finishing: OpusMic | null = null; // the stream before, whose last packets are being made
  private held: Captured[] = []; // of this stream, meanwhile

  constructor(
    private readonly env: UplinkEnv,
    private readonly stats: StatsKeeper,
  ) {}

  attach(port: Port<CaptureCommand>): void {
    this.close(); // the previous device's stream
    this.port = port;
    this.update();
  }

  /** A session begins: open a new stream. `opus`: encode it. */
  join(ratesHz: readonly number[], frameMs: number, opus: OpusCoders | null = null): void {
    this.opus = opus;
    const pcmHz = ratesHz.includes(BEST_RATE_HZ) ? BEST_RATE_HZ : (ratesHz[0] ?? BEST_RATE_HZ);
    this.rateHz = opus ? OPUS_RATE_HZ : pcmHz;
    this.pcmHz = pcmHz;
    this.frameMs = frameMs;
    this.joined = true;
    this.update();
  }

  /** The connection was lost. */
  leave(): void {
    this.joined = false;
    this.started = false;
    this.finishing?.close();
    this.finishing = null;
    this.update();
  }

  set(mode: MicMode | null, inputLatencyS: number | null): void {
    if (mode !== this.mode) this.close();
    this.mode = mode;
    this.inputLatencyS = inputLatencyS;
    this.update();
  }

  /** When time 0 of the microphone's context was rendered. */
  setClock(renderOffsetUs: number): void {
    this.renderOffsetUs = renderOffsetUs;
  }

  /** The game stands still, or goes on: close the stream meanwhile. */
  pause(stands: boolean): void {
    this.stands = stands;
    this.update();
  }

  press(): void {
    this.endTail();
    this.pressed = true;
    this.update();
  }

  release(): void {
    if (!this.pressed) return;
    this.pressed = false;
    this.endTail();
    this.cancelTail = this.env.after(AFTER_RELEASE_MS, () => this.endTail());
  }

  /** The microphone's sample at a time of our clock; null while it is closed. */
  sampleAt(us: number): number | null {
    if (!this.started || this.renderOffsetUs === null) return null;
    const at = (us - this.renderOffsetUs) / 1e6 + (this.inputLatencyS ?? 0);
    return Math.max(0, Math.round(this.sent + (at - this.lastAt) * this.rateHz));
  }

  /** From the microphone to the page, as the browser says; null: it does not, or no microphone is open. */
  get inputMs(): number | null {
    return this.started && this.inputLatencyS !== null ? this.inputLatencyS * 1000 : null;
  }

  captured(captured: Captured): void {
    if (!this.open || captured.stream !== this.stream) return;
    if (this.finishing) {
      this.held.push(captured);
      return;
    }
    if (!this.started) this.start();
    if (this.encoder) this.encoder.push(new Int16Array(captured.frame, HEADER_BYTES));
    else this.env.sendFrame(captured.frame, captured.sample);
    this.sent = captured.sample + captured.count;
    this.lastAt = captured.at;
    this.stats.micFrames++;
    if (this.renderOffsetUs !== null) {
      const renderedUs = captured.at * 1e6 + this.renderOffsetUs;
      this.stats.captureToWire.add((this.env.nowUs() - renderedUs) / 1000);
    }
  }

  private start(): void {
    this.started = true;
    const { stream, opus } = this;
    this.env.send({
      type: "mic.start",
      stream,
      rate_hz: this.rateHz,
      mode: this.mode ?? "open",
      ...(opus ? { codec: "opus" } : {}),
    });
    const failed = (): void => this.withoutOpus();
    this.encoder = opus ? new OpusMic(stream, opus, this.env.sendFrame, failed) : null;
  }

  /** The encoder failed: another stream, without it. */
  private withoutOpus(): void {
    this.opus = null;
    this.rateHz = this.pcmHz;
    this.close();
    this.update();
  }

  private endTail(): void {
    if (!this.cancelTail) return;
    this.cancelTail();
    this.cancelTail = null;
    this.close();
  }

  private update(): void {
    const talking = this.mode === "open" || this.pressed || this.cancelTail !== null;
    const ready = this.joined && this.port !== null && this.mode !== null;
    const wanted = ready && talking && !this.stands;
    if (wanted === this.open) return;
    if (!wanted) {
      this.close();
      return;
    }
    this.open = true;
    this.started = false;
    this.sent = 0;
    this.stream = (this.stream % 65_535) + 1;
    const { stream, rateHz, frameMs } = this;
    this.port?.postMessage({ do: "open", stream, rateHz, frameMs });
    this.env.changed(true);
  }

  private close(): void {
    if (!this.open) return;
    this.open = false;
    this.port?.postMessage({ do: "close" });
    const { encoder } = this;
    this.encoder = null;
    this.held = [];
    if (this.started && this.joined) this.stop(encoder);
    else encoder?.close();
    this.started = false;
    this.env.changed(false);
  }

  private stop(encoder: OpusMic | null): void {
    const { stream, sent } = this;
    const stop = (): void => this.env.send({ type: "mic.stop", stream, at: sent });
    if (!encoder) return stop();
    this.finishing = encoder;
    encoder.finish(() => {
      stop();
      this.finishing = null;
      const { held } = this;
      this.held = [];
      for (const captured of held) this.captured(captured);
    });
  }
}
