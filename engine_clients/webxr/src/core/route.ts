/** The way of the microphone's frames: the WebSocket, or a data channel while that is alive. */

import { HEADER_BYTES } from "./media";
import type { ClientMessage, RtcHeard } from "./messages";

const BEAT_EVERY_MS = 100;
const SILENT_MS = 250; // without `rtc.heard`
const CALM_MS = 1000; // of `rtc.heard` before the microphone moves again
const LONGEST_CALM_MS = 32_000; // when it moves back again and again
const STEADY_MS = 10_000; // after so long on the data channel it counts as good again
const LAGS = 20; // two seconds of `rtc.heard`
const DEAF_MS = 300; // without a new sample heard
const LATE_MS = 500; // more under way than at best
const MOVING_MS = 700; // frames wait at the server until `rtc.mic` has come over the WebSocket
const MAX_QUEUED_BYTES = 8 * 1024; // more: the network does not keep up
const SMALL_BYTES = 256; // a frame that is sent twice

/** What a data channel can do. */
export interface PeerChannel {
  send(data: ArrayBuffer | Uint8Array<ArrayBuffer>): void;
  /** Bytes that have not left yet. */
  readonly queuedBytes: number;
  close(): void;
}

/** What the hub provides to the route. */
export interface RouteEnv {
  nowMs(): number;
  after(ms: number, act: () => void): () => void;
  /** Send a control message over the WebSocket. */
  send(message: ClientMessage): void;
  /** Send a frame over the WebSocket. */
  sendFrame(frame: ArrayBuffer): void;
  encode(message: ClientMessage): Uint8Array<ArrayBuffer>;
  /** The frames of the stream that end after this sample. */
  framesFrom(stream: number, sample: number): ArrayBuffer[];
  changed(transport: Transport, reason: string): void;
}

/** What carries the microphone. */
export type Transport = "websocket" | "webrtc";

/** Sends frames by the way that works. Frames must be kept until the server has heard them. */
export class MicRoute {
  private channel: PeerChannel | null = null;
  private moved = false;
  private stream: number | null = null;
  private rateHz = 0;
  private sent = 0; // one past the newest sample
  private heard = 0; // what the server has heard of the stream on the data channel
  private lags: number[] = []; // sent and not heard, at each `rtc.heard`
  private grewAtMs = 0; // when `heard` grew, or all was heard
  private movedAtMs = 0;
  private calmMs = CALM_MS / 2; // doubled with each move back
  private heardAtMs = Number.NEGATIVE_INFINITY;
  private calmAtMs = Number.POSITIVE_INFINITY; // when the microphone may move
  private before: ArrayBuffer | null = null;
  private backAt = 0; // before this sample, frames went over the data channel
  private leaving = false; // until the server has heard what only went over the WebSocket
  private cancelBeat: () => void = () => undefined;

  constructor(private readonly env: RouteEnv) {}

  /** The data channel is open. */
  open(channel: PeerChannel): void {
    this.end("");
    this.channel = channel;
    this.heardAtMs = Number.NEGATIVE_INFINITY;
    this.calmAtMs = Number.NEGATIVE_INFINITY; // the first time, at once
    this.beat();
  }

  /** The data channel, or its peer connection, has ended. */
  end(reason: string): void {
    const { channel } = this;
    this.cancelBeat();
    this.channel = null;
    if (!channel) return;
    this.moveBack(reason);
    channel.close();
  }

  /** `mic.start` is sent: the stream begins on the WebSocket. */
  start(stream: number, rateHz: number): void {
    this.stream = stream;
    this.rateHz = rateHz;
    this.sent = this.heard = 0;
    this.moved = false;
    this.leaving = false;
    this.before = null;
  }

  /** `mic.stop` is sent next: what was not heard goes before it. */
  stop(): void {
    this.moveBack("");
    this.stream = null;
  }

  /** Another WebSocket has resumed the session, and all that was not heard goes over it. */
  resumed(): void {
    if (this.moved) this.leave();
    this.moved = false;
  }

