/** Coders for tests: results come when the test says so. A packet carries its number. */

import type { OpusCoders, OpusDecoder, OpusEncoder } from "../src/core/opus";
import { OPUS_FRAME, PRE_SKIP } from "../src/core/opus";

const TOC = 31 << 3; // one frame of 20 ms

/** Encoders and decoders whose results wait until `work`. */
export class FakeCoders implements OpusCoders {
  readonly fed: number[] = []; // samples of each `encode`
  failing = false;
  private jobs: (() => void)[] = [];

  constructor(readonly preSkip = PRE_SKIP) {}

  /** Let the other thread finish everything. */
  work(): void {
    while (this.jobs.length > 0) this.jobs.shift()?.();
  }

  encoder(onPacket: (packet: Uint8Array) => void, onError: (text: string) => void): OpusEncoder {
    let buffered = 0;
    let number = 0;
    return {
      encode: (pcm) => {
        this.fed.push(pcm.length);
        buffered += pcm.length;
        if (this.failing) this.jobs.push(() => onError("broken"));
        for (; buffered >= OPUS_FRAME; buffered -= OPUS_FRAME) {
          const packet = Uint8Array.of(TOC, number++);
          if (!this.failing) this.jobs.push(() => onPacket(packet));
        }
      },
      close: () => undefined,
    };
  }

  decoder(onSound: (pcm: Int16Array) => void, onError: (text: string) => void): OpusDecoder {
    return {
      decode: (packet) => {
        const sound = new Int16Array(OPUS_FRAME).fill(packet[1] ?? 0);
        this.jobs.push(() => (this.failing ? onError("broken") : onSound(sound)));
      },
      close: () => undefined,
    };
  }
}
