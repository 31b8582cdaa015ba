/** One microphone stream in Opus: captured frames in, packets out. */

import { HEADER_BYTES, OPUS, writeHeader } from "./media";
import { OPUS_FRAME, type OpusCoders, type OpusEncoder, PRE_SKIP } from "./opus";

/** Takes a whole media frame and its first sample. */
export type SendFrame = (frame: ArrayBuffer, sample: number) => void;

/** Encodes one stream. Packets are sent as soon as they are made. */
export class OpusMic {
  private readonly encoder: OpusEncoder;
  private fed = 0; // samples given to the encoder
  private made = 0; // packets
  private finished: (() => void) | null = null;
  private closed = false;

  constructor(
    private readonly stream: number,
    private readonly coders: OpusCoders,
    private readonly send: SendFrame,
    private readonly failed: (text: string) => void,
  ) {
    this.encoder = coders.encoder(
      (packet) => this.take(packet),
      (text) => this.fail(text),
    );
  }

  /** Take the next samples. */
  push(pcm: Int16Array): void {
    const late = PRE_SKIP - this.coders.preSkip;
    if (this.fed > 0 || late === 0) this.feed(pcm);
    else if (late > 0) {
      // The wire's delay is larger than this encoder's.
      this.feed(new Int16Array(late));
      this.feed(pcm);
    } else this.feed(pcm.subarray(-late));
  }

  /** Send what the encoder still holds, filled up with silence; then call `done`. */
  finish(done: () => void): void {
    if (this.closed) return done();
    this.finished = done;
    const rest = (this.fed + PRE_SKIP) % OPUS_FRAME;
    this.feed(new Int16Array(((OPUS_FRAME - rest) % OPUS_FRAME) + PRE_SKIP));
    this.end();
  }

  /** Discard what was not sent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.encoder.close();
  }

  private feed(pcm: Int16Array): void {
    this.fed += pcm.length;
    if (!this.closed) this.encoder.encode(pcm);
  }

  private take(packet: Uint8Array): void {
    if (this.closed) return;
    const sample = Math.max(0, this.made * OPUS_FRAME - PRE_SKIP);
    const frame = new ArrayBuffer(HEADER_BYTES + packet.length);
    writeHeader(frame, { kind: OPUS, flags: 0, stream: this.stream, seq: this.made, sample });
    new Uint8Array(frame, HEADER_BYTES).set(packet);
    this.made++;
    this.send(frame, sample);
    this.end();
  }

  private end(): void {
    const { finished } = this;
    if (!finished || this.made * OPUS_FRAME < this.fed) return;
    this.finished = null;
    this.close();
    finished();
  }

  private fail(text: string): void {
    if (this.closed) return;
    this.close();
    if (this.finished) this.finished();
    else this.failed(text);
  }
}