  /** Send a frame; `end`: one past its last sample. */
  frame(frame: ArrayBuffer, sample: number, end: number): void {
    this.sent = end;
    if (!this.moved && !this.move(sample)) return this.env.sendFrame(frame);
    const reason = this.silence();
    if (reason) this.moveBack(reason);
    else this.sendTwice(frame);
  }

  /** The server answers on the data channel. */
  takeHeard({ mic_sample }: RtcHeard): void {
    const nowMs = this.env.nowMs();
    const gone = nowMs - this.heardAtMs > SILENT_MS && this.heardAtMs > 0;
    if (gone) this.calmAtMs = nowMs + this.calmMs;
    this.heardAtMs = nowMs;
    const heard = mic_sample ?? 0;
    if (heard > this.backAt && heard <= this.sent) this.leaving = false;
    if (!this.moved || heard > this.sent) return;
    if (heard > this.heard || heard === this.sent) {
      this.grewAtMs = Math.max(this.grewAtMs, nowMs);
    }
    this.heard = heard;
    this.lags.push(this.sent - heard);
    if (this.lags.length > LAGS) this.lags.shift();
  }

  /**
   * Move the microphone to the data channel, if it is alive. Not before the server knows that it has left the channel:
   * it would put silence between the frames of then and of now.
   */
  private move(at: number): boolean {
    const nowMs = this.env.nowMs();
    const alive = nowMs - this.heardAtMs <= SILENT_MS && nowMs >= this.calmAtMs;
    if (!this.channel || this.stream === null || !alive || this.leaving) return false;
    this.env.send({ type: "rtc.mic", stream: this.stream, via: "channel", at });
    this.moved = true;
    this.movedAtMs = nowMs;
    this.grewAtMs = nowMs + MOVING_MS;
    this.heard = at;
    this.lags = [];
    this.before = null;
    this.env.changed("webrtc", "the peer connection answers");
    return true;
  }

  /** Go on over the WebSocket, with what the server has not heard. */
  private moveBack(reason: string): void {
    if (!this.moved || this.stream === null) return;
    this.moved = false;
    this.leave();
    for (const frame of this.env.framesFrom(this.stream, this.heard)) this.env.sendFrame(frame);
    if (!reason) return; // only the stream has ended
    const nowMs = this.env.nowMs();
    const steady = nowMs - this.movedAtMs >= STEADY_MS;
    this.calmMs = steady ? CALM_MS : Math.min(2 * this.calmMs, LONGEST_CALM_MS);
    this.calmAtMs = nowMs + this.calmMs;
    this.env.changed("websocket", reason);
  }

  private leave(): void {
    this.backAt = this.sent;
    this.leaving = true;
  }

  /** Why the data channel cannot be used; empty: it can. */
  private silence(): string {
    const { channel, lags } = this;
    if (!channel) return "the peer connection has ended";
    if (this.env.nowMs() - this.heardAtMs > SILENT_MS) return "the peer connection is silent";
    // Jitter alone may delay a frame and its confirmation by 250 ms: what counts is that nothing arrives.
    const late = lags.length > 0 ? this.sent - this.heard - Math.min(...lags) : 0;
    const deaf = this.env.nowMs() - this.grewAtMs > DEAF_MS;
    if (deaf || late * 1000 > LATE_MS * this.rateHz) {
      return "the server does not hear the microphone";
    }
    return channel.queuedBytes > MAX_QUEUED_BYTES ? "the peer connection does not keep up" : "";
  }

  /** Small frames once more with the next one: then a packet that is lost loses nothing. */
  private sendTwice(frame: ArrayBuffer): void {
    const { channel, before } = this;
    if (!channel) return;
    channel.send(frame);
    if (before) channel.send(before);
    this.before = frame.byteLength - HEADER_BYTES <= SMALL_BYTES ? frame : null;
  }

  private beat(): void {
    const { channel, stream } = this;
    if (!channel) return;
    const mic_sample = stream === null ? null : this.sent;
    const silent = this.env.nowMs() - this.heardAtMs > SILENT_MS || this.silence() !== "";
    channel.send(this.env.encode({ type: "rtc.beat", mic_sample, silent }));
    this.cancelBeat = this.env.after(BEAT_EVERY_MS, () => this.beat());
  }
}
