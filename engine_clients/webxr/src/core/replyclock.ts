/** One reply's clock, placed on the audio context's clock by the worklet's reports. */

import type { PlayStatus } from "./playout";

/** Converts times to samples and back. Times are seconds on one clock, at the loudspeaker. */
export class ReplyClock {
  private anchors: PlayStatus[] = [];
  private highest = 0;
  /** Samples that have arrived; none beyond them can have left. */
  received = Number.POSITIVE_INFINITY;

  constructor(
    readonly reply: number,
    readonly rateHz: number,
  ) {}

  /** Take a report; reports come in order. */
  push(status: PlayStatus): void {
    if (status.reply === this.reply) this.anchors.push(status);
  }

  /** Whether the first sample has left by `at`. */
  startedBy(at: number): boolean {
    const first = this.anchors.find((anchor) => anchor.running || anchor.sample > 0);
    return this.highest > 0 || (first !== undefined && at >= first.at);
  }

  /** Samples that have left by `at`; never decreases. */
  sampleAt(at: number): number {
    this.highest = Math.max(this.highest, Math.floor(this.place(at, false)));
    return this.highest;
  }

  /** The same for the mouth: with fractions, and continuing after the sound's end. */
  mouthAt(at: number): number {
    return this.place(at, true);
  }

  /** The report of its end, if it has ended by `at`. */
  endBy(at: number): PlayStatus | null {
    const last = this.anchors.at(-1);
    return last?.done && at >= last.at ? last : null;
  }

  /** When `sample` leaves, as far as is known; null if that cannot be told yet. */
  timeOf(sample: number): number | null {
    for (let i = this.anchors.length - 1; i >= 0; i--) {
      const anchor = this.anchors[i] as PlayStatus;
      if (anchor.sample >= sample && i > 0) continue;
      if (anchor.sample >= sample) return anchor.at;
      return anchor.running ? anchor.at + (sample - anchor.sample) / this.rateHz : null;
    }
    return null;
  }

  /** The newest report. */
  get latest(): PlayStatus | null {
    return this.anchors.at(-1) ?? null;
  }

  private place(at: number, beyond: boolean): number {
    this.prune(at);
    const anchor = this.anchors[0];
    if (!anchor || at < anchor.at)
      return anchor && anchor.at - at < 0.5 ? this.before(anchor, at) : 0;
    const passed = (at - anchor.at) * this.rateHz;
    if (anchor.done) return anchor.sample + (beyond ? passed : 0);
    if (!anchor.running) return anchor.sample;
    const limit = this.anchors[1]?.sample ?? this.received;
    return Math.min(anchor.sample + passed, limit);
  }

  /** Just before the first report the clock has not started, but the mouth may already open. */
  private before(anchor: PlayStatus, at: number): number {
    return anchor.sample > 0 ? this.highest : (at - anchor.at) * this.rateHz;
  }

  private prune(at: number): void {
    while (this.anchors.length > 1 && (this.anchors[1] as PlayStatus).at <= at)
      this.anchors.shift();
  }
}
