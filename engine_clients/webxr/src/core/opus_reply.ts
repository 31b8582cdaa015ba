/** The sound of one reply in Opus: packets in, PCM16 frames out. */

import { HEADER_BYTES, type Media, PCM16, writeHeader } from "./media";
import { type OpusCoders, type OpusDecoder, PRE_SKIP, usedSamples } from "./opus";

/** Decodes one reply. Each packet is decoded once, in order. */
export class OpusReply {
  private readonly decoder: OpusDecoder;
  private next = 0; // where the next packet begins
  private readonly decoding: Media[] = [];
  private waiting: (() => void)[] = [];
  private closed = false;

  constructor(
    coders: OpusCoders,
    private readonly decoded: (sample: number, frame: ArrayBuffer) => void,
    private readonly failed: (text: string) => void,
  ) {
    this.decoder = coders.decoder(
      (pcm) => this.take(pcm),
      (text) => this.fail(text),
    );
  }

  /** Take a media frame; a repetition is left out. */
  feed(media: Media): void {
    if (this.closed || media.payload.length === 0 || media.sample < this.next) return;
    this.next = media.sample + usedSamples(media.kind, media.sample, media.payload);
    this.decoding.push(media);
    this.decoder.decode(media.payload);
  }

  /** Call `act` when all that came is decoded. */
  whenDecoded(act: () => void): void {
    if (this.decoding.length === 0) act();
    else this.waiting.push(act);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.decoder.close();
  }

  private take(pcm: Int16Array): void {
    const media = this.decoding.shift();
    if (this.closed || !media) return;
    const { stream, seq, sample, flags } = media;
    const sound = sample === 0 ? pcm.subarray(PRE_SKIP) : pcm;
    const frame = new ArrayBuffer(HEADER_BYTES + 2 * sound.length);
    writeHeader(frame, { kind: PCM16, flags, stream, seq, sample });
    new Int16Array(frame, HEADER_BYTES).set(sound);
    this.decoded(sample, frame);
    this.goOn();
  }

  private goOn(): void {
    if (this.decoding.length > 0) return;
    const { waiting } = this;
    this.waiting = [];
    for (const act of waiting) act();
  }

  private fail(text: string): void {
    if (this.closed) return;
    this.close();
    this.decoding.length = 0;
    this.failed(text);
    this.goOn();
  }
}
